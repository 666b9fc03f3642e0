/**
 * The fold of a session document (rules DO1 to DO5): registers, rows, messages, tool calls, inbox and
 * captures out of the entries of all its logs. Entries of one log come in order, logs in any; the
 * result depends on the set alone. What does not count is listed with its reason and is in no other
 * entry's way. It knows neither where entries are stored nor what a field means.
 */
import type { Bytes } from '../bytes.ts'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '../ids.ts'
import { depHashBytes, type Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import { parseGrant } from '../model/agent-entries.ts'
import { readBeginning, type SessionDescriptor } from '../model/beginning.ts'
import {
  type Held,
  type Path,
  parseCapture,
  parseInbox,
  parseMessage,
  parseRegister,
  parseRow,
  parseTool,
} from '../model/document-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { keepHeld } from './held.ts'
import { type Hidden, hide } from './hidden.ts'
import { foldMessage, type MessageNode } from './messages.ts'
import { compareWrites, createRegister, foldWrite, type Register, type Write } from './register.ts'
import { foldTool, type ToolCall } from './tool-calls.ts'
import { createWaiting, type Waiting } from './waiting.ts'

export type HiddenReason =
  | 'malformed'
  | 'unknown-kind'
  | 'not-author'
  | 'not-permitted'
  | 'other-session'

export interface FoldedLog {
  readonly device: DeviceId
  seq: number
  /** The chain hash at `seq`, 32 bytes. */
  hash: Bytes
  /** Stamp of the last entry, ms since 1970. */
  changed: number
  /** Entries that do not count; of these only the first are listed. */
  hiddenCount: number
}

export interface Field {
  readonly path: Path
  readonly register: Register
}

export interface Row {
  readonly collection: string
  readonly key: string
  /** The last word of each device about its own row. */
  readonly writes: Map<DeviceId, Write>
}

export interface DocumentState {
  readonly session: SessionId
  readonly logs: Map<LogId, FoldedLog>
  author: DeviceId | undefined
  descriptor: SessionDescriptor | undefined
  /** Whom the author lets write, itself included. */
  readonly writers: Set<DeviceId>
  /** By `pathKey`. */
  readonly fields: Map<string, Field>
  readonly rows: Map<string, Row>
  readonly messages: Map<string, MessageNode>
  readonly tools: Map<string, ToolCall>
  readonly inbox: Map<string, Write>
  readonly captures: Map<string, Register>
  readonly hidden: Hidden<HiddenReason>[]
  readonly waiting: Waiting
  /** Someone may write now whose earlier entries were passed over: the fold is to be made anew. */
  stale: boolean
}

const noHash = new Uint8Array(32)
/** Who may write is known before the first entry, or found out and then `stale`. */
export function createDocument(
  session: SessionId,
  known: Pick<DocumentState, 'author' | 'descriptor' | 'writers'> = {
    author: undefined,
    descriptor: undefined,
    writers: new Set(),
  },
): DocumentState {
  return {
    session,
    author: known.author,
    descriptor: known.descriptor,
    writers: new Set(known.writers),
    logs: new Map(),
    fields: new Map(),
    rows: new Map(),
    messages: new Map(),
    tools: new Map(),
    inbox: new Map(),
    captures: new Map(),
    hidden: [],
    waiting: createWaiting(),
    stale: false,
  }
}

/** The next entry of a log, undefined when it cannot be read, and the chain hash there, 32 bytes. */
export interface NextEntry {
  readonly seq: number
  readonly entry: Entry | undefined
  readonly hash: Bytes
}

/**
 * Folds the next entry of a log. False when it has to wait and
 * no room is left for that: it is to be given again when other logs went on. One already folded is
 * passed over.
 */
export function foldDocument(
  state: DocumentState,
  sha256: Sha256,
  log: LogId,
  { seq, entry, hash }: NextEntry,
): boolean {
  const folded = logOf(state, log)
  if (seq <= folded.seq) return true
  const missing = entry ? unmet(state, log, entry) : []
  if (missing === undefined) hide(state.hidden, folded, { log, seq: seq, reason: 'other-session' })
  else if (missing.length > 0) {
    if (!entry || !state.waiting.add({ log, entry, hash, missing })) return false
  }
  folded.seq = seq
  folded.hash = hash
  if (entry) folded.changed = entry.stamp.ms
  if (entry === undefined) hide(state.hidden, folded, { log, seq: seq, reason: 'malformed' })
  else if (missing?.length === 0) apply(state, sha256, log, entry, hash)
  for (const ready of state.waiting.reached(log, seq)) {
    apply(state, sha256, ready.log, ready.entry, ready.hash)
  }
  return true
}

function logOf(state: DocumentState, log: LogId): FoldedLog {
  const known = state.logs.get(log)
  if (known) return known
  const { device } = splitLogId(log)
  const fresh: FoldedLog = { device, seq: 0, hash: noHash, changed: 0, hiddenCount: 0 }
  state.logs.set(log, fresh)
  return fresh
}

/** Dependencies that are not held yet; undefined when one names another session. */
function unmet(state: DocumentState, log: LogId, { deps, seq }: Entry) {
  const missing: { log: LogId; seq: number }[] = []
  for (const dep of deps) {
    if (splitLogId(dep.log).session !== state.session) return undefined
    // Its own log's earlier entries are held; a later one, or itself, it cannot have seen.
    if (dep.log === log && dep.seq >= seq) return undefined
    if (dep.seq > (state.logs.get(dep.log)?.seq ?? 0)) missing.push({ log: dep.log, seq: dep.seq })
  }
  return missing
}

function apply(state: DocumentState, sha256: Sha256, log: LogId, entry: Entry, hash: Bytes): void {
  const folded = logOf(state, log)
  const reason = judge(state, sha256, log, folded.device, entry, hash)
  if (reason !== undefined) hide(state.hidden, folded, { log, seq: entry.seq, reason: reason })
}

function judge(
  state: DocumentState,
  sha256: Sha256,
  log: LogId,
  device: DeviceId,
  entry: Entry,
  hash: Bytes,
): HiddenReason | undefined {
  const { kind, payload, seq, stamp, deps } = entry
  if (kind === kinds.genesis) return foldGenesis(state, sha256, log, device, entry)
  if (kind === kinds.grant) {
    const grant = parseGrant(payload)
    if (!grant) return 'malformed'
    if (device !== state.author) return 'not-author'
    if (grant.kind === 'mirror') permit(state, grant.device)
    return undefined
  }
  const fold = folds[kind]
  if (fold === undefined) return 'unknown-kind'
  if (!state.writers.has(device)) return 'not-permitted'
  const write = (held: Held): Write => {
    const short = hash.slice(0, depHashBytes)
    return { log, seq, hash: short, device, stamp, held: keepHeld(held) }
  }
  return fold(state, payload, write, deps) ? undefined : 'malformed'
}

function foldGenesis(
  state: DocumentState,
  sha256: Sha256,
  log: LogId,
  device: DeviceId,
  entry: Entry,
): HiddenReason | undefined {
  const beginning = readBeginning(sha256, log, entry)
  if (beginning.at !== 'read') return beginning.at
  if (beginning.descriptor === undefined) return undefined
  state.author = device
  // An author that described it twice is taken at the word of what it created first.
  const before = state.descriptor
  if (!before || beginning.descriptor.created < before.created) {
    state.descriptor = beginning.descriptor
  }
  permit(state, device)
  return undefined
}

/** What a device wrote before it was known that it may was hidden: the fold is made anew. */
function permit(state: DocumentState, device: DeviceId): void {
  if (state.writers.has(device)) return
  state.writers.add(device)
  // Also what another wrote: a grant may have come before the genesis that says who the author is.
  if ([...state.logs.values()].some((log) => log.hiddenCount > 0)) state.stale = true
}

type Fold = (
  state: DocumentState,
  payload: unknown,
  write: (held: Held) => Write,
  deps: Entry['deps'],
) => boolean

/** Each answers whether the payload was one. */
const folds: Readonly<Record<number, Fold>> = {
  [kinds.register](state, payload, write, deps) {
    const parsed = parseRegister(payload)
    if (!parsed) return false
    const { path, held } = parsed
    const key = pathKey(path)
    const field = state.fields.get(key) ?? { path, register: createRegister() }
    state.fields.set(key, field)
    foldWrite(field.register, write(held), deps)
    return true
  },
  [kinds.row](state, payload, write) {
    const parsed = parseRow(payload)
    if (!parsed) return false
    const { collection, key, held } = parsed
    const name = pathKey([collection, key])
    const row = state.rows.get(name) ?? { collection, key, writes: new Map() }
    state.rows.set(name, row)
    const fresh = write(held)
    const known = row.writes.get(fresh.device)
    if (!known || later(fresh, known)) row.writes.set(fresh.device, fresh)
    return true
  },
  [kinds.inbox](state, payload, write) {
    const parsed = parseInbox(payload)
    if (!parsed) return false
    const fresh = write(parsed.held)
    const known = state.inbox.get(parsed.id)
    // One id is one input, however often it was published: the first word counts.
    if (!known || later(known, fresh)) state.inbox.set(parsed.id, fresh)
    return true
  },
  [kinds.message](state, payload, write) {
    const parsed = parseMessage(payload)
    if (!parsed) return false
    foldMessage(state.messages, parsed, write(parsed.held))
    return true
  },
  [kinds.tool](state, payload, write) {
    const parsed = parseTool(payload)
    if (!parsed) return false
    foldTool(state.tools, parsed, write(parsed.held))
    return true
  },
  [kinds.capture](state, payload, write, deps) {
    const parsed = parseCapture(payload)
    if (!parsed) return false
    const register = state.captures.get(parsed.origin) ?? createRegister()
    state.captures.set(parsed.origin, register)
    foldWrite(register, write(parsed.held), deps)
    return true
  },
}

/** A path as a map key: different for different paths, whatever their text. */
export const pathKey = (path: Path): string => JSON.stringify(path)

const later = (a: Write, b: Write): boolean => compareWrites(a, b) < 0
