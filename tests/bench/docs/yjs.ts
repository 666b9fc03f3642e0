/**
 * Yjs in its fastest form for a list that only grows: a Y.Array of plain objects. A Y.Map a message
 * took three times as long to load.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import * as yjs from 'yjs'
import { type Keeper, openTail, savedFile, usable } from './keeper.ts'
import { type Message, messages } from './messages.ts'
import type { Meet, Replica } from './replica.ts'
import { speak, typed } from './wire.ts'

export const yjsKeeper: Keeper = {
  async build(folder, count) {
    const doc = new yjs.Doc()
    const list = doc.getArray<Message>('list')
    // In one change: after each one all of the list is copied, and what is saved is the same, byte
    // for byte.
    list.push([...messages(count)])
    writeFileSync(savedFile(folder), yjs.encodeStateAsUpdate(doc))
  },
  async open(folder) {
    const keep = openTail(folder)
    const doc = new yjs.Doc()
    const list = doc.getArray<Message>('list')
    return {
      async load() {
        yjs.applyUpdate(doc, readFileSync(savedFile(folder)))
        doc.on('update', keep)
        return usable(list.toArray())
      },
      append: async (message) => list.push([message]),
    }
  },
}

/** As y-protocols has it: each sends its state vector and gets the update that it lacks. */
export const yjsMeet: Meet = async ({ count, both, folder }) => {
  const saved = count > 0 ? readFileSync(savedFile(folder)) : undefined
  const [here, there] = [new yjs.Doc(), new yjs.Doc()]
  if (saved) yjs.applyUpdate(here, saved)
  if (saved && both) yjs.applyUpdate(there, saved)
  const vector = (doc: yjs.Doc) =>
    JSON.stringify([...yjs.decodeStateVector(yjs.encodeStateVector(doc))].sort())
  return {
    here: yjsReplica(here),
    there: yjsReplica(there),
    same: () => vector(here) === vector(there),
  }
}

const yjsReplica = (doc: yjs.Doc): Replica => ({
  async say(list) {
    const array = doc.getArray<Message>('list')
    for (const message of list) array.push([message])
  },
  async set(writes) {
    const map = doc.getMap<number>('fields')
    for (const [field, value] of writes) map.set(field, value)
  },
  ids: async () => usable(doc.getArray<Message>('list').toArray()).ids,
  fields: async () => doc.getMap<number>('fields').toJSON(),
  async join(channel) {
    const [vector, update] = [0, 1]
    const send = speak(channel, (message) => {
      const body = message.subarray(1)
      if (message[0] === update) yjs.applyUpdate(doc, body)
      else send(typed(update, yjs.encodeStateAsUpdate(doc, body)))
    })
    send(typed(vector, yjs.encodeStateVector(doc)))
  },
})
