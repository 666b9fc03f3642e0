/**
 * automerge-repo's storage over our Store port (rule AM1). A key is a path of texts; a small value
 * stands in its row, a large one is a blob that the row names. What is saved is on disk when it is
 * said to be.
 */
import type { StorageAdapterInterface } from '@automerge/automerge-repo'
import type { Range, Store, Write } from '@baton/client/core/ports/store'
import { createBlobs } from '@baton/client/core/repo/blobs'
import { blobKey, under } from '@baton/client/core/repo/keys'
import { type Bytes, concat, equalBytes, u64, utf8Decode, utf8Encode } from '@baton/shared/bytes'
import { maxInlineBytes } from '@baton/shared/limits'
import { nodePrimitives } from '../support/signer.ts'

type Path = string[]

/** A row: when its key was first saved, then the value or the name of its blob. */
interface Saved {
  readonly place: number
  readonly at: 'here' | 'blob'
  readonly rest: Bytes
}

const letter = Uint8Array.of(107)
/** Ends a segment; below every byte of one, so that paths sort as lists of texts do. */
const end = Uint8Array.of(0)

function keyOf(path: Path): Bytes {
  if (path.some((segment) => segment.includes('\0'))) throw new Error('a key with a NUL')
  return concat(letter, ...path.flatMap((segment) => [utf8Encode(segment), end]))
}

const pathOf = (key: Bytes): Path => utf8Decode(key.subarray(1, -1)).split('\0')

/** Of whole segments: `['a']` is not before `['ab']`. */
function below(path: Path): Range {
  const from = keyOf(path)
  const to = from.slice()
  to[to.length - 1] = (to[to.length - 1] as number) + 1
  return { from, to }
}

export interface StoreAdapter extends StorageAdapterInterface {
  /** Resolves when all that was given is saved; a repo that was shut down may still want more, in vain. */
  close(): Promise<void>
}

export async function openStorageAdapter(store: Store): Promise<StoreAdapter> {
  const blobs = createBlobs({
    store,
    createHasher: nodePrimitives.createHasher,
    completing: () => [],
    completed: () => {},
  })
  let places = 0
  for await (const row of store.list(below([]))) places = Math.max(places, read(row[1]).place + 1)
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  /** One change after the other: each looks at what is there before it writes. */
  function inTurn(run: () => Promise<void>): Promise<void> {
    if (closed) return Promise.resolve()
    const turn = last.then(run)
    last = turn.catch(() => undefined)
    return turn
  }

  const dataOf = ({ at, rest }: Saved) => (at === 'here' ? rest.slice() : blobs.whole(rest))

  /** The rows that go with a blob that no other key names. */
  async function dropBlob({ at, rest }: Saved, gone: ReadonlySet<string>): Promise<Write[]> {
    if (at === 'here') return []
    for await (const [key, value] of store.list(below([]))) {
      const other = read(value)
      if (gone.has(String(key)) || other.at === 'here') continue
      if (equalBytes(other.rest, rest)) return []
    }
    const writes: Write[] = [{ delete: blobKey(rest) }]
    for await (const [key] of store.list(under('b', rest))) writes.push({ delete: key })
    return writes
  }

  async function drop(rows: readonly (readonly [Bytes, Bytes])[]): Promise<void> {
    const gone = new Set(rows.map(([key]) => String(key)))
    const writes: Write[] = rows.map(([key]) => ({ delete: key }))
    for (const [, value] of rows) writes.push(...(await dropBlob(read(value), gone)))
    await store.write(writes)
    await store.flush()
  }

  async function rowsIn(range: Range): Promise<(readonly [Bytes, Bytes])[]> {
    const rows = []
    for await (const row of store.list(range)) rows.push(row)
    return rows
  }

  return {
    async load(path) {
      const row = await store.get(keyOf(path))
      return row && (await dataOf(read(row)))
    },
    save: (path, data) =>
      inTurn(async () => {
        const key = keyOf(path)
        const old = await store.get(key)
        const place = old ? read(old).place : places++
        const writes = old ? await dropBlob(read(old), new Set([String(key)])) : []
        if (data.length <= maxInlineBytes) {
          writes.push({ put: key, value: concat(u64(place), Uint8Array.of(0), data) })
        } else {
          const hash = nodePrimitives.sha256(data)
          writes.push(...blobs.rows(hash, data))
          writes.push({ put: key, value: concat(u64(place), Uint8Array.of(1), hash) })
        }
        await store.write(writes)
        await store.flush()
      }),
    remove: (path) =>
      inTurn(async () => {
        const row = await store.get(keyOf(path))
        if (row) await drop([[keyOf(path), row]])
      }),
    async loadRange(path) {
      const rows = await rowsIn(below(path))
      const saved = rows.map(([key, value]) => ({ key: pathOf(key), row: read(value) }))
      saved.sort((a, b) => a.row.place - b.row.place)
      return Promise.all(saved.map(async ({ key, row }) => ({ key, data: await dataOf(row) })))
    },
    removeRange: (path) => inTurn(async () => drop(await rowsIn(below(path)))),
    async close() {
      closed = true
      await last
    },
  }
}

function read(row: Bytes): Saved {
  const place = Number(new DataView(row.buffer, row.byteOffset).getBigUint64(0))
  return { place, at: row[8] === 0 ? 'here' : 'blob', rest: row.subarray(9) }
}
