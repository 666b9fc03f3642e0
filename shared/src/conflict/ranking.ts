/**
 * Whose words of a transcript come last (rules BR4, BR12): those of the last epoch that anyone spoke in,
 * in the logs of its holder from the oldest to the newest. What was said by a device that did not hold
 * the session, or no longer, has no rank: it is no main history, whatever its stamp.
 */
import type { DeviceId, LogId } from '../ids.ts'
import { splitLogId } from '../ids.ts'
import type { At } from '../model/agent-entries.ts'
import { holderOf, holdingReason } from './leases.ts'
import { logOrder } from './piece-index.ts'
import type { TranscriptState } from './transcript.ts'

export interface Word extends At {
  readonly epoch: number
}

export interface Rank {
  readonly epoch: number
  readonly turn: number
  readonly seq: number
}

export const byRank = (a: Rank, b: Rank): number =>
  a.epoch - b.epoch || a.turn - b.turn || a.seq - b.seq

/** Undefined for what is nobody's word. */
export function ranking(state: TranscriptState): (word: Word) => Rank | undefined {
  const orders = new Map<DeviceId, ReadonlyMap<LogId, number>>()
  const turnOf = (log: LogId, device: DeviceId): number => {
    const order = orders.get(device) ?? logOrder(state, device)
    orders.set(device, order)
    return order.get(log) ?? -1
  }
  const { held, author } = state
  return ({ log, seq, epoch }) => {
    const { device } = splitLogId(log)
    if (!held) return device === author ? { epoch: 0, turn: turnOf(log, device), seq } : undefined
    if (holdingReason(held.leases, held.holding, { log, seq, epoch })) return undefined
    return { epoch, turn: turnOf(log, device), seq }
  }
}

/** Whose word main is now; undefined while it is on its way. */
export const speakerOf = ({ held, author }: TranscriptState): DeviceId | undefined =>
  held ? holderOf(held.holding) : author

/** Every device whose word it ever was. */
export function speakersOf({ held, author }: TranscriptState): ReadonlySet<DeviceId | undefined> {
  return new Set([author, ...(held?.holding.tenures.map(({ holder }) => holder) ?? [])])
}
