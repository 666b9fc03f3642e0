/**
 * The cuts that hold on this device (rule CU5; what they mean stands in shared/conflict/cuts): whoever
 * learns of some says so here, and folds are made anew.
 */
import { type Cut, type CutReason, type Cuts, nearest, noCuts } from '@baton/shared/conflict/cuts'
import {
  type DeviceId,
  incarnationBytes,
  joinLogId,
  type LogId,
  type SessionId,
} from '@baton/shared/ids'

export interface CutKeeper {
  /** As they are now: another function once any of them changed. */
  now(): Cuts
  /** All cuts of one reason, in the place of those said before. */
  set(
    reason: CutReason,
    cuts: ReadonlyMap<LogId, number> | ((log: LogId) => number | undefined),
  ): void
  /** Runs after a change. */
  onChange(handler: () => void): () => void
}

/** In this order of two equal cuts the first gives the reason. */
const reasons: readonly CutReason[] = ['revoked', 'observer', 'forked']

/** Of a log that a device has not begun, which is a cut of all that it says from now on. */
export const cutOf = (cuts: Cuts, session: SessionId, device: DeviceId): Cut | undefined =>
  cuts(joinLogId(session, device, new Uint8Array(incarnationBytes)))

export function createCuts(): CutKeeper {
  const sources = new Map<CutReason, Cuts>()
  const handlers = new Set<() => void>()
  let current: Cuts = noCuts

  return {
    now: () => current,
    set(reason, cuts) {
      const at = typeof cuts === 'function' ? cuts : (log: LogId) => cuts.get(log)
      sources.set(reason, (log): Cut | undefined => {
        const seq = at(log)
        if (seq === undefined) return undefined
        return reason === 'forked' ? { seq, reason, agreed: seq } : { seq, reason }
      })
      current = nearest(...reasons.flatMap((each) => sources.get(each) ?? []))
      for (const handler of [...handlers]) handler()
    },
    onChange(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
  }
}
