/**
 * What the peer sealed, as a signal: shape, and for descriptions the SDP guard. Rules: RC2. Whether
 * it fits the state of a connection is the Dialer's to say.
 */
import { checkSdp } from './sdp.ts'
import { type Signal, signalSchema } from './signal.ts'

/** Undefined for anything else; it never throws. */
export function guardSignal(value: unknown): Signal | undefined {
  const parsed = signalSchema.safeParse(value)
  if (!parsed.success) return undefined
  const signal = parsed.data
  if (signal.type !== 'offer' && signal.type !== 'answer') return signal
  try {
    checkSdp(signal.sdp)
    return signal
  } catch {
    // What lands here: a description with another number of fingerprints than one, and the like.
    return undefined
  }
}
