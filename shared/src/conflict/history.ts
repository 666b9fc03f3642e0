/**
 * What a folded transcript shows: the main history, file by file, and the branches beside it (rules
 * BR2 to BR5). Main is the author's word: the last record or adoption in the author's own logs
 * decides where a file ends. What other devices wrote and nobody adopted is a branch.
 */
import { type Bytes, compareBytes, utf8Encode } from '../bytes.ts'
import { type DeviceId, idBytes, type LogId, splitLogId } from '../ids.ts'
import { type Content, fileStart, type Position } from '../model/agent-entries.ts'
import type { Sha256 } from '../primitives.ts'
import { type Piece, samePoint, type TranscriptState, type WholeFile } from './transcript.ts'

/** Entries of `log` from seq `from` to `to` that name the file, in file order. */
export interface Span {
  readonly log: LogId
  readonly from: number
  readonly to: number
}

export type FileHistory =
  | {
      readonly kind: 'records'
      readonly file: string
      readonly spans: readonly Span[]
      readonly end: Position
    }
  | {
      readonly kind: 'whole'
      readonly file: string
      readonly sha256: Bytes
      readonly bytes: number
      readonly content: Content
      readonly at: { readonly log: LogId; readonly seq: number }
    }

export interface Branch {
  /** Stable while the branch grows: the writing device's first letters and a number. */
  readonly name: string
  readonly device: DeviceId
  /** Where it leaves main, and its whole history, file by file. */
  readonly files: readonly {
    readonly base: Position
    readonly history: Extract<FileHistory, { kind: 'records' }>
  }[]
  /** Whole files that its device wrote another way than main has them. */
  readonly wholes: readonly Extract<FileHistory, { kind: 'whole' }>[]
  /** Records that main has not. */
  readonly records: number
}

/** The main history by carried path, in path order. */
export function mainHistory(state: TranscriptState): Map<string, FileHistory> {
  const main = new Map<string, FileHistory>()
  if (state.author === undefined) return main
  const order = authorOrder(state, state.author)
  const ends = new Map<string, { rank: readonly [number, number]; end: Position }>()
  const offer = (file: string, log: LogId, seq: number, end: Position) => {
    const turn = order.get(log)
    if (turn === undefined) return
    const known = ends.get(file)?.rank
    if (known && (known[0] > turn || (known[0] === turn && known[1] >= seq))) return
    ends.set(file, { rank: [turn, seq], end })
  }
  for (const piece of state.pieces) offer(piece.file, piece.log, piece.to, piece.end)
  for (const { file, log, seq, to } of state.adoptions) offer(file, log, seq, to)
  for (const [file, { end }] of ends) {
    const spans = trace(state, file, end)
    if (spans) main.set(file, { kind: 'records', file, spans, end })
  }
  const wholes = new Map<string, { rank: readonly [number, number]; whole: WholeFile }>()
  for (const whole of state.wholes.values()) {
    const turn = order.get(whole.log)
    const known = wholes.get(whole.file)?.rank
    if (turn === undefined || (known && known[0] > turn)) continue
    wholes.set(whole.file, { rank: [turn, whole.seq], whole })
  }
  for (const [file, { whole }] of wholes) main.set(file, wholeHistory(whole))
  return new Map([...main].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What devices wrote beside main, oldest name first. */
export function branches(state: TranscriptState, main: Map<string, FileHistory>): Branch[] {
  const inMain = (piece: Piece): boolean => {
    const history = main.get(piece.file)
    return (
      history?.kind === 'records' &&
      (samePoint(history.end, piece.end) ||
        history.spans.some((span) => span.log === piece.log && span.to >= piece.to))
    )
  }
  const carriedOn = (piece: Piece): boolean =>
    state.pieces.some((next) => next.file === piece.file && samePoint(next.base, piece.end))
  const byDevice = new Map<DeviceId, Piece[]>()
  for (const piece of state.pieces) {
    if (inMain(piece) || carriedOn(piece)) continue
    const { device } = splitLogId(piece.log)
    byDevice.set(device, [...(byDevice.get(device) ?? []), piece])
  }
  const found: Branch[] = []
  for (const [device, leaves] of byDevice) {
    leaves.sort((a, b) => compareBytes(idBytes(a.log), idBytes(b.log)) || a.from - b.from)
    const perFile = new Map<string, Piece[]>()
    for (const leaf of leaves) perFile.set(leaf.file, [...(perFile.get(leaf.file) ?? []), leaf])
    const count = Math.max(...[...perFile.values()].map((list) => list.length))
    for (let i = 0; i < count; i++) {
      const files = [...perFile.values()]
        .map((list) => list[i])
        .filter((leaf) => leaf !== undefined)
        .flatMap((leaf) => branchFile(state, main, leaf))
      if (files.length === 0) continue
      const records = files.reduce(
        (sum, { base, history }) => sum + history.end.records - base.records,
        0,
      )
      const name = `${device.slice(0, 8)}-${i + 1}`
      found.push({ name, device, files, wholes: wholesOf(state, main, device), records })
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The history of a line file up to `end`; nothing while some of it is not held. */
export function historyTo(
  state: TranscriptState,
  file: string,
  end: Position,
): Extract<FileHistory, { kind: 'records' }> | undefined {
  const spans = trace(state, file, end)
  return spans && { kind: 'records', file, spans, end }
}

/** SHA-256 over (path, records, bytes, last record id or hash) of every file: two equal digests mean byte-equal carried sessions. */
export function carriedDigest(sha256: Sha256, files: Iterable<FileHistory>): Bytes {
  const parts: Bytes[] = []
  for (const file of [...files].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const facts =
      file.kind === 'records'
        ? [file.end.records, file.end.bytes, file.end.record]
        : [-1, file.bytes, file.sha256]
    parts.push(utf8Encode(`${file.file}\0${facts[0]}\0${facts[1]}\0`), facts[2] as Bytes)
  }
  return sha256(...parts)
}

/** Latest whole files of one device, where main has others. */
function wholesOf(state: TranscriptState, main: Map<string, FileHistory>, device: DeviceId) {
  const latest = new Map<string, WholeFile>()
  for (const whole of state.wholes.values()) {
    if (splitLogId(whole.log).device !== device) continue
    const known = latest.get(whole.file)
    if (!known || compareBytes(idBytes(known.log), idBytes(whole.log)) <= 0) {
      latest.set(whole.file, whole)
    }
  }
  return [...latest.values()].map(wholeHistory).filter((whole) => {
    const trunk = main.get(whole.file)
    return trunk?.kind !== 'whole' || compareBytes(trunk.sha256, whole.sha256) !== 0
  })
}

function branchFile(state: TranscriptState, main: Map<string, FileHistory>, leaf: Piece) {
  const history = historyTo(state, leaf.file, leaf.end)
  if (!history) return []
  const trunk = main.get(leaf.file)
  const base = trunk?.kind === 'records' ? leavesAt(state, trunk, leaf) : fileStart
  return [{ base, history }]
}

/** The last point that the history which ends in `leaf` has in common with `trunk`. */
function leavesAt(
  state: TranscriptState,
  trunk: Extract<FileHistory, { kind: 'records' }>,
  leaf: Piece,
): Position {
  let piece = leaf
  for (let guard = state.pieces.length; guard >= 0; guard--) {
    const shared = trunk.spans.findIndex(
      ({ log, to }) => log === piece.log && piece.from <= to && to <= piece.to,
    )
    if (shared >= 0) return endOfSpan(state, trunk, shared)
    const { at } = piece.base
    if (!at || trunk.spans.some((s) => s.log === at.log && s.from <= at.seq && at.seq <= s.to))
      break
    const before = pieceAt(state, piece.file, at)
    if (!before) break
    piece = before
  }
  return piece.base
}

/** Where a span of a history ends: at its end, or where the next span's piece goes on from. */
function endOfSpan(
  state: TranscriptState,
  history: Extract<FileHistory, { kind: 'records' }>,
  index: number,
): Position {
  const next = history.spans[index + 1]
  const piece = next && pieceAt(state, history.file, { log: next.log, seq: next.from })
  return piece?.base ?? history.end
}

/** The spans that lead from the start of the file to `end`; nothing while some are not held. */
function trace(state: TranscriptState, file: string, end: Position): Span[] | undefined {
  const spans: Span[] = []
  let at = end.at
  for (let guard = state.pieces.length; at; guard--) {
    const piece = guard < 0 ? undefined : pieceAt(state, file, at)
    if (!piece) return undefined
    spans.push({ log: piece.log, from: piece.from, to: at.seq })
    at = piece.base.at
  }
  return spans.reverse()
}

function pieceAt(state: TranscriptState, file: string, at: { log: LogId; seq: number }) {
  return state.pieces.find(
    (p) => p.file === file && p.log === at.log && p.from <= at.seq && at.seq <= p.to,
  )
}

/** The author's logs, oldest first: along their predecessors, ties by incarnation. */
function authorOrder(state: TranscriptState, author: DeviceId): Map<LogId, number> {
  const own = [...state.logs].filter(([, log]) => log.device === author)
  const depth = (id: LogId): number => {
    let steps = 0
    let log = state.logs.get(id)
    while (log?.predecessor !== undefined && steps <= own.length) {
      steps++
      log = state.logs.get(log.predecessor)
    }
    return steps
  }
  const ranked = own.map(([id]) => ({ id, depth: depth(id) }))
  ranked.sort((a, b) => a.depth - b.depth || compareBytes(idBytes(a.id), idBytes(b.id)))
  return new Map(ranked.map(({ id }, turn) => [id, turn]))
}

const wholeHistory = (whole: WholeFile): Extract<FileHistory, { kind: 'whole' }> => ({
  kind: 'whole',
  file: whole.file,
  sha256: whole.sha256,
  bytes: 'inline' in whole.content ? whole.content.inline.length : whole.content.bytes,
  content: whole.content,
  at: { log: whole.log, seq: whole.seq },
})
