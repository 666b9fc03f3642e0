/** Contenders of the rows without a disk, by name; a process loads the code of its own alone. */
import type { OurWay } from './our-replica.ts'
import type { Meet } from './replica.ts'

const ours =
  (differing: Partial<OurWay> = {}) =>
  async () =>
    (await import('./our-replica.ts')).ourMeet({
      store: 'memory',
      verify: true,
      deflate: true,
      each: true,
      ...differing,
    })

const automerge = (remembers: boolean) => async () =>
  (await import('./automerge.ts')).automergeMeet(remembers)

/** `ours`: in memory as the others are, verified; each other one differs from it as its name says. */
export const replicas: Readonly<Record<string, () => Promise<Meet>>> = {
  ours: ours(),
  'ours, not verified': ours({ verify: false }),
  'ours, not deflated': ours({ deflate: false }),
  'ours, on sealed disks': ours({ store: 'sealed' }),
  'ours, changes at once': ours({ each: false }),
  automerge: automerge(true),
  'automerge, state forgotten': automerge(false),
  yjs: async () => (await import('./yjs.ts')).yjsMeet,
  loro: async () => (await import('./loro.ts')).loroMeet,
}

export function meetOf(who: string): Promise<Meet> {
  const meet = replicas[who]
  if (!meet) throw new Error(`no contender ${who}`)
  return meet()
}
