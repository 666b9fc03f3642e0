/**
 * What stands beside the main history of a transcript (rules BR5 to BR7, BR12): records that a device
 * wrote without holding the session and its holder did not take over, or that the holder left behind
 * when its file was rewritten. Only devices that may write are listed; what others wrote is kept and shown nowhere.
 */
import { toBase64url } from '../bytes.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import { fileStart, type Position } from '../model/agent-entries.ts'
import {
  type FileHistory,
  latestWholes,
  mainHistory,
  membersOf,
  type RecordHistory,
  type WholeHistory,
  wholeHistory,
} from './history.ts'
import { indexPieces, logOrder, type PieceIndex, type Span } from './piece-index.ts'
import { speakerOf, speakersOf } from './ranking.ts'
import { standing } from './said-again.ts'
import { type Piece, samePoint, type TranscriptState, versionKey } from './transcript.ts'

export interface BranchFile {
  /** Where it leaves main. */
  readonly base: Position
  /** From the start of the file. */
  readonly history: RecordHistory
}

export interface Branch {
  /** The writing device's first letters and a number; the newest has the highest. */
  readonly name: string
  readonly device: DeviceId
  readonly files: readonly BranchFile[]
  /** Whole files of which its device has a version that main never had. */
  readonly wholes: readonly WholeHistory[]
  /** Records that main has not. */
  readonly records: number
  /** Stamp of its last record, ms since 1970. */
  readonly changed: number
}

type Main = ReadonlyMap<string, FileHistory>

/** What devices wrote beside main, by device, oldest first. */
export function branches(state: TranscriptState): Branch[] {
  const desk = layOut(state)
  const counts = ({ log, counts }: Piece) =>
    counts && desk.members.has(state.logs.get(log)?.device as DeviceId)
  const written = state.pieces.filter(counts)
  const carriedOn = goneOnFrom(desk, written)
  const byDevice = new Map<DeviceId, Piece[]>()
  for (const piece of written) {
    if (inMain(desk.main, piece)) continue
    if (carriedOn.has(pointKey(piece.file, piece.end))) continue
    const { device } = splitLogId(piece.log)
    const leaves = byDevice.get(device)
    if (leaves === undefined) byDevice.set(device, [piece])
    else leaves.push(piece)
  }
  const found: Branch[] = []
  for (const device of [...byDevice.keys()].sort()) {
    const order = logOrder(state, device)
    const perFile = [...byFile(byDevice.get(device) ?? []).values()]
    for (const list of perFile) list.sort((a, b) => byWord(order, a, b))
    const count = Math.max(...perFile.map((list) => list.length))
    for (let i = 0; i < count; i++) {
      // The newest of every file belong together.
      const leaves = perFile.flatMap((list) => list[list.length - count + i] ?? [])
      const branch = branchOf(desk, device, `${device.slice(0, 8)}-${i + 1}`, leaves)
      if (branch) found.push(branch)
    }
  }
  return found
}

/** Where pieces begin, and where those beyond a cut begin that they go on from. */
function goneOnFrom({ index, state }: Desk, written: readonly Piece[]): ReadonlySet<string> {
  const points = new Set<string>()
  const open = [...written]
  const passed = new Set<Piece>()
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
    const { file } = piece
    const base = standing(state.again, file, piece.base)
    points.add(pointKey(file, base))
    const before = base.at && index.at(file, base.at)
    if (before === undefined || before.counts || passed.has(before)) continue
    passed.add(before)
    open.push(before)
  }
  return points
}

/**
 * A device's last word beside main, which is what its own files hold: for each line file its newest
 * piece, where main has it not. Nothing for who holds the session, whose last word is main.
 */
export function ownBranch(state: TranscriptState, device: DeviceId): Branch | undefined {
  const desk = layOut(state)
  if (device === speakerOf(state) || !desk.members.has(device)) return undefined
  const order = logOrder(state, device)
  const newest = new Map<string, Piece>()
  for (const piece of state.pieces) {
    if (!piece.counts || !order.has(piece.log)) continue
    const known = newest.get(piece.file)
    if (!known || byWord(order, known, piece) < 0) newest.set(piece.file, piece)
  }
  const leaves = [...newest.values()].filter((piece) => !inMain(desk.main, piece))
  return branchOf(desk, device, `${device.slice(0, 8)}-own`, leaves)
}

interface Desk {
  readonly state: TranscriptState
  readonly index: PieceIndex
  readonly main: Main
  readonly members: ReadonlySet<DeviceId>
}

function layOut(state: TranscriptState): Desk {
  const index = indexPieces(state)
  return { state, index, main: mainHistory(state, index), members: membersOf(state) }
}

function branchOf(
  desk: Desk,
  device: DeviceId,
  name: string,
  leaves: readonly Piece[],
): Branch | undefined {
  const files: BranchFile[] = []
  let records = 0
  let changed = 0
  for (const leaf of leaves) {
    const file = branchFile(desk, leaf)
    if (!file) continue
    files.push(file)
    records += file.history.end.records - file.base.records
    changed = Math.max(changed, leaf.changed)
  }
  if (files.length === 0) return undefined
  files.sort((a, b) => (a.history.file < b.history.file ? -1 : 1))
  return { name, device, files, wholes: ownWholes(desk, device), records, changed }
}

function branchFile({ index, main }: Desk, { file, end }: Piece): BranchFile | undefined {
  const trunk = main.get(file)
  const spans = index.trace(file, end)
  if (!spans || trunk?.kind === 'whole') return undefined
  const history: RecordHistory = { kind: 'records', file, spans, end }
  return { base: trunk ? parting(index, trunk, history) : fileStart, history }
}

/** The last point that two histories of a file have in common. */
function parting(index: PieceIndex, trunk: RecordHistory, branch: RecordHistory): Position {
  let point = fileStart
  for (const [i, span] of branch.spans.entries()) {
    const other = trunk.spans[i]
    if (other?.log !== span.log || other.from !== span.from) break
    const ends = span.to <= other.to ? endOf(index, branch, i) : endOf(index, trunk, i)
    if (ends) point = ends
    if (span.to !== other.to) break
  }
  return point
}

/** Where a span of a history ends: where the next one goes on from, or at the end. */
function endOf(index: PieceIndex, history: RecordHistory, i: number): Position | undefined {
  const next: Span | undefined = history.spans[i + 1]
  if (!next) return history.end
  return index.at(history.file, { log: next.log, seq: next.from })?.base
}

function inMain(main: Main, piece: Piece): boolean {
  const history = main.get(piece.file)
  if (history?.kind !== 'records') return false
  const covers = ({ log, from, to }: Span) =>
    log === piece.log && from <= piece.to && piece.to <= to
  return samePoint(history.end, piece.end) || history.spans.some(covers)
}

/** A version that main has, or had before a later one, is no difference. */
function ownWholes({ state, main }: Desk, device: DeviceId): WholeHistory[] {
  const had = new Set<string>()
  const speakers = speakersOf(state)
  for (const [log, versions] of state.versions) {
    if (!speakers.has(state.logs.get(log)?.device)) continue
    for (const version of versions) had.add(version)
  }
  return [...latestWholes(state, logOrder(state, device)).values()]
    .filter(
      ({ file, sha256 }) =>
        main.get(file)?.kind !== 'records' && !had.has(versionKey(file, sha256)),
    )
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(wholeHistory)
}

function byFile(pieces: readonly Piece[]): Map<string, Piece[]> {
  const groups = new Map<string, Piece[]>()
  for (const piece of pieces) {
    const group = groups.get(piece.file)
    if (group === undefined) groups.set(piece.file, [piece])
    else group.push(piece)
  }
  return groups
}

/** Order of a device's words: by log, then by place. */
const byWord = (order: ReadonlyMap<LogId, number>, a: Piece, b: Piece): number =>
  (order.get(a.log) ?? -1) - (order.get(b.log) ?? -1) || a.to - b.to

const pointKey = (file: string, { record, at, bytes }: Position): string =>
  `${at?.log} ${at?.seq} ${bytes} ${toBase64url(record)} ${file}`
