/**
 * The main history of a folded transcript, file by file (rules BR3, BR4). Main is the author's word:
 * the last record or adoption in the author's own logs decides where a line file ends, its last
 * version what a whole file holds. What others wrote is in branches.ts.
 */
import { type Bytes, concat, utf8Encode } from '../bytes.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import type { Position } from '../model/agent-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { createRights } from './grants.ts'
import { indexPieces, logOrder, type PieceIndex, type Span } from './piece-index.ts'
import type { TranscriptState, WholeFile } from './transcript.ts'

export interface RecordHistory {
  readonly kind: 'records'
  readonly file: string
  readonly spans: readonly Span[]
  readonly end: Position
}

export interface WholeHistory {
  readonly kind: 'whole'
  readonly file: string
  readonly sha256: Bytes
  readonly bytes: number
  /** True when the content stands in the entry at `at`, else it is the blob `sha256`. */
  readonly inline: boolean
  readonly at: { readonly log: LogId; readonly seq: number }
}

export type FileHistory = RecordHistory | WholeHistory

interface Offer {
  readonly turn: number
  readonly seq: number
  readonly end: Position
}

/** The main history by carried path, in path order. */
export function mainHistory(
  state: TranscriptState,
  index: PieceIndex = indexPieces(state),
): Map<string, FileHistory> {
  const main = new Map<string, FileHistory>()
  if (state.author === undefined) return main
  const order = logOrder(state, state.author)
  for (const whole of latestWholes(state, order).values()) main.set(whole.file, wholeHistory(whole))
  const offers = new Map<string, Offer[]>()
  const offer = (file: string, log: LogId, seq: number, end: Position) => {
    const turn = order.get(log)
    if (turn === undefined) return
    const list = offers.get(file)
    if (list === undefined) offers.set(file, [{ turn, seq, end }])
    else list.push({ turn, seq, end })
  }
  for (const { file, log, to, end, counts } of state.pieces) if (counts) offer(file, log, to, end)
  for (const { file, log, seq, to } of state.adoptions) offer(file, log, seq, to)
  for (const [file, list] of offers) {
    // The last word of which everything is held: what an adoption names may still be on its way.
    list.sort((a, b) => b.turn - a.turn || b.seq - a.seq)
    for (const { end } of list) {
      const spans = index.trace(file, end)
      if (spans === undefined) continue
      main.set(file, { kind: 'records', file, spans, end })
      break
    }
  }
  return new Map([...main].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The history of a line file up to `end`; nothing while some of it is not held. */
export function historyTo(
  state: TranscriptState,
  file: string,
  end: Position,
): RecordHistory | undefined {
  const spans = indexPieces(state).trace(file, end)
  return spans && { kind: 'records', file, spans, end }
}

/** SHA-256 over (path, records, bytes, last record id or hash) of every file: two equal digests mean byte-equal carried sessions. */
export function carriedDigest(sha256: Sha256, files: Iterable<FileHistory>): Bytes {
  const parts: Bytes[] = []
  for (const file of [...files].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const records = file.kind === 'records'
    const counts = records ? [file.end.records, file.end.bytes] : [-1, file.bytes]
    parts.push(
      utf8Encode(`${file.file}\0${counts.join('\0')}\0`),
      records ? file.end.record : file.sha256,
    )
  }
  return sha256(concat(...parts))
}

/** The devices that may write: the author, and whom it let in or one that may let in. */
export function membersOf(state: TranscriptState): ReadonlySet<DeviceId> {
  if (state.author === undefined) return new Set()
  const rights = createRights()
  rights.begin(state.author)
  for (const { log, ...grant } of state.grants) rights.take(splitLogId(log).device, grant)
  return new Set(rights.has.keys())
}

/** A device's last version of every whole file, given its logs in order. */
export function latestWholes(
  state: TranscriptState,
  order: ReadonlyMap<LogId, number>,
): Map<string, WholeFile> {
  const latest = new Map<string, WholeFile>()
  for (const whole of state.wholes.values()) {
    const turn = order.get(whole.log)
    if (turn === undefined) continue
    const known = latest.get(whole.file)
    if (!known || (order.get(known.log) as number) < turn) latest.set(whole.file, whole)
  }
  return latest
}

export const wholeHistory = ({
  file,
  sha256,
  bytes,
  inline,
  log,
  seq,
}: WholeFile): WholeHistory => ({
  kind: 'whole',
  file,
  sha256,
  bytes,
  inline,
  at: { log, seq },
})
