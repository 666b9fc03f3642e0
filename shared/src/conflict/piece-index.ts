/**
 * Looks up pieces of a folded transcript by where they stand (rules BR3, BR5), and walks from a
 * point back to the start of its file. A base is its writer's claim: a walk takes it only when it
 * fits the piece it names.
 */
import { compareBytes } from '../bytes.ts'
import { type DeviceId, idBytes, type LogId } from '../ids.ts'
import type { At, Position } from '../model/agent-entries.ts'
import { standing } from './said-again.ts'
import { fileKey, type Piece, samePoint, type TranscriptState } from './transcript.ts'

/** Entries of `log` from seq `from` to `to` that name the file, in file order. */
export interface Span {
  readonly log: LogId
  readonly from: number
  readonly to: number
}

export interface PieceIndex {
  /** The piece that holds the record of `file` at this place. */
  at(file: string, at: At): Piece | undefined
  /** The spans that lead from the start of the file to `end`; nothing while some are not held. */
  trace(file: string, end: Position): Span[] | undefined
}

export function indexPieces(state: TranscriptState): PieceIndex {
  const byKey = new Map<string, Piece[]>()
  for (const piece of state.pieces) {
    const key = fileKey(piece.log, piece.file)
    const list = byKey.get(key)
    if (list === undefined) byKey.set(key, [piece])
    else list.push(piece)
  }
  for (const list of byKey.values()) list.sort((a, b) => a.from - b.from)

  /** The last piece that begins at or before the place: pieces of one log and file do not overlap. */
  function at(file: string, place: At): Piece | undefined {
    const list = byKey.get(fileKey(place.log, file)) ?? []
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((list[middle] as Piece).from <= place.seq) low = middle + 1
      else high = middle
    }
    const piece = list[low - 1]
    return piece !== undefined && place.seq <= piece.to ? piece : undefined
  }

  return {
    at,
    trace(file, end) {
      const spans: Span[] = []
      let point = end
      for (let left = state.pieces.length; point.at !== undefined; left--) {
        point = standing(state.again, file, point)
        const place = point.at
        if (left <= 0 || place === undefined) return undefined
        const piece = at(file, place)
        if (piece === undefined || !fits(piece, point, place)) return undefined
        spans.push({ log: piece.log, from: piece.from, to: place.seq })
        point = piece.base
      }
      return spans.reverse()
    },
  }
}

/** At the end of a piece a point must be that end; inside, only its counts can be checked. */
function fits(piece: Piece, point: Position, { seq }: At): boolean {
  if (seq === piece.to) return samePoint(point, piece.end) && point.bytes === piece.end.bytes
  const records = point.records - piece.base.records
  return records > 0 && records <= seq - piece.from + 1 && point.records < piece.end.records
}

/** A device's logs, oldest first: along their predecessors, then by their last word, then by id. */
export function logOrder(state: TranscriptState, device: DeviceId): Map<LogId, number> {
  const own = [...state.logs].filter(([, log]) => log.device === device)
  const depth = (id: LogId): number => {
    let steps = 0
    let log = state.logs.get(id)
    // A ring of predecessors is walked once around.
    while (log?.predecessor !== undefined && steps <= own.length) {
      steps += 1
      log = state.logs.get(log.predecessor)
    }
    return steps
  }
  const ranked = own.map(([id, { changed }]) => ({ id, changed, depth: depth(id) }))
  ranked.sort(
    (a, b) =>
      a.depth - b.depth || a.changed - b.changed || compareBytes(idBytes(a.id), idBytes(b.id)),
  )
  return new Map(ranked.map(({ id }, turn) => [id, turn]))
}
