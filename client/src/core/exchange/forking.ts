/**
 * Forks as one peer shows or tells them (rules FK2, FK3): what it gives of a log that is not what is
 * held is compared, from the beginning of the log on, with what is. Nothing of it is stored, and
 * nothing is done for a log that is as it should be.
 */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { maxGaps } from '@baton/shared/limits'
import type { Delta } from '@baton/shared/log/delta'
import { decodeFork, type ForkProof } from '@baton/shared/log/fork'
import type { SyncForm } from '@baton/shared/protocol/sync-messages'
import type { Comparing } from '../repo/forks.ts'
import type { Repository } from '../repo/repository.ts'

export interface ForkingPorts {
  readonly repository: Repository
  knows(device: DeviceId, session: SessionId): boolean
  accepts(session: SessionId, author: DeviceId): boolean
  suspect(log: LogId): void
  /** It is no other history, only wrong. */
  refuse(log: LogId): void
}

export interface Forking {
  takeFork(form: SyncForm<'fork'>): Promise<void>
  /** Resolves when what the peer told is taken; undefined when nothing is being taken. */
  forksTaken(): Promise<unknown> | undefined
  /** True while a proof of this log that the peer told is being taken. */
  isTold(log: LogId): boolean
  /** What comes of the log from here on is looked at, from its beginning on. */
  compare(log: LogId): void
}

export function createForking({ repository, ...ports }: ForkingPorts): Forking & {
  /** What came of it is not what is held. Throws `link-limit`. */
  suspect(log: LogId): void
  isCompared(log: LogId): boolean
  /** True when the run told what there is to tell of the log. */
  look(delta: Delta): Promise<boolean>
} {
  const comparing = new Map<LogId, Comparing>()
  const seen = new Set<LogId>()
  const told = new Set<LogId>()
  let taking: Promise<unknown> | undefined

  async function take(proof: ForkProof): Promise<void> {
    told.add(proof.log)
    try {
      await repository.forks.take(proof)
    } finally {
      told.delete(proof.log)
    }
  }

  return {
    forksTaken: () => taking,
    isTold: (log) => told.has(log),
    suspect(log) {
      if (seen.size >= maxGaps && !seen.has(log)) {
        throw new BatonError('link-limit', 'failed to take entries: too many logs differ')
      }
      seen.add(log)
      ports.suspect(log)
    },
    compare(log) {
      comparing.set(log, repository.forks.compare(log))
    },
    isCompared: (log) => comparing.size > 0 && comparing.has(log),
    async look(delta) {
      const { log } = delta
      const compare = comparing.get(log)
      const found = await compare?.take(delta)
      if (found === undefined || found === 'more' || comparing.get(log) !== compare) return false
      comparing.delete(log)
      if (found === 'refused') ports.refuse(log)
      if (typeof found === 'object') await repository.forks.take(found)
      return true
    },
    async takeFork([, bytes]) {
      const proof = decodeFork(bytes)
      const { session, device } = splitLogId(proof.log)
      if (!ports.knows(device, session) || !ports.accepts(session, device)) return
      const taken = take(proof)
      const all = Promise.allSettled([taking, taken]).then(() => {
        if (taking === all) taking = undefined
      })
      taking = all
      await taken
    },
  }
}
