/** Contenders by name; a process loads the code of its own alone. */
import type { Keeper } from './keeper.ts'
import type { Ours } from './ours.ts'

const ours =
  (differing: Partial<Ours> = {}) =>
  async () =>
    (await import('./ours.ts')).ourKeeper({
      store: 'sealed',
      verify: true,
      together: 64,
      folded: true,
      ...differing,
    })

const loro = (mode: 'snapshot' | 'update') => async () =>
  (await import('./loro.ts')).loroKeeper(mode)

/** `ours`: the real store, sealed, verified, with its fold as the last process left it; each other one differs from it as its name says. */
export const keepers: Readonly<Record<string, () => Promise<Keeper>>> = {
  ours: ours(),
  'ours, folded anew': ours({ folded: false }),
  'ours, folded anew, not verified': ours({ folded: false, verify: false }),
  'ours, not verified': ours({ verify: false }),
  'ours, not sealed': ours({ store: 'plain' }),
  'ours, in memory': ours({ store: 'memory' }),
  'ours, in memory, not verified': ours({ store: 'memory', verify: false }),
  'ours, a commit a message': ours({ together: 1 }),
  automerge: async () => (await import('./automerge.ts')).automergeKeeper,
  yjs: async () => (await import('./yjs.ts')).yjsKeeper,
  'loro snapshot': loro('snapshot'),
  'loro updates': loro('update'),
}

export function keeperOf(who: string): Promise<Keeper> {
  const keeper = keepers[who]
  if (!keeper) throw new Error(`no contender ${who}`)
  return keeper()
}
