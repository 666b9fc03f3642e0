/**
 * Yjs in its fastest form for a list that only grows: a Y.Array of plain objects. A Y.Map a message
 * took three times as long to load.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as yjs from 'yjs'
import { type Keeper, usable } from './keeper.ts'
import { type Message, messages } from './messages.ts'

export const yjsKeeper: Keeper = {
  async build(folder, count) {
    const doc = new yjs.Doc()
    const list = doc.getArray<Message>('list')
    for (const message of messages(count)) list.push([message])
    writeFileSync(join(folder, 'saved'), yjs.encodeStateAsUpdate(doc))
  },
  open: async (folder) => async () => {
    const doc = new yjs.Doc()
    yjs.applyUpdate(doc, readFileSync(join(folder, 'saved')))
    return usable(doc.getArray<Message>('list').toArray())
  },
}
