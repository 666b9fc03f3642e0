/**
 * The mesh as its surfaces see it (CLI, control socket, later the page): plain values in and out,
 * so that every one of them can cross a socket as JSON. Implemented by core/mesh.ts.
 */
import type { DeviceId, LogId, SessionId } from '@baton/shared/ids'
import type { Role } from '@baton/shared/roster/authority'
import type { Capability, DeviceType } from '@baton/shared/roster/record'
import type { Archives } from './archives-api.ts'
import type { ConflictedSession, Documents, Settling } from './documents-api.ts'
import type { DrivenDesk } from './driven-api.ts'
import type { HandoffRow, Handoffs } from './handoffs-api.ts'
import type { Invitations } from './invitations-api.ts'
import type { RecoveryDesk } from './recovery-api.ts'
import type { ReceiptRow, SendEvent, SendOptions, Task } from './sending-api.ts'

export type * from './archives-api.ts'
export type * from './documents-api.ts'
export type * from './driven-api.ts'
export type * from './handoffs-api.ts'
export type * from './invitations-api.ts'
export type * from './recovery-api.ts'
export type * from './sending-api.ts'

export interface DeviceRow {
  readonly id: DeviceId
  /** Eight letters of the id, for people. */
  readonly short: string
  readonly name: string
  /** Like "linux, Node 20": made by the device itself, shown, never looked up by. */
  readonly platform: string
  readonly self: boolean
  /** `removed`: it was revoked, and is never connected again. */
  readonly state: 'self' | 'connected' | 'connecting' | 'offline' | 'pending' | 'removed'
  /** Why it is not connected, as the last attempts ended. */
  readonly trouble?:
    | {
        readonly code: string
        readonly message: string | undefined
        readonly hint: string | undefined
      }
    | undefined
  readonly path: 'direct' | 'relayed' | 'unknown' | undefined
  readonly rttMs: number | undefined
  /** Sessions in which it is active just now, by its own word; undefined while it is not linked, or does not say. */
  readonly presence?: readonly PresenceRow[] | undefined
  /** What it says of itself: untrusted, and undefined until it said something. */
  readonly type: DeviceType | undefined
  readonly capabilities: readonly Capability[]
  /**
   * How it came to be known: 1 paired in person (and this device itself), 0.7 introduced by another
   * device, 0.3 a guest for one session. Only policy reads it.
   */
  readonly trust: number
  /** Undefined for a guest, and for this device while it never paired. */
  readonly role: Role | undefined
  /** By whom, itself when it left, and when by that one's clock (ms since 1970). */
  readonly removed: { readonly by: DeviceId; readonly at: number } | undefined
  /** ms since 1970. */
  readonly addedAt: number
  readonly lastSeen: number | undefined
}

/** A session that a device and this one share, in which somebody at that device is active. */
export interface PresenceRow {
  readonly session: SessionId
  /** Somebody watches or follows it. */
  readonly watching: boolean
  /** A message is being written in it. */
  readonly writing: boolean
}

export interface SessionRow {
  /** Undefined until the session was first carried: a session only found on this disk has no id. */
  readonly id: SessionId | undefined
  readonly agent: string
  readonly agentSession: string
  readonly title: string | undefined
  readonly project: string | undefined
  readonly origin: DeviceId
  readonly records: number | undefined
  readonly bytes: number
  readonly modified: number
  readonly live: boolean
  /** Every word of it goes through Baton, and none is in an agent's files. */
  readonly driven?: boolean
  /** Who writes its history; only where it changed hands, and undefined while it is on its way. */
  readonly holder?: DeviceId | undefined
  /** Where this device's copy was placed, if it was. */
  readonly placed: string | undefined
  readonly sharedWith: readonly DeviceId[]
  /** Branches beside the main history: what a receiver's agent appended and nobody merged yet. */
  readonly branches: readonly BranchRow[]
}

export interface BranchRow {
  readonly name: string
  readonly device: DeviceId
  readonly records: number
  /** Of its last record, ms since 1970. */
  readonly modified: number
  readonly placed: string | undefined
  /** It is what this device's own file holds and `show` gives; `main` names the main history then. */
  readonly shown?: boolean
}

/** One record of a transcript, boiled down for reading; `text` is untrusted. */
export interface ShownRecord {
  readonly file: string
  readonly index: number
  readonly kind: 'user' | 'assistant' | 'tool' | 'result' | 'system' | 'other'
  readonly at: string | undefined
  readonly text: string
  readonly bytes: number
  /** Of a message that is not whole, and of every tool call. */
  readonly state?: string
}

/** A pairing as it goes, for either side. A run ends with `paired` or `failed`. */
export type PairingEvent =
  | {
      readonly at: 'code'
      /** `412-candle-castle-anvil`: to be shown, never logged. */
      readonly code: string
      /** Contents of the QR: server, nameplate and 128 bits, in a URL fragment. */
      readonly qr: string | undefined
      readonly expiresAt: number
    }
  | { readonly at: 'waiting' | 'claimed' | 'proving' | 'connecting' | 'released' }
  /** Both screens show the same emoji; with policy `confirm` someone must say yes. */
  | {
      readonly at: 'check'
      readonly emoji: readonly string[]
      readonly peer: { readonly name: string; readonly platform: string; readonly short: string }
      readonly confirm: boolean
    }
  | { readonly at: 'paired'; readonly device: DeviceRow; readonly ms: number }
  | {
      readonly at: 'failed'
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

export interface MeshStatus {
  readonly self: DeviceRow
  readonly signaling:
    | { readonly server: string; readonly state: 'up' | 'down' | 'unasked' }
    | undefined
  readonly devices: { readonly paired: number; readonly connected: number }
  /** Names of devices that ran twice from one copy; this one first. */
  readonly ranTwice: readonly string[]
  readonly sessions: { readonly found: number; readonly carried: number }
  readonly sources: readonly { readonly agent: string; readonly roots: readonly string[] }[]
  readonly store: { readonly kind: string; readonly bytes: number | undefined }
  readonly counters: Readonly<Record<string, number>>
}

export type MeshEvent =
  | { readonly kind: 'device'; readonly device: DeviceRow }
  | { readonly kind: 'session'; readonly session: SessionRow }
  | { readonly kind: 'received'; readonly receipt: ReceiptRow; readonly placed: string | undefined }
  /** The signaling service went away for more than a moment, or answers (again): each once. */
  | { readonly kind: 'signaling'; readonly state: 'up' | 'down'; readonly server: string }
  | { readonly kind: 'notice'; readonly message: string }
  /** A request to hand a session over is new, or stands otherwise. */
  | { readonly kind: 'handoff'; readonly handoff: HandoffRow }

/** An entry that does not count, for where its log is cut. */
export interface HiddenRow {
  /** Twelve hex digits, the same on every device. */
  readonly id: string
  readonly log: LogId
  readonly seq: number
  readonly device: DeviceId
  /** Its device was removed, only reads by now, or ran twice from one copy. */
  readonly reason: 'revoked' | 'observer' | 'forked'
  /** ms since 1970, by the clock of its device; undefined for one that cannot be read. */
  readonly at: number | undefined
  /** What it is, never what it says: a field's path, the name of a file, of a call or of a row. */
  readonly kind: string
  readonly about: readonly string[]
  /** Someone says it again. */
  readonly taken: boolean
}

export interface PairingTask extends Task<PairingEvent> {
  /** The answer to `check`, under policy `confirm`. */
  answer(match: boolean): void
}

export interface InviteOptions {
  /** `words` (33 bits, spoken) and a QR (128 bits) are offered together as two slots. */
  readonly qr: boolean
  readonly confirm: boolean
  /** Without the words: the link alone, which is the code then. */
  readonly words?: boolean
  /** Let it in as a guest, and forget it when it goes. */
  readonly guest?: boolean
}

export interface JoinOptions {
  readonly confirm: boolean
  /** As a guest or not at all: the other device must not take this one in for good. */
  readonly guest?: boolean
}

export interface Mesh {
  readonly self: DeviceId
  readonly documents: Documents
  readonly handoffs: Handoffs
  readonly invitations: Invitations
  readonly archives: Archives
  readonly driven: DrivenDesk
  /** Open conflicts of one session (`ref` as for `show`), or of all that have any. */
  conflicts(ref?: string): Promise<readonly ConflictedSession[]>
  settle(ref: string, conflict: string, settling: Settling): Promise<void>
  /** What of a session does not count; of each log the first thousand entries, ten thousand in all. */
  hidden(ref: string): Promise<readonly HiddenRow[]>
  /**
   * Takes a hidden entry over, or all that nobody took: it counts again, as this device's word.
   * Resolves with how many were; rejects with `not-found` for a place where nothing hidden stands.
   */
  adopt(ref: string, what: Pick<HiddenRow, 'log' | 'seq'> | 'all'): Promise<number>
  devices(): Promise<readonly DeviceRow[]>
  /** Names a device for all: 1 to 64 characters that can be seen. */
  rename(device: DeviceId, name: string): Promise<void>
  /**
   * Revokes a device for all: it is not connected to again, and what it wrote beyond what this one
   * holds counts nowhere. Of one that is removed already, what else this one holds counts again.
   */
  remove(device: DeviceId): Promise<void>
  setRole(device: DeviceId, role: Role): Promise<void>
  readonly recovery: RecoveryDesk
  invite(options: InviteOptions): PairingTask
  /** `code` is what a person typed or scanned. Rejects with `code-format` before any network use. */
  join(code: string, options: JoinOptions): PairingTask
  sessions(): Promise<readonly SessionRow[]>
  /**
   * `ref`: a session id, an agent's session id, or a unique prefix of either. `branch`: a branch's
   * name, or `main`; without it what this device's own file holds. `whole`: texts keep their lines.
   */
  show(
    ref: string,
    options?: { readonly branch?: string; readonly whole?: boolean },
  ): AsyncIterable<ShownRecord>
  send(ref: string, options: SendOptions): Task<SendEvent>
  receipts(): Promise<readonly ReceiptRow[]>
  status(): Promise<MeshStatus>
  watch(handler: (event: MeshEvent) => void): () => void
  close(): Promise<void>
}
