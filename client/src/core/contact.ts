/**
 * Keeps one paired device reachable: listens at its mailboxes, dials, binds, hands over the bound
 * channel, and starts again when it ends. Runs the reconnect machine (shared/protocol/reconnect).
 * Rules: RC. What travels over the channel it does not know.
 */
import type { Verify } from '@baton/shared/primitives'
import type { BoundChannel, PairedLink } from './bind-channel.ts'
import type { PairMemory, PairRecord } from './pair-memory.ts'
import type { Dialer, IceSettings } from './ports/channel.ts'
import type { Clock, Keyring, Random, Trace } from './ports/platform.ts'
import type { Rendezvous } from './ports/rendezvous.ts'

export interface ContactPorts {
  readonly rendezvous: Rendezvous
  readonly dialer: Dialer
  readonly keyring: Keyring
  readonly memory: PairMemory
  readonly clock: Clock
  readonly random: Random
  readonly trace: Trace
  readonly verify: Verify
  ice(): IceSettings
}

export interface ContactHooks {
  /**
   * A bound channel to the device. When one is there already the new one replaces it, on both
   * sides: go on with this one; the old one closes after a second.
   */
  connected(bound: BoundChannel): void
  /** No channel is left. */
  disconnected(reason: string): void
  /** Why there is no link yet, once per change: `no-answer`, `no-path`, `clock-skew` and the like. */
  trouble(code: string, hint: string | undefined): void
}

export interface Contact {
  state(): 'connected' | 'connecting' | 'waiting' | 'closed'
  /** Tries at once: after a network change, a wake from sleep, or when a person asks. */
  wake(): void
  /** Closes channel and mailboxes; the pairing stays. */
  close(): Promise<void>
}

export type OpenContact = (
  ports: ContactPorts,
  peer: PairRecord,
  hooks: ContactHooks,
  /** The channel that pairing just opened. */
  link?: PairedLink,
) => Contact
