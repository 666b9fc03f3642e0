/**
 * Walks over rows that keep the state of their first step (rules ST1, ST3, ST4): each is read in
 * pieces, and a writer leaves every open walk the rows it is about to change, as they were.
 */
import { type Bytes, compareBytes } from '@baton/shared/bytes'
import { isEmptyRange } from '../core/memory/batch.ts'
import type { Range } from '../core/ports/store.ts'
import { type Database, databaseError } from './database.ts'
import { owned } from './owned.ts'
import type { Sealing } from './sealing.ts'
import { slice } from './slices.ts'

type Row = readonly [key: Bytes, value: Bytes]
type Stored = Uint8Array<ArrayBuffer>

export interface Walks {
  /** `check` throws when nothing may be read any more. */
  walk(range: Range, check: () => void): AsyncIterable<Row>
  /**
   * To be called in the turn in which a transaction that changes `keys` begins, with how it reads one:
   * before it writes. Resolves once every open walk has what it needs.
   */
  leave(keys: readonly Bytes[], read: (key: Bytes) => Promise<Stored | undefined>): Promise<void>
}

interface Walk {
  readonly range: Range
  /** Rows as they were when the walk began, where a writer changed them since. */
  readonly before: Map<string, { readonly key: Bytes; readonly sealed: Stored | undefined }>
}

/** What a piece may hold: its rows grow while they are small. */
const pieceBytes = 1024 * 1024
const fewRows = 16
const manyRows = 1024

export function createWalks(database: Database, sealing: Sealing): Walks {
  const open = new Set<Walk>()

  async function* walk(range: Range, check: () => void): AsyncGenerator<Row> {
    check()
    if (isEmptyRange(range)) return
    const self: Walk = { range, before: new Map() }
    open.add(self)
    try {
      let left = range.limit ?? Number.POSITIVE_INFINITY
      let rest: Rest = { from: range.from, to: range.to, after: false }
      let rows = Math.min(left, fewRows)
      for (;;) {
        const found = await readPiece(database, rest, rows, range.reverse === true).catch(
          (cause) => {
            check()
            throw databaseError('read', cause)
          },
        )
        check()
        const last = found.length < rows ? undefined : found.at(-1)?.[0]
        const piece = asBefore(self, found, rest, last)
        const opened = await Promise.all(
          piece.map(async ([key, sealed]): Promise<Row> => [key, await sealing.open(key, sealed)]),
        )
        for (const row of opened) {
          await slice()
          check()
          if (left-- <= 0) return
          yield row
        }
        check()
        if (last === undefined || left <= 0) return
        rest = range.reverse ? { ...rest, to: last } : { ...rest, from: last, after: true }
        const bytes = found.reduce((sum, [, value]) => sum + value.length, 0)
        rows = bytes > pieceBytes ? Math.max(fewRows, rows >> 1) : Math.min(manyRows, rows * 2)
      }
    } finally {
      open.delete(self)
    }
  }

  return {
    walk,
    async leave(keys, read) {
      const asked: Promise<void>[] = []
      for (const self of open) {
        for (const key of keys) {
          if (!within(key, self.range)) continue
          const name = String(key)
          if (self.before.has(name)) continue
          asked.push(
            read(key).then((sealed) => {
              if (!self.before.has(name)) self.before.set(name, { key, sealed })
            }),
          )
        }
      }
      await Promise.all(asked)
    },
  }
}

/** What a walk has still to read; `after` leaves `from` itself out. */
interface Rest {
  readonly from: Bytes
  readonly to: Bytes
  readonly after: boolean
}

const within = (key: Bytes, { from, to }: Pick<Range, 'from' | 'to'>): boolean =>
  compareBytes(key, from) >= 0 && compareBytes(key, to) < 0

type Found = (readonly [key: Bytes, sealed: Stored])[]

async function readPiece(
  database: Database,
  { from, to, after }: Rest,
  rows: number,
  reverse: boolean,
): Promise<Found> {
  const order = compareBytes(from, to)
  if (order > 0 || order === 0) return []
  const bounds = IDBKeyRange.bound(owned(from), owned(to), after, true)
  const { store } = database.transaction('rows', 'readonly')
  if (!reverse) {
    const [keys, values] = await Promise.all([
      store.getAllKeys(bounds, rows),
      store.getAll(bounds, rows),
    ])
    return keys.map((key, i) => [bytesOf(key), values[i] as Stored])
  }
  const found: Found = []
  let cursor = await store.openCursor(bounds, 'prev')
  while (cursor) {
    found.push([bytesOf(cursor.key), cursor.value])
    if (found.length >= rows) break
    cursor = await cursor.continue()
  }
  return found
}

/** A binary key comes back as a buffer, whatever it was given as. */
const bytesOf = (key: ArrayBuffer | Uint8Array): Bytes => new Uint8Array(key as ArrayBuffer)

/** The piece as it was when the walk began; what lies beyond `last` comes with a later one. */
function asBefore(self: Walk, found: Found, rest: Rest, last: Bytes | undefined): Found {
  if (self.before.size === 0) return found
  const reverse = self.range.reverse === true
  const passes = (key: Bytes) =>
    within(key, rest) &&
    !(rest.after && compareBytes(key, rest.from) === 0) &&
    (last === undefined || (reverse ? compareBytes(key, last) >= 0 : compareBytes(key, last) <= 0))
  const out = found.filter(([key]) => !self.before.has(String(key)))
  for (const { key, sealed } of self.before.values()) {
    if (sealed && passes(key)) out.push([key, sealed])
  }
  return out.sort(([a], [b]) => (reverse ? compareBytes(b, a) : compareBytes(a, b)))
}
