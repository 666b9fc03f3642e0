/**
 * What the messages of a history say, read where they stand (rule DC3): the last screen costs what is
 * on it, not what lies before. The text of one that is written bit by bit is put together here.
 */

import type { MessageNode } from '@baton/shared/conflict/messages'
import { flawOf, type ShownStream, shownStream } from '@baton/shared/conflict/shown-stream'
import type { Streaming, StreamPart } from '@baton/shared/conflict/streams'
import { decode, type Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { maxContentBytes } from '@baton/shared/limits'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { At } from '@baton/shared/model/agent-entries'
import { type Held, parseMessage } from '@baton/shared/model/document-entries'
import { isPiece, parseStream, type StreamPayload } from '@baton/shared/model/stream-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { DocumentMessage, StreamNote } from '../mesh-api.ts'
import { entriesAt } from '../repo/entries-at.ts'
import type { Repository } from '../repo/repository.ts'

/** Values of a document, blobs read in. */
export async function readHeld({ blobs }: Repository, held: Held): Promise<Value | undefined> {
  if (held.at === 'absent') return undefined
  if (held.at === 'value') return held.value
  return decode(await blobs.whole(held.blob), { maxBytes: maxContentBytes })
}

/** What who writes a message says beyond the pieces that it signed, from behind an offset in UTF-8 bytes. */
export type Ahead = (writer: DeviceId, id: string, offset: number) => string

/** The messages in the order given. Throws `store-corrupt` for one that is not there. */
export async function readMessages(
  repository: Repository,
  sha256: Sha256,
  nodes: readonly MessageNode[],
  streaming: Streaming,
  ahead: Ahead,
): Promise<DocumentMessage[]> {
  const streams = new Map<string, ShownStream>()
  const wanted: At[] = []
  for (const { id, write, redacted, stream } of nodes) {
    if (redacted) continue
    wanted.push(write)
    if (!stream) continue
    const shown = shownStream(streaming, stream, id)
    streams.set(id, shown)
    wanted.push(...shown.parts)
  }
  const entryAt = await entriesAt(repository, wanted)
  const rows: DocumentMessage[] = []
  for (const { id, parent, write, redacted, stream } of nodes) {
    const place = { id, parent, at: write.stamp.ms, device: write.device }
    if (redacted) {
      rows.push({ ...place, value: null, redacted })
      continue
    }
    const entry = entryAt(write)
    const shown = streams.get(id)
    if (stream && shown) {
      const more = aheadOf(shown, (offset) => ahead(shown.writer, id, offset))
      rows.push({ ...place, ...streamed(sha256, shown, entry, entryAt, more) })
      continue
    }
    const held = entry?.kind === kinds.message ? parseMessage(entry.payload)?.held : undefined
    if (!held) throw gone()
    rows.push({ ...place, value: (await readHeld(repository, held)) ?? null })
  }
  return rows
}

function streamed(
  sha256: Sha256,
  shown: ShownStream,
  entry: Entry | undefined,
  entryAt: (place: At) => Entry | undefined,
  more: string,
): Pick<DocumentMessage, 'value' | 'stream' | 'continuedBy'> {
  const beginning = said(entry)
  if (beginning.at !== 'beginning') throw gone()
  const signed = shown.parts.map((part) => pieceText(entryAt(part))).join('')
  const content = signed + more
  // Without a prototype: any name is only a name.
  const value = Object.assign(Object.create(null), beginning.fields, { content }) as Value
  const { continuedBy } = shown
  const of = { value, ...(continuedBy.length > 0 && { continuedBy }) }
  const note = noteOf(sha256, shown, signed)
  if (!note) return of
  return { ...of, stream: more === '' ? note : { ...note, ahead: more.length } }
}

/** Behind a hole nothing is shown: it would move when the hole fills. */
export function aheadOf({ state, missing, parts }: ShownStream, from: (offset: number) => string) {
  if (state !== 'open' || missing) return ''
  const last = parts.at(-1)
  return from(last ? last.offset + last.bytes : 0)
}

/** The text of these parts, in their order. Throws `store-corrupt` for one that is not there. */
export async function readParts(
  repository: Repository,
  parts: readonly StreamPart[],
): Promise<string> {
  if (parts.length === 0) return ''
  const entryAt = await entriesAt(repository, parts)
  return parts.map((part) => pieceText(entryAt(part))).join('')
}

function said(of: Entry | undefined): StreamPayload {
  const parsed = of?.kind === kinds.stream ? parseStream(of.payload) : undefined
  if (!parsed) throw gone()
  return parsed
}

function pieceText(of: Entry | undefined): string {
  const piece = said(of)
  if (!isPiece(piece)) throw gone()
  return piece.text
}

/** Undefined for one that ended whole. */
function noteOf(sha256: Sha256, shown: ShownStream, text: string): StreamNote | undefined {
  const { state, adoptedBy } = shown
  const flaw = flawOf(sha256, shown, text)
  if (state === 'done' && flaw === undefined && adoptedBy.length === 0) return undefined
  return { state, ...(flaw && { flaw }), ...(adoptedBy.length > 0 && { adoptedBy }) }
}

const gone = () => new BatonError('store-corrupt', 'failed to read a message: it is not there')
