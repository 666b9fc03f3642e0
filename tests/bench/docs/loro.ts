/**
 * Loro in its fastest form for a list that only grows: a list of plain objects (as JSON text they load
 * slower). Saved as a snapshot, which its documentation says to load from, or as updates, which load
 * faster here.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LoroDoc } from 'loro-crdt'
import { type Keeper, usable } from './keeper.ts'
import { type Message, messages } from './messages.ts'

export const loroKeeper = (mode: 'snapshot' | 'update'): Keeper => ({
  async build(folder, count) {
    const doc = new LoroDoc()
    const list = doc.getList('list')
    for (const message of messages(count)) {
      list.push(message)
      doc.commit()
    }
    writeFileSync(join(folder, 'saved'), doc.export({ mode }))
  },
  open: async (folder) => async () => {
    const doc = new LoroDoc()
    doc.import(readFileSync(join(folder, 'saved')))
    return usable(doc.getList('list').toArray() as unknown as Message[])
  },
})
