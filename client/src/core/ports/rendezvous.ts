/**
 * Rendezvous: the signaling service as a client sees it. Everything given to it is already sealed
 * and padded. A slot serves one pairing; a mailbox serves one direction of one pair for one hour.
 */
import type { Bytes } from '@baton/shared/bytes'

export type SlotEvent =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'released' }
  | { readonly kind: 'message'; readonly blob: Bytes }
  | { readonly kind: 'ended'; readonly reason: 'closed' | 'expired' | 'lost' }

export interface Slot {
  /** Decimal digits, chosen by the service. */
  readonly nameplate: string
  /** 16 random bytes made by the inviter; the service hands them to the joiner. */
  readonly sid: Bytes
  send(blob: Bytes): Promise<void>
  /** Events before the first handler are kept for it. */
  onEvent(handler: (event: SlotEvent) => void): void
  /** Inviter: frees the place for the next joiner without ending the slot. */
  release(): Promise<void>
  close(): Promise<void>
}

/** The right to listen at one mailbox: its id is the hash of the key. */
export interface ListenKey {
  readonly mailbox: Bytes
  readonly publicKey: Bytes
  sign(challenge: Bytes): Bytes
}

export interface Listening {
  close(): void
}

export interface Rendezvous {
  /** The service's URL, as the other device needs it. */
  readonly server: string
  open(sid: Bytes): Promise<Slot>
  claim(nameplate: string): Promise<Slot>
  /** Listens until closed, over reconnects. At-least-once: the handler may see a blob twice. */
  listen(key: ListenKey, handler: (blob: Bytes) => void): Listening
  post(mailbox: Bytes, blob: Bytes): Promise<void>
  /** The service's clock, ms since 1970, extrapolated from its last Date header. */
  serverTime(): number | undefined
  onState(handler: (state: 'up' | 'down') => void): () => void
  close(): Promise<void>
}
