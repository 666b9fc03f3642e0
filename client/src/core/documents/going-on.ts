/** Messages of an earlier holder that are gone on with (rule SW13). */
import type { DocumentState } from '@baton/shared/conflict/document'
import { shownStream } from '@baton/shared/conflict/shown-stream'
import { type Stream, type StreamPart, streamKey } from '@baton/shared/conflict/streams'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'

export interface Continuable {
  /** Who began it. */
  readonly author: DeviceId
  /** Its text, all of it. */
  readonly parts: readonly StreamPart[]
}

/** What whoever holds the session under `epoch` goes on with. Throws for what nobody can go on with. */
export function continuable(seen: DocumentState, id: string, epoch: number): Continuable {
  const node = seen.messages.get(id)
  if (!node) throw new BatonError('not-found', 'failed to go on: the session has no such message')
  const author = node.redacted ? undefined : node.stream
  if (author === undefined) throw notOpen('it is whole, or was taken back')
  const { state, missing, parts } = shownStream(seen, author, id)
  if (state === 'done') throw notOpen('it is whole')
  // Another's may still come, and would be in the way of what is said here.
  if (missing) throw notOpen('some of its text is missing')
  const root = seen.streams.get(streamKey(author, id))
  if (epoch <= Math.max(node.epoch, ...(root?.continued.keys() ?? []))) {
    throw notOpen('the session was not handed over since it was written')
  }
  return { author, parts }
}

const notOpen = (why: string) =>
  new BatonError('invalid', `failed to go on with the message: ${why}`, {
    hint: 'begin another message',
  })

/** Where the text of this device in a stream ends, in UTF-8 bytes of the message. */
export function endOfOwn(seen: DocumentState, { id, author, parts }: Stream): number {
  let offset = beginningOf(seen, id, author)?.offset ?? 0
  for (const part of parts.values()) offset = Math.max(offset, part.offset + part.bytes)
  return offset
}

/** Where a device last took up the text of a message; undefined when it never did. */
export function beginningOf(seen: DocumentState, id: string, device: DeviceId) {
  const author = seen.messages.get(id)?.stream
  if (author === undefined) return undefined
  const own = [...(seen.streams.get(streamKey(author, id))?.continued ?? [])]
    .filter(([, of]) => of.device === device)
    .sort(([a], [b]) => b - a)
  return own[0]?.[1] ?? (author === device ? { device, offset: 0 } : undefined)
}
