/** What a case can be asked to do. */
import { appendTask } from './append-task.ts'
import { keeperOf } from './keepers.ts'
import { checkUsable, messages, type Usable } from './messages.ts'
import { meetOf } from './replicas.ts'
import type { Prepare } from './task.ts'
import { createWire } from './wire.ts'

const fieldCount = 500

export const tasks: Readonly<Record<string, Prepare>> = {
  /** Writes the saved form that the others load. */
  save: async ({ who, count, folder }) => ({
    async run() {
      const keeper = await keeperOf(who)
      await keeper.build(folder, count)
      return {}
    },
  }),

  /** From a closed file to every id in order and the last screen read. */
  async load({ who, count, folder }) {
    const keeper = await keeperOf(who)
    const { load } = await keeper.open(folder)
    let loaded: Usable | undefined
    return {
      async run() {
        loaded = await load()
        return {}
      },
      async after() {
        checkUsable(loaded as Usable, count)
        return {}
      },
    }
  },

  append: appendTask,

  /** Messages one after the other into an empty document. */
  async build({ who, count, folder }) {
    const meet = await meetOf(who)
    const { here } = await meet({ count: 0, both: false, folder })
    const list = [...messages(count)]
    return {
      async run() {
        await here.say(list)
        return {}
      },
      async after() {
        checkIds(await here.ids(), list)
        return {}
      },
    }
  },

  /** All of a document, or what is new in it, to another device, until its history can be read there. */
  async sync({ who, count, fresh, folder }) {
    const meet = await meetOf(who)
    const { here, there, same } = await meet({ count, both: fresh !== undefined, folder })
    const list = [...messages(fresh ?? 0, 2)]
    await here.say(list)
    const wire = createWire()
    let ids: readonly string[] = []
    return {
      async run() {
        await Promise.all([here.join(wire.here), there.join(wire.there)])
        await wire.flush(same)
        ids = await there.ids()
        return {}
      },
      async after() {
        checkIds(ids, [...messages(count), ...list])
        const { raw, deflated } = wire.bytes()
        return { bytes: raw, deflated, ways: wire.ways() }
      },
    }
  },

  /** Both write the same fields while they are parted; then they meet. */
  async merge({ who, count, folder }) {
    const meet = await meetOf(who)
    const { here, there, same } = await meet({ count: 0, both: true, folder })
    const wire = createWire()
    let writeMs = 0
    return {
      async run() {
        const begun = performance.now()
        await here.set(writes(count, 7))
        await there.set(writes(count, 11))
        writeMs = performance.now() - begun
        const met = performance.now()
        await Promise.all([here.join(wire.here), there.join(wire.there)])
        await wire.flush(same)
        await there.fields()
        return { firstMs: writeMs, ms: performance.now() - met }
      },
      async after() {
        const [ours, theirs] = [await here.fields(), await there.fields()]
        const differs = Object.keys(ours).some((field) => ours[field] !== theirs[field])
        if (differs || Object.keys(ours).length !== fieldCount) throw new Error('they differ')
        const { raw, deflated } = wire.bytes()
        return { bytes: raw, deflated, ways: wire.ways() }
      },
    }
  },
}

/** Every field is written again and again, in an order of its own for each step. */
function* writes(count: number, step: number): Generator<readonly [string, number]> {
  for (let n = 0; n < count; n++) yield [`field ${(n * step) % fieldCount}`, n * step]
}

function checkIds(ids: readonly string[], list: readonly { readonly id: string }[]): void {
  const same = ids.length === list.length && list.every(({ id }, n) => ids[n] === id)
  if (!same) throw new Error(`${ids.length} messages are not the ${list.length} that were written`)
}
