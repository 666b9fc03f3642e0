/**
 * Payloads of a message that is written bit by bit, as arrays on the wire (rules SW1, DE2): where it
 * begins, pieces of its text, each where the one before ends, and how it ends.
 *
 *   beginning   [epoch, id, null, parent | null, consumes | null, fields]
 *   going on    [epoch, id, offset, key of the device that began it]
 *   piece       [epoch, id, offset, text]
 *   end         [epoch, id, offset, rest, SHA-256 of the whole text]
 *   broken off  [epoch, id, offset, rest, null]
 *
 * An offset counts UTF-8 bytes of the text before the piece: it says where in its own message a piece
 * belongs, never where anything stands in a log. The hash is over the UTF-8 of the whole text. Who holds
 * the session after the device that began a message goes on with it from an offset, in pieces of its own.
 */
import type { Bytes } from '../bytes.ts'
import { isBytes, isCount } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { type DeviceId, deviceId, deviceIdBytes, idBytes } from '../ids.ts'
import { maxContentBytes } from '../limits.ts'
import { isEpoch, isId } from './document-entries.ts'
import { isMap, type Values } from './fields.ts'
import { isWellFormed, utf8Bytes } from './stream-text.ts'

export interface StreamBeginning {
  readonly at: 'beginning'
  readonly epoch: number
  readonly id: string
  /** The message it follows; undefined for a first one. */
  readonly parent: string | undefined
  /** The inbox entry that it answers. */
  readonly consumes: string | undefined
  /** What the message says beside its text. */
  readonly fields: Values
}

export interface StreamPiece {
  readonly at: 'piece' | 'end' | 'broken-off'
  readonly epoch: number
  readonly id: string
  /** UTF-8 bytes before it. */
  readonly offset: number
  /** Of a piece never empty. */
  readonly text: string
  /** 32 bytes, of an end alone. */
  readonly hash: Bytes | undefined
}

export interface StreamContinuation {
  readonly at: 'going-on'
  /** Never the first: in that nobody held the session before. */
  readonly epoch: number
  readonly id: string
  /** UTF-8 bytes of the text that stays as it is. */
  readonly offset: number
  /** Who began the message. */
  readonly author: DeviceId
}

export type StreamPayload = StreamBeginning | StreamContinuation | StreamPiece

/** What holds text. */
export const isPiece = (of: StreamPayload | undefined): of is StreamPiece =>
  of !== undefined && of.at !== 'beginning' && of.at !== 'going-on'

export function encodeStream(of: StreamPayload): Value {
  const { epoch, id } = of
  if (of.at === 'beginning') {
    return [epoch, id, null, of.parent ?? null, of.consumes ?? null, of.fields]
  }
  if (of.at === 'going-on') return [epoch, id, of.offset, idBytes(of.author)]
  const piece = [epoch, id, of.offset, of.text]
  return of.at === 'piece' ? piece : [...piece, of.hash ?? null]
}

export function parseStream(payload: unknown): StreamPayload | undefined {
  if (!Array.isArray(payload)) return undefined
  const [epoch, id, offset, ...rest] = payload
  if (!isEpoch(epoch) || !isId(id)) return undefined
  if (offset === null) {
    const [parent, consumes, fields] = rest
    if (rest.length !== 3 || !isMap(fields)) return undefined
    if ((parent !== null && !isId(parent)) || (consumes !== null && !isId(consumes))) {
      return undefined
    }
    const names = { parent: parent ?? undefined, consumes: consumes ?? undefined }
    return { at: 'beginning', epoch, id, ...names, fields }
  }
  const [text, hash] = rest
  if (rest.length === 1 && isBytes(text, deviceIdBytes)) {
    if (epoch < 1 || !isCount(offset, 0) || offset > maxContentBytes) return undefined
    return { at: 'going-on', epoch, id, offset, author: deviceId(text) }
  }
  if (typeof text !== 'string' || !isCount(offset, 0)) return undefined
  if (offset + utf8Bytes(text) > maxContentBytes || !isWellFormed(text)) return undefined
  const piece = { epoch, id, offset, text, hash: undefined }
  if (rest.length === 1) return text === '' ? undefined : { at: 'piece', ...piece }
  if (rest.length !== 2) return undefined
  if (hash === null) return { at: 'broken-off', ...piece }
  return isBytes(hash, 32) ? { at: 'end', ...piece, hash } : undefined
}
