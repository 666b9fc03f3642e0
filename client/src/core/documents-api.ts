/** Session documents as their users see them; part of mesh-api.ts. Implemented by core/documents. */
import type { Value } from '@baton/shared/encoding/msgpack'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { Change } from '@baton/shared/model/changes'
import type { ToolStatus } from '@baton/shared/model/document-entries'

export type DocumentKind = 'agent' | 'browser' | 'federation'

export interface ConflictSide {
  readonly device: DeviceId
  /** ms since 1970, by the clock of that device. */
  readonly at: number
  /** Undefined: deleted. Of a history, the id of its last message. */
  readonly value: Value | undefined
}

export interface ConflictRow {
  /** Twelve hex digits; the same on every device, as long as it is open. */
  readonly id: string
  readonly kind: 'field' | 'history' | 'tool'
  readonly path: readonly string[]
  readonly strategy: 'timestamp' | 'merge' | 'manual' | 'user_choice'
  readonly sides: readonly ConflictSide[]
  /** What is shown meanwhile, and stays if nobody settles it. */
  readonly shown: Value | undefined
}

/** One of the sides, counted from 0; a value of one's own; or none at all. */
export type Settling =
  | { readonly by: 'side'; readonly side: number }
  | { readonly by: 'value'; readonly value: Value }
  | { readonly by: 'deletion' }

/** A message of a document's history. */
export interface DocumentMessage {
  readonly id: string
  readonly parent: string | undefined
  /** ms since 1970, by the clock of the device that wrote it. */
  readonly at: number
  readonly device: DeviceId
  readonly value: Value
  /** Its author took back what it said; `value` is null. */
  readonly redacted?: true
  /** Of one that is written bit by bit, unless it ended whole: then it is a message like any other. */
  readonly stream?: StreamNote
  /** Devices that held the session later and went on with it, each once. */
  readonly continuedBy?: readonly DeviceId[]
}

export interface StreamNote {
  /** `interrupted`: it has no end, and its author's process, device or turn is over. */
  readonly state: 'open' | 'done' | 'interrupted'
  /** Some of its text is `missing`, or it is `different` from what its author hashed. */
  readonly flaw?: 'missing' | 'different'
  /** Devices that took parts of it over, whose word those are. */
  readonly adoptedBy?: readonly DeviceId[]
  /**
   * UTF-16 units at the end of an open one's text that its author says and has not signed yet: they
   * come at most 1 s before that, are kept nowhere, and count for nothing.
   */
  readonly ahead?: number
}

/** The text of a message as it comes. */
export type FollowEvent =
  /** Follows what was given; of the first, all there is so far. */
  | { readonly at: 'text'; readonly text: string }
  /** What was given does not stand, or less of it: this takes its place. */
  | { readonly at: 'anew'; readonly text: string }
  /**
   * It goes no further; `stream` unless it ended whole. After one that was interrupted its end may come
   * all the same, after any other nothing.
   */
  | { readonly at: 'over'; readonly stream?: StreamNote; readonly redacted?: true }
  | {
      readonly at: 'failed'
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

/** A tool call, by the last word on it. */
export interface ToolCallRow {
  readonly call: string
  /** `unknown`: it was begun, and nobody is left who could tell how it ended. */
  readonly status: ToolStatus
  /** Somebody told its end. More than one told another: see `conflicts`. */
  readonly ended: boolean
  /** ms since 1970, by the clock of the device that told the status. */
  readonly at: number
  readonly device: DeviceId
  /** What was told with the status. */
  readonly detail: Value | undefined
}

/** What a device wrote for whoever holds the session to take up. */
export interface InputRow {
  readonly id: string
  readonly at: number
  readonly device: DeviceId
  readonly value: Value
}

/**
 * A message while it is written. Calls take effect in their order; text is on disk, and on its way to
 * other devices, once 8 KiB or 1 s of it have come together. What fails rejects and keeps all that was
 * taken: the next call tries it again, and after a full disk a second does.
 */
export interface StreamWriter {
  /** Of the message. */
  readonly id: string
  /** Takes text; resolves when there is room for more, rejects without taking it when there is none. */
  write(text: string): Promise<void>
  /** Durable: all that was written, but half a surrogate pair. */
  flush(): Promise<void>
  /** All of it is said. */
  end(): Promise<void>
  /** It goes no further; what was written stays. Of one that ended this does nothing. */
  abort(): Promise<void>
}

/** What a session holds, merged the same way on every device. Writes are durable when they resolve. */
export interface Document {
  readonly session: SessionId
  /** What a field shows; undefined when nobody wrote it, or it was deleted. */
  get(path: readonly string[]): Promise<Value | undefined>
  /** Every field below a path that shows something, by path. */
  entries(prefix?: readonly string[]): Promise<readonly (readonly [readonly string[], Value])[]>
  set(path: readonly string[], value: Value): Promise<void>
  delete(path: readonly string[]): Promise<void>
  /** Several changes in one batch: all of them or none. */
  change(changes: readonly Change[]): Promise<void>
  /** Adds a message behind the last one shown; resolves with its id. */
  say(value: Value, options?: { readonly id?: string; readonly consumes?: string }): Promise<string>
  /**
   * Begins a message behind the last one shown whose text comes bit by bit: `fields` with the text as
   * their `content`. The beginning is durable when it resolves.
   */
  stream(
    fields: { readonly [name: string]: Value },
    options?: { readonly id?: string; readonly consumes?: string },
  ): Promise<StreamWriter>
  /**
   * Goes on with a message that another device was writing, or this one in an earlier turn of its own,
   * when the session came here: its text goes on where `text`, all that counts of it, ends. Rejects
   * with `not-found`, `not-holder`, and `invalid` for one that is whole, has holes or was begun since.
   */
  continue(id: string): Promise<StreamWriter & { readonly text: string }>
  /** The history as its policy shows it, oldest first; `last`: only so many at its end. */
  history(options?: { readonly last?: number }): Promise<readonly DocumentMessage[]>
  /** Every tool call, the one told of last at the end. */
  tools(): Promise<readonly ToolCallRow[]>
  /** What no message consumes yet, oldest first. */
  inputs(): Promise<readonly InputRow[]>
  /**
   * Takes back what a message of this device said: on every device its place stays and its text is
   * shown no more. It goes from their disks once all that share the document have heard of it, or after
   * 30 days; not in a document with an agent's records, and not from archives: what must be
   * secret is to be changed where it opens something. Rejects with `not-found`, and with `not-permitted` for
   * one that another device wrote.
   */
  retract(id: string): Promise<void>
  conflicts(): Promise<readonly ConflictRow[]>
  /** `id`: of a conflict, or its beginning. */
  resolve(id: string, settling: Settling): Promise<void>
  /** Lets a device hold it, and with `write` change it, too. */
  share(device: DeviceId, options?: { readonly write?: boolean }): Promise<void>
  /** Hex; equal on devices that hold the same entries. */
  digest(): Promise<string>
  /**
   * Called after anything of the session changed, here or elsewhere; while a message is written, some
   * twenty times a second. Who shows a text as it comes does better with `follow`.
   */
  watch(handler: () => void): () => void
  /**
   * The text (`content`) of one message, each part of it once: first what there is, then what comes,
   * some twenty times a second, on the writing device and on others. Waits for one that is not there.
   */
  follow(id: string, handler: (event: FollowEvent) => void): () => void
}

export interface Documents {
  create(
    kind: DocumentKind,
    options?: {
      readonly title?: string
      readonly changes?: readonly Change[]
      /**
       * Whoever may write adds to the history of this agent session at any time. Without it one device
       * holds the session and writes its history; the others write everything else, and its inbox.
       */
      readonly open?: boolean
    },
  ): Promise<Document>
  /** Rejects with `not-found`. */
  open(session: SessionId): Promise<Document>
  /** Every session that has open conflicts. */
  withConflicts(): Promise<
    readonly { readonly session: SessionId; readonly conflicts: readonly ConflictRow[] }[]
  >
}

/** A session with open conflicts. */
export interface ConflictedSession {
  readonly session: SessionId
  readonly title: string | undefined
  readonly conflicts: readonly ConflictRow[]
}
