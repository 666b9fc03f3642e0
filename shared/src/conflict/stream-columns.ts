/**
 * Streams of a fold as columns (rule DX2), and what else tells how they stand: the highest epoch, and
 * the logs that were followed by another. What is said again is in no cache, so whoever wrote a part
 * is its author.
 */
import type { Bytes } from '../bytes.ts'
import { littleEndian, numbers } from '../encoding/columns.ts'
import type { Value } from '../encoding/msgpack.ts'
import { deviceId, idBytes } from '../ids.ts'
import type { LogTable, ReadLogs } from './log-table.ts'
import { createStream, type Stream, type Streaming, streamKey } from './streams.ts'

type EndForm = readonly [log: number, seq: number, total: number, hash: Bytes | null, epoch: number]
type StreamForm = readonly [
  id: string,
  author: Bytes,
  epoch: number,
  logs: number[],
  parts: number,
  EndForm | null,
  continued: (readonly [epoch: number, device: Bytes, offset: number])[],
]
/** Columns of all parts, stream by stream: u32; a seq is two of them. */
type Form = readonly [
  epoch: number,
  followed: number[],
  streams: StreamForm[],
  logs: Bytes,
  low: Bytes,
  high: Bytes,
  offsets: Bytes,
  bytes: Bytes,
]

export type KeptStreams = Pick<Streaming, 'followed' | 'epoch'> & {
  readonly streams: Iterable<Stream>
}

export function streamColumns(of: KeptStreams, table: LogTable): Value {
  const { epoch, followed } = of
  const streams = [...of.streams]
  const parts = streams.flatMap((stream) => [...stream.parts.values()])
  const column = (at: (part: (typeof parts)[number]) => number) =>
    littleEndian(Uint32Array.from(parts, at))
  return [
    epoch,
    [...followed].map(table.at),
    streams.map(
      ({ id, author, epoch: own, logs, parts: { size }, end, continued }): Value => [
        id,
        idBytes(author),
        own,
        [...logs].map(table.at),
        size,
        end ? [table.at(end.log), end.seq, end.total, end.hash ?? null, end.epoch] : null,
        [...continued].map(([at, { device, offset }]) => [at, idBytes(device), offset]),
      ],
    ),
    column(({ log }) => table.at(log)),
    column(({ seq }) => seq % 2 ** 32),
    column(({ seq }) => Math.floor(seq / 2 ** 32)),
    column(({ offset }) => offset),
    column(({ bytes }) => bytes),
  ]
}

/** Throws a TypeError for what `streamColumns` did not make. */
export function readStreamColumns(value: Value, logs: ReadLogs): Omit<Streaming, 'cuts'> {
  const [epoch, followed, forms, ...columns] = value as unknown as Form
  const [places, low, high, offsets, bytes] = columns.map(numbers) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const streams = new Map<string, Stream>()
  let at = 0
  for (const [id, device, own, fresh, count, end, continued] of forms) {
    const author = deviceId(device)
    const stream = createStream(author, id)
    stream.epoch = own
    for (const log of fresh) stream.logs.add(logs.at(log).log)
    for (const last = at + count; at < last; at++) {
      const [offset, size] = [offsets[at] as number, bytes[at] as number]
      const seq = (low[at] as number) + (high[at] as number) * 2 ** 32
      const { log } = logs.at(places[at] as number)
      stream.parts.set(offset, { log, seq, offset, bytes: size })
    }
    if (end) {
      const [log, seq, total, hash, under] = end
      stream.end = { log: logs.at(log).log, seq, epoch: under, total, hash: hash?.slice() }
    }
    for (const [under, next, offset] of continued) {
      stream.continued.set(under, { device: deviceId(next), offset })
    }
    streams.set(streamKey(author, id), stream)
  }
  return { streams, epoch, followed: new Set(followed.map((log) => logs.at(log).log)) }
}
