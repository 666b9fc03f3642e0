/**
 * Source: an agent's own session files. It reads them losslessly, as raw lines and whole sidecar
 * files, and writes a session where the agent itself resumes it. It keeps nothing: cursors are
 * handed in and out, and every field of one can be stored as it is.
 */
import type { Bytes } from '@baton/shared/bytes'

/**
 * Where reading of one file stands. It covers everything before it twice: `record` in the ids of
 * the log, `digest` in what the file itself holds. The two differ once a file was placed here, since
 * a placed file is a function of the carried one; a cursor of a placement reads on like any other.
 */
export interface Cursor {
  /** Absolute path on this device. */
  readonly path: string
  /** Complete lines of the file taken, and their bytes with newlines. */
  readonly records: number
  readonly bytes: number
  /** The log's id of the last record taken (32 bytes; zero before the first). */
  readonly record: Bytes
  /** The same chain of ids over the file's own lines; of a whole file, its SHA-256. */
  readonly digest: Bytes
  /** dev and inode (or their like) of the file, to see a replacement. */
  readonly identity: string
  /** Size and times of the file at this cursor: equal means untouched since. */
  readonly stamp: string
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
  /** Sanitised: one line, at most 120 characters. */
  readonly title: string | undefined
  /** Of the main file. */
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
  /**
   * At least one record, in file order, and where reading stands after them. `ids[i]` is the record
   * id of `lines[i]`. At most about 1 MiB, or one longer line. The bytes are the taker's to keep.
   */
  | {
      readonly kind: 'records'
      readonly file: string
      readonly lines: readonly Bytes[]
      readonly ids: readonly Bytes[]
      readonly cursor: Cursor
    }
  /**
   * A whole sidecar file that is not made of records. `content` streams exactly `bytes` and rejects
   * with `source-changed` when the file is no longer that version.
   */
  | {
      readonly kind: 'file'
      readonly file: string
      readonly bytes: number
      readonly version: string
      content(): AsyncIterable<Bytes>
    }
  /**
   * The file shrank, was replaced or rewritten: it agrees with the log only up to `cursor`, or
   * nowhere. Nothing more of it follows; reading again with that cursor goes on from there.
   */
  | { readonly kind: 'diverged'; readonly file: string; readonly cursor: Cursor | undefined }
  /** Bytes after the last newline: not taken, reported. */
  | { readonly kind: 'torn'; readonly file: string; readonly bytes: number }
  /** A sidecar that is not carried: a symlink, an unsafe name, too large, or too many. */
  | { readonly kind: 'skipped'; readonly file: string; readonly reason: string }

export interface ReadState {
  /** Cursors by carried path. */
  readonly cursors: ReadonlyMap<string, Cursor>
  /** `version` of whole files already carried, by carried path. */
  readonly versions: ReadonlyMap<string, string>
  /**
   * Whether the log holds this record of the file; true for every record of this read that was
   * taken. Asked only to find a common prefix, some 40 times.
   */
  has(file: string, record: Bytes): Promise<boolean>
  /**
   * What is before a cursor is read again and must be what was taken, even where all that can be
   * told without reading says so: before a session is sent, or written by us.
   */
  readonly thorough?: boolean
}

/** What is to be placed: the carried session, streamed. Its names and paths are a peer's words. */
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
  /**
   * Record lines without newline, some at a time, from record `after` on; or the chunks of a whole
   * file.
   */
  read(after?: number): AsyncIterable<readonly Bytes[]>
}

export interface PlaceOptions {
  /** Rewrites of project paths, `from` a prefix on the origin, `to` a directory here. */
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  /** The project directory, when a person named it. */
  readonly project?: string
  /** Cursors of an earlier placement of this session, by carried path. */
  readonly cursors: ReadonlyMap<string, PlacedCursor>
  /**
   * A fresh agent session id, for a branch that gets a file of its own; later placements of that
   * branch carry it as their `agentSession`.
   */
  readonly as?: string
  /** Cursors of another copy of this session here: the branch belongs to the same project. */
  readonly beside?: ReadonlyMap<string, PlacedCursor>
}

/**
 * A cursor at the end of what is placed. For a file of this device itself, a read cursor with
 * `carried` = its records and an empty `state` is one.
 */
export interface PlacedCursor extends Cursor {
  /** Records of the carried file that the placed file covers. */
  readonly carried: number
  /** What the source needs to go on from here; opaque, at most 64 KiB. */
  readonly state: string
}

export interface Placed {
  readonly project: string
  readonly path: string
  readonly agentSession: string
  /** By carried path; a sidecar that was left as it is has none. */
  readonly cursors: ReadonlyMap<string, PlacedCursor>
  /** What `ReadState.versions` says of the whole files placed. */
  readonly versions: ReadonlyMap<string, string>
  /** How often each kind or field was left out or changed in what was written this time. */
  readonly neutralised: Readonly<Record<string, number>>
  /** The line a person runs to go on there. */
  readonly resume: string
}

/** One record boiled down for reading; `text` is untrusted, bounded and free of control characters. */
export interface Description {
  readonly kind: 'user' | 'assistant' | 'tool' | 'result' | 'system' | 'other'
  readonly at: string | undefined
  readonly text: string
}

export interface Source {
  readonly agent: string
  /** Where it looks, for a person to read. */
  readonly roots: readonly string[]
  find(): AsyncIterable<FoundSession>
  /** Rejects with `too-large` at a line above 64 MiB and with `not-found` when the file is gone. */
  read(session: FoundSession, state: ReadState): AsyncIterable<SourceItem>
  /** Calls `wake` when any file of the session may have changed; bursts are joined. */
  watch(session: FoundSession, wake: () => void): () => void
  /** Whether a process of the agent has this session open now. */
  live(agentSession: string): Promise<boolean>
  /** Rejects with `place-live`, `place-exists`, `place-unmapped` or `source-changed`. */
  place(session: CarriedSession, options: PlaceOptions): Promise<Placed>
  /**
   * Never throws, whatever the bytes. The text is one line of at most `maxShownChars`, or, `whole`,
   * its lines up to `maxReadChars`.
   */
  describe(line: Bytes, whole?: boolean): Description
}
