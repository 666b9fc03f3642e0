/** What a case can be asked to do. */

import { keepers } from './keepers.ts'
import { checkUsable, type Usable } from './messages.ts'
import type { Prepare } from './task.ts'

const keeperOf = (who: string) => {
  const keeper = keepers[who]
  if (!keeper) throw new Error(`no contender ${who}`)
  return keeper()
}

export const tasks: Readonly<Record<string, Prepare>> = {
  /** Writes the saved form that the others load. */
  save: async ({ who, count, folder }) => ({
    async run() {
      const { build } = await keeperOf(who)
      await build(folder, count)
      return {}
    },
  }),
  /** From a closed file to every id in order and the last screen read. */
  async load({ who, count, folder }) {
    const load = await (await keeperOf(who)).open(folder)
    let loaded: Usable | undefined
    return {
      async run() {
        loaded = await load()
        return {}
      },
      check: () => checkUsable(loaded as Usable, count),
    }
  },
}
