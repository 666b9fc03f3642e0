/**
 * Signed pieces for a peer that was told their text ahead (rules TF17, TF18): the run goes without that
 * text and without what follows from it. What the peer puts together is believed as any run is: by the
 * signature of its author. What cannot be put together, or does not verify, is asked for as it is.
 */
import { type Bytes, equalBytes } from '../bytes.ts'
import { decodeStamp, encodeStamp } from '../clock/hlc.ts'
import { type SessionId, splitLogId } from '../ids.ts'
import type { Delta } from '../log/delta.ts'
import { decodeEntry, type Entry, encodeEntry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import { encodeStream, parseStream, type StreamPiece } from '../model/stream-entries.ts'
import { utf8Bytes } from '../model/stream-text.ts'
import { type SyncForm, syncTypes } from './sync-messages.ts'

type Form = SyncForm<'aheadDelta'>

interface Named {
  readonly stamp: Entry['stamp']
  readonly piece: StreamPiece
}

/** `refOf`: the number by which the peer knows a text that it was told from one offset to another. */
export function withoutText(
  delta: Delta,
  name: Bytes,
  refOf: (session: SessionId, id: string, from: number, to: number) => number | undefined,
): Form | undefined {
  const { after, bodies, signature } = delta
  const all: Named[] = []
  let end: number | undefined
  for (const [i, body] of bodies.entries()) {
    const named = read(body, after + 1 + i)
    if (!named) return undefined
    const { piece } = named
    const [first] = all
    const follows = !first || (piece.id === first.piece.id && piece.epoch === first.piece.epoch)
    if (!follows || piece.offset !== (end ?? piece.offset)) return undefined
    end = piece.offset + utf8Bytes(piece.text)
    all.push(named)
  }
  const [first] = all
  if (!first || end === undefined) return undefined
  const { id, epoch, offset } = first.piece
  const ref = refOf(splitLogId(delta.log).session, id, offset, end)
  if (ref === undefined) return undefined
  const rows = all.map(({ stamp, piece }): [Bytes, number] => [
    encodeStamp(stamp),
    utf8Bytes(piece.text),
  ])
  return [syncTypes.aheadDelta, ref, name, after, epoch, offset, rows, signature]
}

/** A piece that says nothing but its text, written as this version writes it. */
function read(body: Bytes, seq: number): Named | undefined {
  let entry: Entry
  try {
    entry = decodeEntry(body, seq)
  } catch {
    return undefined
  }
  const { kind, deps, again, stamp } = entry
  if (kind !== kinds.stream || deps.length > 0 || again) return undefined
  const piece = parseStream(entry.payload)
  if (piece?.at !== 'piece') return undefined
  return equalBytes(bodyOf(seq, { stamp, piece }), body) ? { stamp, piece } : undefined
}

/** The entries that `withoutText` left out; undefined when some of the text is not known here. */
export function withText(
  [, , , after, epoch, from, rows]: Form,
  id: string,
  textAt: (offset: number, bytes: number) => string | undefined,
): Bytes[] | undefined {
  const bodies: Bytes[] = []
  let offset = from
  for (const [stamp, bytes] of rows) {
    const text = textAt(offset, bytes)
    if (text === undefined || utf8Bytes(text) !== bytes) return undefined
    const piece = { at: 'piece' as const, epoch, id, offset, text, hash: undefined }
    bodies.push(bodyOf(after + 1 + bodies.length, { stamp: decodeStamp(stamp), piece }))
    offset += bytes
  }
  return bodies
}

const bodyOf = (seq: number, { stamp, piece }: Named): Bytes =>
  encodeEntry({ kind: kinds.stream, seq, stamp, deps: [], payload: encodeStream(piece) })
