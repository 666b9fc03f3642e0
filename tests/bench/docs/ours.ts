/** How we keep a document of messages: in the store of Node, sealed or not, or in memory. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Document } from '@baton/client/core/mesh-api'
import type { Store } from '@baton/client/core/ports/store'
import { under } from '@baton/client/core/repo/keys'
import { createSealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import { history } from '@baton/shared/conflict/conflicts'
import { parseSessionId } from '@baton/shared/ids'
import { type Change, heldOf } from '@baton/shared/model/changes'
import { openDevice, primitivesFor } from './device.ts'
import type { Keeper } from './keeper.ts'
import { type Message, messages, screenful } from './messages.ts'

export interface Ours {
  readonly store: 'sealed' | 'plain' | 'memory'
  readonly verify: boolean
  /** Messages in one commit: 64 fill a signed run, as after an import; 1: as a person talks. */
  readonly together: number
  /** The fold is read as the last process left it; else every entry is read, hashed and folded. */
  readonly folded: boolean
}

const sealing = () => createSealing(new Uint8Array(32).fill(7))
export const openOurStore = (folder: string, sealed: boolean) =>
  openNodeStore(join(folder, 'store'), sealed ? async () => sealing() : undefined)

/** The changes that add messages, each behind the one before. */
export function* changesOf(list: Iterable<Message>, after?: string): Generator<Change> {
  let parent = after
  for (const { id, role, text } of list) {
    yield { kind: 'message', id, parent, consumes: undefined, held: heldOf({ role, text }) }
    parent = id
  }
}

export function* batches<T>(from: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = []
  for (const each of from) {
    batch.push(each)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Rows of a memory store as a file, for loads without a disk. */
const rowsFile = (folder: string) => join(folder, 'rows.json')

export const ourKeeper = ({ store, verify, together, folded }: Ours): Keeper => ({
  async build(folder, count) {
    // Made in memory: a disk would be asked to flush for every commit.
    const memory = createMemoryStore()
    const { documents } = await openDevice({
      store: memory,
      primitives: await primitivesFor(verify),
    })
    const document = await documents.create('agent', { title: 'bench' })
    for (const batch of batches(changesOf(messages(count)), together)) await document.change(batch)
    await documents.close()
    writeFileSync(join(folder, 'session'), document.session)
    if (store === 'memory') {
      const rows = memory
        .rows()
        .map((row) => row.map((part) => Buffer.from(part).toString('base64')))
      writeFileSync(rowsFile(folder), JSON.stringify(rows))
    } else await copyRows(memory, await openOurStore(folder, store === 'sealed'))
  },
  async open(folder) {
    const primitives = await primitivesFor(verify)
    const session = parseSessionId(readFileSync(join(folder, 'session'), 'utf8'))
    const memory = store === 'memory' ? await readRows(folder) : undefined
    if (!folded && !memory) {
      const opened = await openOurStore(folder, store === 'sealed')
      await dropFolds(opened)
      await opened.close()
    } else if (!folded && memory) await dropFolds(memory)
    let document: Document | undefined
    return {
      async load() {
        const opened = memory ?? (await openOurStore(folder, store === 'sealed'))
        const { documents } = await openDevice({ store: opened, primitives })
        const ids = history(await documents.state(session)).map(({ id }) => id)
        document = await documents.open(session)
        const screen = await document.history({ last: screenful })
        return { ids, screen: screen.map(({ value }) => (value as { text: string }).text) }
      },
      async append({ id, role, text }) {
        await document?.say({ role, text }, { id })
      },
    }
  },
})

/** As if no process had ever read the document here. */
async function dropFolds(store: Store): Promise<void> {
  const rows: { delete: Uint8Array }[] = []
  for (const name of ['f', 'F']) {
    for await (const [key] of store.list(under(name))) rows.push({ delete: key })
  }
  await store.write(rows)
  await store.flush()
}

async function copyRows(
  from: { rows(): readonly (readonly [Uint8Array, Uint8Array])[] },
  to: Store,
) {
  const rows = from.rows()
  for (let at = 0; at < rows.length; at += 1000) {
    await to.write(rows.slice(at, at + 1000).map(([put, value]) => ({ put, value })))
  }
  await to.flush()
  await to.close()
}

async function readRows(folder: string): Promise<Store> {
  const rows = JSON.parse(readFileSync(rowsFile(folder), 'utf8')) as [string, string][]
  const plain = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
  return createMemoryStore(rows.map(([key, value]) => [plain(key), plain(value)] as const))
}
