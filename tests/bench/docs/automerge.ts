/**
 * automerge in its fastest form for a list that only grows: one ImmutableString a message, its JSON.
 * A map a message took six times as long to load and four times as long to write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as automerge from '@automerge/automerge'
import { type Keeper, usable } from './keeper.ts'
import { messages } from './messages.ts'

type Doc = { list: automerge.ImmutableString[] }

export const automergeKeeper: Keeper = {
  async build(folder, count) {
    const doc = automerge.from<Doc>({ list: [] })
    // Below its own `change`, which copies the list for each message; what is saved is the same.
    const handle = automerge.getBackend(doc)
    const list = automerge.getObjectId(doc.list) as string
    for (const message of messages(count)) {
      handle.push(list, JSON.stringify(message), 'str')
      handle.commit()
    }
    writeFileSync(join(folder, 'saved'), handle.save())
  },
  open: async (folder) => async () => {
    const { list } = automerge.load<Doc>(readFileSync(join(folder, 'saved')))
    return usable(list.map(({ val }) => JSON.parse(val)))
  },
}
