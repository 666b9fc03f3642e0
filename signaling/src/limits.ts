/**
 * What the whole service and one address may use (rules SV13 to SV16). What one slot or mailbox may
 * hold is fixed in shared/limits.ts. An operator may change these; tests shorten the times.
 */
import {
  mailboxLifeMs,
  pollWaitMs,
  slotGraceMs,
  slotLifeMs,
  streamDeadMs,
  streamHelloMs,
  streamPingMs,
} from '@baton/shared/limits'

export interface ServiceLimits {
  // totals: refused with 503 beyond, nothing that lives is evicted
  readonly slots: number
  readonly mailboxes: number
  readonly challenges: number
  /** WebSockets and waiting polls together. */
  readonly streams: number
  /** Message bytes held for readers, over all objects. */
  readonly heldBytes: number
  // one address: an IPv4 address or an IPv6 /56
  readonly streamsPerAddress: number
  readonly openPerMinute: number
  readonly claimPerMinute: number
  readonly putPerMinute: number
  readonly listenPerMinute: number
  readonly readPerMinute: number
  /** Addresses remembered one by one; beyond, the rest share one allowance. */
  readonly addresses: number
  // one mailbox
  readonly postsPerSecond: number
  // times, ms
  readonly slotLifeMs: number
  readonly slotGraceMs: number
  readonly mailboxLifeMs: number
  readonly pollWaitMs: number
  readonly helloMs: number
  readonly pingMs: number
  readonly deadMs: number
  readonly requestMs: number
  readonly drainMs: number
  readonly sweepMs: number
}

export const defaultLimits: ServiceLimits = {
  slots: 9_000,
  mailboxes: 20_000,
  challenges: 100_000,
  streams: 20_000,
  heldBytes: 128 * 1024 * 1024,
  streamsPerAddress: 128,
  openPerMinute: 10,
  claimPerMinute: 10,
  putPerMinute: 120,
  listenPerMinute: 120,
  readPerMinute: 600,
  addresses: 50_000,
  postsPerSecond: 20,
  slotLifeMs,
  slotGraceMs,
  mailboxLifeMs,
  pollWaitMs,
  helloMs: streamHelloMs,
  pingMs: streamPingMs,
  deadMs: streamDeadMs,
  requestMs: 10_000,
  drainMs: 5_000,
  sweepMs: 1_000,
}
