/**
 * Which of the peer's signals may reach simple-peer, whose `signal()` ends the connection on any
 * that does not fit. Rules: RC. One gate per attempt; it knows the order of signals, not WebRTC.
 */
import { isBatonError } from '../errors.ts'
import { maxCandidates } from '../limits.ts'
import { checkCandidate, checkSdp } from './sdp.ts'
import { type Signal, signalSchema } from './signal.ts'

export interface SignalGate {
  readonly offers: boolean
  /** `own`: our offer waits for an answer; `peer`: theirs waits for ours; `none`: nothing is open. */
  readonly open: 'own' | 'peer' | 'none'
  /** Descriptions of the peer taken so far. */
  readonly taken: number
  /** Candidates of the current generation taken or held, and those held until its description. */
  readonly candidates: number
  readonly held: readonly Signal[]
}

export function createSignalGate(offers: boolean): SignalGate {
  return { offers, open: 'none', taken: 0, candidates: 0, held: [] }
}

/** Notes a signal of our own on its way out. */
export function noteOwnSignal(gate: SignalGate, signal: Signal): SignalGate {
  if (signal.type === 'offer') return { ...gate, open: 'own' }
  if (signal.type === 'answer') return { ...gate, open: 'none' }
  return gate
}

/** What of the peer's `signal` may be handed on now, in order; nothing when it is out of place. */
export function passSignal(
  gate: SignalGate,
  signal: Signal,
): readonly [SignalGate, readonly Signal[]] {
  switch (signal.type) {
    case 'offer':
      return gate.offers || gate.open === 'peer' ? [gate, []] : describe(gate, signal, 'peer')
    case 'answer':
      return gate.open === 'own' ? describe(gate, signal, 'none') : [gate, []]
    case 'restart':
      return gate.offers && gate.taken > 0 ? [gate, [signal]] : [gate, []]
    case 'candidates': {
      const candidates = gate.candidates + signal.list.length
      if (candidates > maxCandidates) return [gate, []]
      const next = { ...gate, candidates }
      const early = gate.offers ? gate.open === 'own' : gate.taken === 0
      return early ? [{ ...next, held: [...gate.held, signal] }, []] : [next, [signal]]
    }
  }
}

function describe(
  gate: SignalGate,
  signal: Signal,
  open: 'peer' | 'none',
): readonly [SignalGate, readonly Signal[]] {
  const candidates = gate.held.reduce((sum, item) => sum + size(item), 0)
  const next: SignalGate = { ...gate, open, taken: gate.taken + 1, candidates, held: [] }
  return [next, [signal, ...gate.held]]
}

const size = (signal: Signal) => (signal.type === 'candidates' ? signal.list.length : 0)

/** A decoded value as a signal whose descriptions and candidates all pass the guard, or undefined. */
export function guardSignal(value: unknown): Signal | undefined {
  const parsed = signalSchema.safeParse(value)
  if (!parsed.success) return undefined
  const signal = parsed.data
  try {
    if (signal.type === 'offer' || signal.type === 'answer') checkSdp(signal.sdp)
    if (signal.type !== 'candidates') return signal
    const list = signal.list.filter((item) => isCandidate(item.candidate))
    return list.length > 0 ? { type: 'candidates', list } : undefined
  } catch (error) {
    if (isBatonError(error)) return undefined
    throw error
  }
}

function isCandidate(line: string): boolean {
  try {
    checkCandidate(line)
    return true
  } catch {
    // What lands here: a candidate that the guard refuses.
    return false
  }
}
