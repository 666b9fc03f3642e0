/**
 * Whether this device may add to a session's history now (rule LE10): only who holds it may, and
 * not while it is being handed over. Asked before a change is prepared and again when it is appended:
 * what is acknowledged must not turn out to stand behind the lease that gave the session away.
 */
import type { DocumentState } from '@baton/shared/conflict/document'
import { epochOf, holderOf } from '@baton/shared/conflict/leases'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { isHeld } from '@baton/shared/model/beginning'
import type { Appender, Build, Repository } from '../repo/repository.ts'

export interface Holder {
  /** The epoch to write under. Throws `not-holder` or `handing-over`. */
  epoch(session: SessionId, seen: DocumentState): number
  /**
   * Appends under the epoch that `seen` says; refuses without a trace when it is handed over meanwhile.
   */
  write(
    session: SessionId,
    seen: DocumentState,
    build: (to: Appender, epoch: number) => ReturnType<Build>,
  ): Promise<void>
  /** Nothing more is appended to the history until the returned function runs. */
  pause(session: SessionId): () => void
  isPaused(session: SessionId): boolean
}

export function createHolder(repository: Repository): Holder {
  const paused = new Map<SessionId, number>()
  /** How often a session was paused: what was begun before is not appended after. */
  const pauses = new Map<SessionId, number>()

  function epoch(session: SessionId, seen: DocumentState): number {
    checkHolds(repository.device, seen)
    if (paused.has(session)) throw handingOver()
    return epochOf(seen.holding)
  }

  return {
    epoch,
    async write(session, seen, build) {
      const under = epoch(session, seen)
      const before = pauses.get(session)
      let refused = false
      await repository.write(session, (to) => {
        refused = pauses.get(session) !== before
        return refused ? [] : build(to, under)
      })
      if (refused) throw handingOver()
    },
    pause(session) {
      paused.set(session, (paused.get(session) ?? 0) + 1)
      pauses.set(session, (pauses.get(session) ?? 0) + 1)
      let open = true
      return () => {
        if (!open) return
        open = false
        const left = (paused.get(session) ?? 1) - 1
        if (left > 0) paused.set(session, left)
        else paused.delete(session)
      }
    },
    isPaused: (session) => paused.has(session),
  }
}

/** Throws `not-holder`. */
function checkHolds(device: DeviceId, seen: DocumentState): void {
  if (seen.author === undefined || !isHeld(seen.descriptor)) return
  if (holderOf(seen.holding) === device) return
  if (seen.holding.passing) {
    throw new BatonError('handing-over', 'failed to write: the session is on its way', {
      hint: 'the device it goes to has not taken it yet; baton take brings it back',
    })
  }
  throw new BatonError('not-holder', 'failed to write: another device holds the session', {
    hint: 'baton say puts it into the inbox of that device; baton take brings the session here',
  })
}

const handingOver = () =>
  new BatonError('handing-over', 'failed to write: the session is being handed over', {
    hint: 'it goes on at the other device; cancel it with baton handoffs --cancel',
  })
