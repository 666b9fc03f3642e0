/** Who watches which document (rule DC5): told of every change, whatever it is, until it stops. */
import type { SessionId } from '@baton/shared/ids'
import type { AheadDesk } from '../ahead/desk.ts'
import type { Presence } from '../presence.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import type { Repository } from '../repo/repository.ts'

export interface WatchingPorts {
  readonly repository: Pick<Repository, 'onGrew'>
  readonly cuts: Pick<CutKeeper, 'onChange'>
  readonly ahead: Pick<AheadDesk, 'onChange'>
  readonly presence: Pick<Presence, 'begin'>
}

export type Watch = (session: SessionId, run: () => void) => () => void

export function createWatching({ repository, cuts, ahead, presence }: WatchingPorts): Watch {
  const watchers = new Map<SessionId, Set<() => void>>()
  const tell = (session: SessionId) => {
    for (const watcher of [...(watchers.get(session) ?? [])]) watcher()
  }
  repository.onGrew(tell)
  ahead.onChange(tell)
  cuts.onChange(() => {
    for (const session of [...watchers.keys()]) tell(session)
  })
  return (session, run) => {
    // An object of its own each time: one handler may watch twice.
    const watcher = () => run()
    const left = presence.begin(session, 'watching')
    const those = watchers.get(session) ?? new Set()
    watchers.set(session, those.add(watcher))
    return () => {
      left()
      those.delete(watcher)
      if (those.size === 0 && watchers.get(session) === those) watchers.delete(session)
    }
  }
}
