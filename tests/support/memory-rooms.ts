/** Slots of the signaling service in memory: what each side has been told and has sent. */
import type { SlotEvent } from '@baton/client/core/ports/rendezvous'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxBlobBytes } from '@baton/shared/limits'

export type Side = 'inviter' | 'joiner'

export interface Room {
  readonly nameplate: string
  readonly sid: Bytes
  readonly inviter: End
  joiner: End | undefined
  claims: number
  readonly cancelExpiry: (() => void) | undefined
}

export interface End {
  handler: ((event: SlotEvent) => void) | undefined
  readonly kept: SlotEvent[]
  ended: boolean
  sent: number
  sentBytes: number
  /** The joiner an inviter's handler last heard of: what it sends is for that one only. */
  facing: End | undefined
}

export const newEnd = (): End => ({
  handler: undefined,
  kept: [],
  ended: false,
  sent: 0,
  sentBytes: 0,
  facing: undefined,
})

export function checkBlob(blob: Bytes): void {
  if (blob.length > maxBlobBytes) {
    throw new BatonError('too-large', `a blob has at most ${maxBlobBytes} bytes`)
  }
}

export function noRoom(ended: boolean): BatonError {
  return ended
    ? new BatonError('code-expired', 'failed to claim: this code has ended')
    : new BatonError('code-unknown', 'failed to claim: there is no such code')
}
