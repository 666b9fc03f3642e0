/**
 * What pairing takes (ports, and the mesh's hooks for its roster) and what it gives (runs and their
 * events). Rules: P. The code behind it stands in pairing.ts.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { Verify } from '@baton/shared/primitives'
import type { PairedLink } from '../contact/bind.ts'
import type { FreshRandom } from '../fresh-random.ts'
import type { InviteOptions, JoinOptions, PairingEvent } from '../mesh-api.ts'
import type { Dialer, IceSettings } from '../ports/channel.ts'
import type { Clock, Keyring, Trace } from '../ports/platform.ts'
import type { Rendezvous } from '../ports/rendezvous.ts'
import type { PairMemory } from './memory.ts'

export interface PairPorts {
  readonly rendezvous: Rendezvous
  readonly dialer: Dialer
  readonly keyring: Keyring
  readonly memory: PairMemory
  readonly clock: Clock
  readonly random: FreshRandom
  readonly trace: Trace
  readonly verify: Verify
  ice(): IceSettings
}

/** This device as it presents itself. */
export interface OwnIdentity {
  readonly name: string
  readonly platform: string
  readonly roster: {
    /** 1 to 64 bytes. An inviter that is alone has one too: the joiner will adopt it. */
    readonly id: Bytes
    /** Has it another living device? */
    readonly populated: boolean
  }
}

export interface PairedPeer {
  /** Ed25519 and X25519 public keys, 32 bytes each, checked. */
  readonly device: Bytes
  readonly exchange: Bytes
  /** Made by the peer, sanitised: at most 64 characters, no control or bidi characters. */
  readonly name: string
  readonly platform: string
  readonly root: Bytes
  readonly version: number
  /** What both devices agreed on, 32 bytes: for the roster's `add`. */
  readonly hash: Bytes
  /** The inviter means to forget the joiner when it goes: nothing was written to a roster. */
  readonly guest: boolean
}

export type PairRunEvent =
  | Exclude<PairingEvent, { readonly at: 'paired' }>
  | {
      readonly at: 'paired'
      readonly peer: PairedPeer
      /** For `openContact`; undefined when the devices paired but found no path: contact goes on. */
      readonly link: PairedLink | undefined
      readonly ms: number
    }

export interface PairRun {
  /** Kept until read once; ends after `paired` or `failed`. */
  readonly events: AsyncIterable<PairRunEvent>
  answer(match: boolean): void
  /** Heeded until this device has proven itself; later the run ends by itself. */
  cancel(): void
}

export interface PairHooks {
  /**
   * Asked once per run, before a code is drawn or claimed; `takesIn`: as the inviter of a device that
   * is to stay. Rejects when this device may not pair: what is known is not found out after a code.
   */
  identity(takesIn: boolean): Promise<OwnIdentity>
  /**
   * Inviter: the commit point. Resolves when the roster's `add` is durable; must not add twice.
   * Not called for a guest.
   */
  commitAdd(peer: PairedPeer): Promise<void>
  /**
   * Joiner: adopts the inviter's roster, or does nothing when it is already this one. Called again
   * after a crash, so it must be idempotent.
   */
  adoptRoster(roster: Bytes, inviter: PairedPeer): Promise<void>
  /** Is the device in the roster, not revoked? Asked at `resume` only. */
  isMember(device: Bytes): Promise<boolean>
  /** A pairing that was cut short came to its end after all: open a contact. */
  recovered(peer: PairedPeer): void
}

export interface Pairing {
  invite(options: InviteOptions): PairRun
  /** Throws `code-format` for what is no code, `code-dead` for a third run of one code. */
  join(code: string, options: JoinOptions): PairRun
  /** Once at start: ends what a crash cut short, one way or the other (P10). */
  resume(): Promise<void>
  close(): Promise<void>
}
