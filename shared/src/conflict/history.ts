/**
 * The main history of a folded transcript, file by file (rules BR3, BR4, BR12). Main is the word of who
 * holds the session, which is its author until it changes hands: the last record or adoption of the
 * last holder that said any decides where a line file ends, its last version what a whole file holds.
 * What others wrote is in branches.ts.
 */
import { type Bytes, concat, utf8Encode } from '../bytes.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import type { Position } from '../model/agent-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { createRights } from './grants.ts'
import { indexPieces, type PieceIndex, type Span } from './piece-index.ts'
import { byRank, type Rank, ranking, type Word } from './ranking.ts'
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

interface Offer extends Rank {
  readonly end: Position
}

/** The main history by carried path, in path order. */
export function mainHistory(
  state: TranscriptState,
  index: PieceIndex = indexPieces(state),
): Map<string, FileHistory> {
  const main = new Map<string, FileHistory>()
  if (state.author === undefined) return main
  const rank = ranking(state)
  for (const whole of lastOf(state.wholes.values(), rank).values()) {
    main.set(whole.file, wholeHistory(whole))
  }
  const offers = new Map<string, Offer[]>()
  const offer = (file: string, end: Position, word: Word) => {
    const ranked = rank(word)
    if (ranked === undefined) return
    const list = offers.get(file)
    if (list === undefined) offers.set(file, [{ ...ranked, end }])
    else list.push({ ...ranked, end })
  }
  for (const piece of state.pieces) {
    const { file, log, to, end, counts, epoch } = piece
    if (counts) offer(file, end, { log, seq: to, epoch })
  }
  for (const adoption of state.adoptions) offer(adoption.file, adoption.to, adoption)
  for (const [file, list] of offers) {
    // The last word of which everything is held: what an adoption names may still be on its way.
    list.sort((a, b) => byRank(b, a))
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
export const latestWholes = (
  state: TranscriptState,
  order: ReadonlyMap<LogId, number>,
): Map<string, WholeFile> =>
  lastOf(state.wholes.values(), ({ log, seq }) => {
    const turn = order.get(log)
    return turn === undefined ? undefined : { epoch: 0, turn, seq }
  })

function lastOf(
  wholes: Iterable<WholeFile>,
  rank: (word: Word) => Rank | undefined,
): Map<string, WholeFile> {
  const latest = new Map<string, { readonly whole: WholeFile; readonly rank: Rank }>()
  for (const whole of wholes) {
    const ranked = rank(whole)
    const known = latest.get(whole.file)
    if (ranked && (!known || byRank(known.rank, ranked) < 0)) {
      latest.set(whole.file, { whole, rank: ranked })
    }
  }
  return new Map([...latest].map(([file, { whole }]) => [file, whole]))
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
