/**
 * Messages of this device that are written bit by bit (rules SW7 to SW10): which ones this process is
 * writing, and the end of those that an earlier one left open.
 */

import { utf8Encode } from '@baton/shared/bytes'
import { history } from '@baton/shared/conflict/conflicts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { streamKey, streamState } from '@baton/shared/conflict/streams'
import { encode, type Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { maxStreamFieldsBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { isId } from '@baton/shared/model/document-entries'
import { isMap, type Values } from '@baton/shared/model/fields'
import {
  encodeStream,
  type StreamPayload,
  type StreamPiece,
} from '@baton/shared/model/stream-entries'
import { utf8Bytes } from '@baton/shared/model/stream-text'
import type { Primitives } from '@baton/shared/primitives'
import type { AheadDesk } from '../ahead/desk.ts'
import type { StreamWriter } from '../documents-api.ts'
import { createLanes } from '../lanes.ts'
import type { Clock } from '../ports/platform.ts'
import type { Presence } from '../presence.ts'
import type { Repository } from '../repo/repository.ts'
import { readParts } from './bodies.ts'
import { beginningOf, continuable, endOfOwn } from './going-on.ts'
import type { Holder } from './holding.ts'
import { createStreamWriter, type LiveWriter } from './stream-writer.ts'

interface First {
  /** What was said of it before. */
  readonly text: string
  readonly entry: StreamPayload
}

export interface StreamKeeperPorts {
  readonly repository: Repository
  readonly primitives: Primitives
  readonly clock: Clock
  readonly ahead: AheadDesk
  readonly presence: Presence
  state(session: SessionId): Promise<DocumentState>
  /** Throws for a device that may not write there. */
  mayWrite(session: SessionId, seen: DocumentState): void
  readonly holder: Holder
  freshId(): string
}

export interface StreamKeeper {
  begin(
    session: SessionId,
    fields: Values,
    options: { readonly id?: string; readonly consumes?: string },
  ): Promise<StreamWriter>
  /** Goes on with a message of an earlier holder (rule SW13). */
  continue(session: SessionId, id: string): Promise<StreamWriter & { readonly text: string }>
  /** Breaks off what this process is writing under that id, if it is. */
  stop(session: SessionId, id: string): Promise<void>
  /** Breaks off all that this process is writing of a session. */
  letGo(session: SessionId): Promise<void>
  /** Breaks off what an earlier process of this device left open (rule SW10). */
  settle(session: SessionId): Promise<void>
  /** Breaks off everything; what a disk refuses stays unwritten. */
  close(): Promise<void>
}

export function createStreaming(ports: StreamKeeperPorts): StreamKeeper {
  const { repository, primitives, clock, state, mayWrite, holder } = ports
  /** What this process writes, by session and id; undefined before it has begun. */
  const live = new Map<string, LiveWriter | undefined>()
  const settling = createLanes<SessionId>()
  const nameOf = (session: SessionId, id: string) => `${session} ${id}`

  async function append(session: SessionId, of: readonly StreamPayload[]): Promise<void> {
    const seen = await state(session)
    mayWrite(session, seen)
    await holder.write(session, seen, (to) => {
      for (const each of of) to.append(kinds.stream, encodeStream(each))
      return []
    })
  }

  /** Takes the name before `first` is asked what comes first, so that nobody else does meanwhile. */
  async function open(
    session: SessionId,
    id: string,
    first: (seen: DocumentState, epoch: number) => Promise<First>,
  ): Promise<LiveWriter & { readonly text: string }> {
    const name = nameOf(session, id)
    const seen = await state(session)
    mayWrite(session, seen)
    const epoch = holder.epoch(session, seen)
    if (live.has(name)) throw beingWritten()
    const left = ports.presence.begin(session, 'writing')
    const forget = () => {
      live.delete(name)
      left()
    }
    live.set(name, undefined)
    try {
      const { text, entry } = await first(seen, epoch)
      const bytes = utf8Encode(text)
      const hasher = primitives.createHasher()
      hasher.update(bytes)
      const writer = createStreamWriter({
        ...{ id, epoch, clock, before: { bytes: bytes.length, hasher } },
        ahead: ports.ahead.own(session, id, bytes.length),
        append: (pieces) => append(session, pieces),
        over: forget,
      })
      live.set(name, writer)
      await append(session, [entry])
      return { ...writer, text }
    } catch (error) {
      forget()
      throw error
    }
  }

  return {
    async begin(session, fields, { id = ports.freshId(), consumes }) {
      checked(fields, id, consumes)
      return await open(session, id, async (seen, epoch) => {
        // Pieces of two texts under one name would be shown as one that nobody wrote.
        if (seen.messages.has(id) || seen.streams.has(streamKey(repository.device, id))) {
          throw new BatonError('invalid', 'failed to write: there is a message of this id', {
            hint: 'leave the id out, or take another',
          })
        }
        const parent = history(seen).at(-1)?.id
        return { text: '', entry: { at: 'beginning', epoch, id, parent, consumes, fields } }
      })
    },
    continue: (session, id) =>
      open(session, id, async (seen, epoch) => {
        const { author, parts } = continuable(seen, id, epoch)
        const text = await readParts(repository, parts)
        const offset = utf8Bytes(text)
        return { text, entry: { at: 'going-on', epoch, id, offset, author } }
      }),
    async stop(session, id) {
      await live.get(nameOf(session, id))?.abort()
    },
    async letGo(session) {
      const own = [...live].filter(([name]) => name.startsWith(`${session} `))
      await Promise.all(own.map(([, writer]) => writer?.abort()))
    },
    settle: (session) =>
      settling(session, async () => {
        const seen = await state(session)
        const left: StreamPiece[] = []
        for (const stream of seen.streams.values()) {
          const { id, author } = stream
          if (author !== repository.device || live.has(nameOf(session, id))) continue
          // Without its beginning it is no message yet: a later exchange brings that.
          if (!beginningOf(seen, id, author) || streamState(seen, stream) !== 'open') continue
          const offset = endOfOwn(seen, stream)
          left.push({
            at: 'broken-off',
            epoch: stream.epoch,
            id,
            offset,
            text: '',
            hash: undefined,
          })
        }
        if (left.length > 0) await append(session, left)
      }),
    async close() {
      const all = [...live.values()].flatMap((writer) => writer ?? [])
      await Promise.allSettled(all.map((writer) => writer.abort()))
      for (const writer of all) writer.drop()
    },
  }
}

const beingWritten = () => new BatonError('invalid', 'failed to write: this id is being written')

function checked(fields: Values, id: string, consumes: string | undefined): void {
  if (!isId(id) || (consumes !== undefined && !isId(consumes))) {
    throw new BatonError('invalid', 'failed to write: a name is empty or too long')
  }
  if (!isMap(fields) || Object.hasOwn(fields, 'content')) {
    throw new BatonError('invalid', 'failed to write: a stream wants a map without content', {
      hint: 'its text becomes the content',
    })
  }
  if (encode(fields as Value).length > maxStreamFieldsBytes) {
    throw new BatonError('too-large', 'failed to write: what stands beside the text is too large', {
      hint: 'at most 8 KiB; the text itself may have 64 MiB',
    })
  }
}
