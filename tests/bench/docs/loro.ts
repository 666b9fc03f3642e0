/**
 * Loro in its fastest form for a list that only grows: a list of plain objects (as JSON text they load
 * slower). Saved as a snapshot, which its documentation says to load from, or as updates, which load
 * faster here.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { LoroDoc, VersionVector } from 'loro-crdt'
import { type Keeper, openTail, savedFile, usable } from './keeper.ts'
import { type Message, messages } from './messages.ts'
import type { Meet, Replica } from './replica.ts'
import { speak, typed } from './wire.ts'

const listOf = (doc: LoroDoc) => doc.getList('list').toArray() as unknown as Message[]

export const loroKeeper = (mode: 'snapshot' | 'update'): Keeper => ({
  async build(folder, count) {
    const doc = new LoroDoc()
    const list = doc.getList('list')
    for (const message of messages(count)) {
      list.push(message)
      doc.commit()
    }
    writeFileSync(savedFile(folder), doc.export({ mode }))
  },
  async open(folder) {
    const keep = openTail(folder)
    const doc = new LoroDoc()
    return {
      async load() {
        doc.import(readFileSync(savedFile(folder)))
        return usable(listOf(doc))
      },
      async append(message) {
        const from = doc.oplogVersion()
        doc.getList('list').push(message)
        doc.commit()
        keep(doc.export({ mode: 'update', from }))
      },
    }
  },
})

/** Each sends its version and gets the updates that it lacks. */
export const loroMeet: Meet = async ({ count, both, folder }) => {
  const saved = count > 0 ? readFileSync(savedFile(folder)) : undefined
  const [here, there] = [new LoroDoc(), new LoroDoc()]
  if (saved) here.import(saved)
  if (saved && both) there.import(saved)
  return {
    here: loroReplica(here),
    there: loroReplica(there),
    same: () => here.oplogVersion().compare(there.oplogVersion()) === 0,
  }
}

const loroReplica = (doc: LoroDoc): Replica => ({
  async say(messages) {
    const list = doc.getList('list')
    for (const message of messages) {
      list.push(message)
      doc.commit()
    }
  },
  async set(writes) {
    const map = doc.getMap('fields')
    for (const [field, value] of writes) {
      map.set(field, value)
      doc.commit()
    }
  },
  ids: async () => usable(listOf(doc)).ids,
  fields: async () => doc.getMap('fields').toJSON(),
  async join(channel) {
    const [version, updates] = [0, 1]
    const send = speak(channel, (message) => {
      const body = message.subarray(1)
      if (message[0] === updates) doc.import(body)
      else send(typed(updates, doc.export({ mode: 'update', from: VersionVector.decode(body) })))
    })
    send(typed(version, doc.oplogVersion().encode()))
  },
})
