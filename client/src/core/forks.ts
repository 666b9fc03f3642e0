/**
 * What this device does about logs that forked (rules FK6 to FK9): folds end them there, what this
 * device itself wrote behind a fork is said again, and a person is told, once for each device.
 */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import { traceFault } from './fault.ts'
import type { Trace } from './ports/platform.ts'
import type { Store } from './ports/store.ts'
import type { CutKeeper } from './repo/cuts.ts'
import type { Repository } from './repo/repository.ts'
import { createRepublishing, type Republishing } from './repo/republishing.ts'
import type { Transcripts } from './sessions/transcripts.ts'

export interface ForkCarePorts {
  readonly repository: Repository
  readonly cuts: CutKeeper
  readonly store: Store
  readonly primitives: Primitives
  readonly transcripts: Transcripts
  readonly trace: Trace
  /** `device` was found to have run twice from one copy; told once for each. */
  told(device: DeviceId): void
}

export interface ForkCare {
  readonly republishing: Republishing
  /** Devices that signed two histories of a log, as far as this device knows. */
  devices(): ReadonlySet<DeviceId>
  /**
   * Says again one entry beyond the cut of its log, of a record also those before it in its file.
   * Throws `not-found` when nothing hidden is held there.
   */
  adopt(log: LogId, seq: number): Promise<void>
  /** Says again all of a session that is beyond a cut and was not; how many entries that were. */
  adoptAll(session: SessionId): Promise<number>
  /** Resolves when all that can be said again now was. */
  settled(): Promise<void>
  close(): void
}

export function createForkCare(ports: ForkCarePorts): ForkCare {
  const { repository, cuts, store, primitives, transcripts } = ports
  const { sha256 } = primitives
  const republishing = createRepublishing({ repository, store, sha256, transcripts })
  const { forks, device: self } = repository
  const known = new Set<DeviceId>()
  /** Sessions in which something of this device is not said again. */
  const open = new Set<SessionId>()
  let running: Promise<void> = Promise.resolve()

  const cut = () => cuts.set('forked', (log) => forks.of(log)?.after.seq)

  function note(log: LogId): void {
    const { device, session } = splitLogId(log)
    if (device === self) open.add(session)
    known.add(device)
  }

  /** A disk that takes nothing: tried again when something was written. */
  function sayAgain(): void {
    running = running.then(async () => {
      for (const session of [...open]) {
        open.delete(session)
        try {
          await republishing.own(session)
        } catch (error) {
          open.add(session)
          traceFault(ports.trace, 'forks.failed', error)
          return
        }
      }
    })
  }

  for (const { log } of forks.all()) note(log)
  if (known.size > 0) cut()
  if (open.size > 0) sayAgain()

  const offFork = repository.onFork((log) => {
    const { device } = splitLogId(log)
    const isNews = !known.has(device)
    note(log)
    cut()
    if (isNews) ports.told(device)
    if (open.size > 0) sayAgain()
  })
  const offGrew = repository.onGrew(() => {
    if (open.size > 0) sayAgain()
  })

  return {
    republishing,
    devices: () => known,
    async adopt(log, seq) {
      const cut = cuts.now()(log)
      const found = cut && seq > cut.seq && (await republishing.one(log, seq, cut.seq))
      if (!found) {
        throw new BatonError('not-found', 'failed to take it over: nothing hidden stands there')
      }
    },
    async adoptAll(session) {
      let count = 0
      for (const { log, seq } of repository.heads(session)) {
        const cut = cuts.now()(log)
        if (cut && seq > cut.seq) count += await republishing.all(log, cut.seq)
      }
      return count
    },
    settled: () => running,
    close() {
      offFork()
      offGrew()
    },
  }
}
