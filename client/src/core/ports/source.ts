/**
 * Source: an agent's own session files. It reads them losslessly, as raw lines and whole sidecar
 * files, and writes a session where the agent itself resumes it. It keeps nothing: cursors are
 * handed in and out.
 */
import type { Bytes } from '@baton/shared/bytes'

/** Where reading of one line file stands. The last record id covers everything before it. */
export interface Cursor {
  /** Absolute path on this device. */
  readonly path: string
  /** Complete lines taken, and their bytes with newlines. */
  readonly records: number
  readonly bytes: number
  /** Id of the last record taken (32 bytes; zero before the first). */
  readonly record: Bytes
  /** dev and inode (or their like) of the file, to see a replacement. */
  readonly identity: string
  /** SHA-256 of the last min(4 KiB, bytes) bytes before the cursor. */
  readonly tail: Bytes
}

export interface FoundSession {
  readonly agent: string
  /** The agent's own session id, validated. */
  readonly agentSession: string
  /** Absolute path of its main file. */
  readonly path: string
  /** Project directory as its own records name it, or undefined. */
  readonly project: string | undefined
  /** Origin URL of the project's git repository and the path below its root. */
  readonly repository: { readonly remote: string; readonly below: string } | undefined
  readonly title: string | undefined
  readonly bytes: number
  /** ms since 1970. */
  readonly modified: number
  /** A process of the agent has it open. */
  readonly live: boolean
}

/**
 * `file` is the carried path: `transcript.jsonl` for the main file, else the path below the
 * session's sidecar folder, with forward slashes.
 */
export type SourceItem =
  | {
      readonly kind: 'record'
      readonly file: string
      readonly line: Bytes
      readonly cursor: Cursor
    }
  /** A whole sidecar file that is not made of records; `content` streams it. */
  | {
      readonly kind: 'file'
      readonly file: string
      readonly bytes: number
      readonly version: string
      content(): AsyncIterable<Bytes>
    }
  /** The file shrank, was replaced or rewritten: it agrees with the log only up to `cursor`. */
  | { readonly kind: 'diverged'; readonly file: string; readonly cursor: Cursor | undefined }
  /** Bytes after the last newline: not taken, reported. */
  | { readonly kind: 'torn'; readonly file: string; readonly bytes: number }

export interface ReadState {
  /** Cursors by carried path. */
  readonly cursors: ReadonlyMap<string, Cursor>
  /** `version` of whole files already carried, by carried path. */
  readonly versions: ReadonlyMap<string, string>
  /** Ids of carried records of one file, newest first: asked only to find a common prefix. */
  has(file: string, record: Bytes): Promise<boolean>
}

/** What is to be placed: the carried session, streamed. */
export interface CarriedSession {
  readonly agent: string
  readonly agentSession: string
  readonly project: string | undefined
  readonly repository: FoundSession['repository']
  readonly files: readonly CarriedFile[]
}

export interface CarriedFile {
  readonly file: string
  readonly kind: 'records' | 'whole'
  readonly records: number
  readonly bytes: number
  /** Last record id, or the SHA-256 of a whole file. */
  readonly digest: Bytes
  /** Record lines without newline, or chunks of a whole file, from record `after` on. */
  read(after?: number): AsyncIterable<Bytes>
}

export interface PlaceOptions {
  /** Rewrites of project paths, `from` a prefix on the origin, `to` a directory here. */
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  /** The project directory, when a person named it. */
  readonly project?: string
  /** Cursors of an earlier placement of this session, by carried path. */
  readonly cursors: ReadonlyMap<string, PlacedCursor>
  /** A fresh agent session id, for a branch that gets a file of its own. */
  readonly as?: string
}

/** A placed file is a function of the carried one, so its own bytes and hash are kept too. */
export interface PlacedCursor extends Cursor {
  /** Records of the carried file that the placed file covers. */
  readonly carried: number
  /** SHA-256 of the placed file when it was last written. */
  readonly sha256: Bytes
}

export interface Placed {
  readonly project: string
  readonly path: string
  readonly agentSession: string
  readonly cursors: ReadonlyMap<string, PlacedCursor>
  /** How often each neutralised kind or field was left out or changed. */
  readonly neutralised: Readonly<Record<string, number>>
  /** The line a person runs to go on there. */
  readonly resume: string
}

export interface Source {
  readonly agent: string
  /** Where it looks, for a person to read. */
  readonly roots: readonly string[]
  find(): AsyncIterable<FoundSession>
  read(session: FoundSession, state: ReadState): AsyncIterable<SourceItem>
  /** Calls `wake` when any file of the session may have changed; bursts are joined. */
  watch(session: FoundSession, wake: () => void): () => void
  /** Rejects with `place-live`, `place-exists`, `place-unmapped` or `source-changed`. */
  place(session: CarriedSession, options: PlaceOptions): Promise<Placed>
}
