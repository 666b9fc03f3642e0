/**
 * automerge in its fastest form for a list that only grows: one ImmutableString a message, its JSON.
 * A map a message took six times as long to load and four times as long to write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import * as automerge from '@automerge/automerge'
import type { Channel } from '@baton/client/core/ports/channel'
import { type Keeper, openTail, savedFile, usable } from './keeper.ts'
import { type Message, messages } from './messages.ts'
import type { Meet, Replica } from './replica.ts'
import { createWire, speak } from './wire.ts'

type Doc = { list: automerge.ImmutableString[]; fields: Record<string, number> }

const messageOf = ({ val }: automerge.ImmutableString) => JSON.parse(val) as Message
const saying = (doc: automerge.Doc<Doc>, message: Message) =>
  automerge.change(doc, ({ list }) => {
    list.push(new automerge.ImmutableString(JSON.stringify(message)))
  })

export const automergeKeeper: Keeper = {
  async build(folder, count) {
    const doc = automerge.from<Doc>({ list: [], fields: {} })
    // Below its own `change`, which copies the list for each message; what is saved is the same.
    const handle = automerge.getBackend(doc)
    const list = automerge.getObjectId(doc.list) as string
    for (const message of messages(count)) {
      handle.push(list, JSON.stringify(message), 'str')
      handle.commit()
    }
    writeFileSync(savedFile(folder), handle.save())
  },
  async open(folder) {
    const keep = openTail(folder)
    let doc = automerge.init<Doc>()
    return {
      async load() {
        doc = automerge.load<Doc>(readFileSync(savedFile(folder)))
        return usable(doc.list.map(messageOf))
      },
      async append(message) {
        const before = automerge.getHeads(doc)
        doc = saying(doc, message)
        // `saveIncremental` gives the whole document the first time after a load.
        keep(automerge.saveSince(doc, before))
      },
    }
  },
}

/** Over the sync protocol; `remembers`: the state of the peer is kept from one channel to the next. */
export const automergeMeet =
  (remembers: boolean): Meet =>
  async ({ count, both, folder }) => {
    const empty = () => automerge.save(automerge.from<Doc>({ list: [], fields: {} }))
    const saved = count > 0 ? readFileSync(savedFile(folder)) : empty()
    const here = automergeReplica(automerge.load<Doc>(saved), remembers)
    const there = automergeReplica(
      both || count === 0 ? automerge.load<Doc>(saved) : automerge.init<Doc>(),
      remembers,
    )
    if (both && count > 0) await introduce(here, there)
    const heads = (replica: typeof here) => automerge.getHeads(replica.doc()).join()
    return { here, there, same: () => heads(here) === heads(there) }
  }

/** Each learns that the other holds the same. */
async function introduce(here: Replica, there: Replica): Promise<void> {
  const wire = createWire()
  await Promise.all([here.join(wire.here), there.join(wire.there)])
  await wire.flush(() => true)
}

function automergeReplica(begun: automerge.Doc<Doc>, remembers: boolean) {
  let doc = begun
  let known: automerge.SyncState | undefined
  return {
    doc: () => doc,
    async say(list: Iterable<Message>) {
      for (const message of list) doc = saying(doc, message)
    },
    async set(writes: Iterable<readonly [string, number]>) {
      for (const [field, value] of writes) {
        doc = automerge.change(doc, ({ fields }) => {
          fields[field] = value
        })
      }
    },
    ids: async () => usable((doc.list ?? []).map(messageOf)).ids,
    fields: async () => ({ ...doc.fields }),
    async join(channel: Channel) {
      // As automerge-repo does: what is kept of a peer goes through its encoded form.
      let state = known ?? automerge.initSyncState()
      const send = speak(channel, (message) => {
        ;[doc, state] = automerge.receiveSyncMessage(doc, state, message)
        reply()
      })
      const reply = () => {
        const [next, message] = automerge.generateSyncMessage(doc, state)
        state = next
        if (remembers) known = automerge.decodeSyncState(automerge.encodeSyncState(state))
        if (message) send(message)
      }
      reply()
    },
  }
}
