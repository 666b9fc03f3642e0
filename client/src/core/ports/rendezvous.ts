/**
 * Rendezvous: the signaling service as a client sees it. Everything given to it is already sealed
 * and padded. A slot serves one pairing; a mailbox serves one direction of one pair for one hour.
 */
import type { Bytes } from '@baton/shared/bytes'

/**
 * In the order the service saw them, each once. The inviter gets any number of
 * `claimed, message*, released`, the joiner only messages; both get `crowded` when someone else
 * tried the nameplate meanwhile, and `ended` last. A joiner whose place is freed sees `ended`.
 */
export type SlotEvent =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'released' }
  | { readonly kind: 'crowded' }
  | { readonly kind: 'message'; readonly blob: Bytes }
  /** `lost`: the other side or the service is gone. `expired`: too old, or claimed too often. */
  | { readonly kind: 'ended'; readonly reason: 'closed' | 'expired' | 'lost' }

export interface Slot {
  /** Decimal digits, chosen by the service. */
  readonly nameplate: string
  /** 16 random bytes made by the inviter; the service hands them to the joiner. */
  readonly sid: Bytes
  /**
   * Up to 32 KiB; 64 messages and 256 KiB a direction for each joiner. Kept in order, delivered
   * once. What an inviter sends reaches the joiner of the last `claimed` event only, or nobody.
   * Rejects with `signaling-lost` once the slot has ended.
   */
  send(blob: Bytes): Promise<void>
  /** Events before the first handler are kept for it. */
  onEvent(handler: (event: SlotEvent) => void): void
  /** Inviter: frees the place for the next joiner without ending the slot. */
  release(): Promise<void>
  /** Inviter: ends the slot. Joiner: leaves its place. No event follows. Never rejects. */
  close(): Promise<void>
}

/** The right to listen at one mailbox: its id is the hash of the key. */
export interface ListenKey {
  /** SHA-256(publicKey)[0..16). */
  readonly mailbox: Bytes
  /** Ed25519, 32 bytes. */
  readonly publicKey: Bytes
  /**
   * Ed25519 over exactly these bytes, which begin with the label `listen` and name the server, the
   * mailbox and its nonce (shared/protocol/rendezvous.ts).
   */
  sign(challenge: Bytes): Bytes
}

export interface Listening {
  /** Resolves once the service keeps what is posted here, or when it is closed; never rejects. */
  readonly ready: Promise<void>
  close(): void
}

export interface Rendezvous {
  /** The service's URL, as the other device needs it. */
  readonly server: string
  /** Rejects with `signaling-unreachable`, `-refused`, `-full` or `rate-limited`, as do the others. */
  open(sid: Bytes): Promise<Slot>
  /** Also rejects with `code-unknown`, `code-busy` or `code-expired`; it is never tried twice. */
  claim(nameplate: string): Promise<Slot>
  /** Listens until closed, over reconnects. At-least-once: the handler may see a blob twice. */
  listen(key: ListenKey, handler: (blob: Bytes) => void): Listening
  /** Resolves when the service took it, which says nothing about anyone listening there. */
  post(mailbox: Bytes, blob: Bytes): Promise<void>
  /** The service's clock, ms since 1970, extrapolated from its last Date header. */
  serverTime(): number | undefined
  /** Runs on every change; it is `down` before the first answer, told when the first try has none. */
  onState(handler: (state: 'up' | 'down') => void): () => void
  close(): Promise<void>
}
