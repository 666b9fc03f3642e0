/**
 * What was written in a document by who did not hold it then (rules LE4, SW14), as it can be shown: a
 * message of its own, or more of one whose beginning counts. Never mixed into the history.
 */
import type { DeviceId } from '../ids.ts'
import type { DocumentState } from './document.ts'
import type { MessageNode } from './messages.ts'
import { createStream, type Stream, type Streaming, streamKey } from './streams.ts'

export interface BesideMessage {
  readonly node: MessageNode
  /** Who wrote what does not count of it, and under which epoch. */
  readonly device: DeviceId
  readonly epoch: number
  /** Where the first of that stands. */
  readonly write: Pick<MessageNode['write'], 'log' | 'seq' | 'again'>
}

/** Every message of which something stands beside the history. */
export function besideMessages(state: DocumentState): BesideMessage[] {
  const { messages, streams, beside } = state
  const own = [...beside.messages.values()].map((node): BesideMessage => {
    const { epoch, write } = node
    return { node, device: write.device, epoch, write }
  })
  const more = [...beside.streams.values()].flatMap((stream): BesideMessage[] => {
    const { id, author: device, epoch } = stream
    const write = firstOf(stream)
    const node = messages.get(id)
    if (!write || !node?.stream || node.redacted || beside.messages.has(id)) return []
    const root = streamKey(node.stream, id)
    const goesOn =
      turnsOf(streams.get(root), device).size + turnsOf(beside.streams.get(root), device).size
    return node.stream === device || goesOn > 0 ? [{ node, device, epoch, write }] : []
  })
  return [...own, ...more]
}

/** Undefined for one that holds no text. */
function firstOf({ parts }: Stream) {
  const [first] = [...parts.values()].sort((a, b) => a.offset - b.offset)
  return first && { log: first.log, seq: first.seq }
}

/** When a device went on with a message, by epoch. */
const turnsOf = (root: Stream | undefined, device: DeviceId): Stream['continued'] =>
  new Map([...(root?.continued ?? [])].filter(([, of]) => of.device === device))

/** Streams as a device wrote them that did not hold the session: what counts, and its own behind it. */
export function besideStreaming(state: DocumentState, device: DeviceId): Streaming {
  const { beside } = state
  const own = [...beside.streams.values()].filter(({ author }) => author === device)
  const ids = new Set(own.map(({ id }) => id))
  const streams = new Map(state.streams)
  for (const [key, { author, id }] of [...state.streams, ...beside.streams]) {
    if (!ids.has(id)) continue
    const counted = state.streams.get(key)
    const more = beside.streams.get(key)
    const whole = createStream(author, id)
    for (const [at, part] of counted?.parts ?? []) whole.parts.set(at, part)
    for (const of of [counted, more]) {
      for (const [epoch, turn] of turnsOf(of, device)) whole.continued.set(epoch, turn)
    }
    if (author === device && more) {
      for (const [at, part] of more.parts) whole.parts.set(at, part)
      for (const log of more.logs) whole.logs.add(log)
      whole.epoch = more.epoch
      whole.end = more.end
    }
    streams.set(key, whole)
  }
  return { ...state, streams }
}
