/**
 * Both directions of sealed messages between two ends as plain data, so that a state machine can
 * hold it: keyexchange/seal with its counters made explicit. Rules: P, RC.
 */
import type { Bytes } from '../bytes.ts'
import { openSealed, type SealOptions, sealAt } from '../keyexchange/seal.ts'

export interface Envelope {
  readonly send: SealOptions
  readonly receive: SealOptions
  readonly sent: number
  readonly received: number
}

export function createEnvelope(send: SealOptions, receive: SealOptions): Envelope {
  return { send, receive, sent: 0, received: 0 }
}

export function sealNext(envelope: Envelope, message: Bytes): readonly [Envelope, Bytes] {
  const sealed = sealAt(envelope.send, envelope.sent, message)
  return [{ ...envelope, sent: envelope.sent + 1 }, sealed]
}

/** Undefined for what does not open, and for a counter that was passed already. */
export function openNext(
  envelope: Envelope,
  sealed: Bytes,
): readonly [Envelope, Bytes] | undefined {
  const opened = openSealed(envelope.receive, sealed, envelope.received)
  return opened && [{ ...envelope, received: opened.counter + 1 }, opened.message]
}
