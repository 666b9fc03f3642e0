/**
 * A folded document as bytes: the same for the same entries, whatever order they came in. Its hash is
 * the state digest (rule DO1), compared when two devices hold the same entries.
 */
import type { Bytes } from '../bytes.ts'
import { encodeStamp } from '../clock/hlc.ts'
import { encode, type Value } from '../encoding/msgpack.ts'
import { type DeviceId, idBytes } from '../ids.ts'
import { label } from '../labels.ts'
import type { Held } from '../model/document-entries.ts'
import type { Sha256 } from '../primitives.ts'
import type { DocumentState } from './document.ts'
import { candidates, type Register, type Write } from './register.ts'
import { partsOf, type Stream, streamState } from './streams.ts'

/** Raised whenever the fold of the same entries gives another result. */
export const documentFoldVersion = 4
/** The last version to which a document without streams and superseded logs says the same. */
const withoutStreams = 2

/** 32 bytes over everything that the document shows. */
export function stateDigest(sha256: Sha256, state: DocumentState): Bytes {
  return sha256(label('state'), encodeState(state))
}

function encodeState(state: DocumentState): Bytes {
  const { tenures, passing } = state.holding
  const { beside } = state
  const streams = sorted(state.streams).map(([, stream]) => streamValue(state, stream))
  return encode([
    streams.length > 0 || state.superseded.size > 0 ? documentFoldVersion : withoutStreams,
    idBytes(state.session),
    state.author ? idBytes(state.author) : null,
    [...state.writers].sort().map((device) => writerValue(state, device)),
    sorted(state.fields).map(([, { path, register }]) => [[...path], registerValue(register)]),
    sorted(state.rows).map(
      ([, { collection, key, writes }]): Value => [
        collection,
        key,
        sorted(writes).map(([, write]) => writeValue(write)),
      ],
    ),
    sorted(state.messages).map(
      ([id, { parent, epoch, consumes, write, others, redacted, stream }]): Value => [
        id,
        parent ?? null,
        epoch,
        consumes ?? null,
        placeValue(write),
        others.map(({ log, seq }) => [idBytes(log), seq]),
        redacted ?? false,
        ...(stream ? [idBytes(stream)] : []),
      ],
    ),
    sorted(state.tools).map(
      ([call, { told, ends }]): Value => [
        call,
        told.status,
        writeValue(told.write),
        ends.map(({ status, write }) => [status, writeValue(write)]),
      ],
    ),
    sorted(state.inbox).map(([id, write]): Value => [id, writeValue(write)]),
    sorted(state.captures).map(([origin, register]): Value => [origin, registerValue(register)]),
    ...(streams.length > 0 ? [streams] : []),
    ...(tenures.length > 1 || passing || beside.messages.size > 0 || beside.streams.size > 0
      ? [
          [
            tenures.map(({ holder }) => idBytes(holder)),
            passing ? idBytes(passing.holder) : null,
            sorted(beside.messages).map(([id, { write }]): Value => [id, placeValue(write)]),
            ...(beside.streams.size > 0
              ? [sorted(beside.streams).map(([, stream]) => streamValue(state, stream))]
              : []),
          ],
        ]
      : []),
  ])
}

/** The author lets others in without a word. */
const writerValue = ({ author, hosts }: DocumentState, device: DeviceId): Value =>
  device !== author && hosts.has(device) ? [idBytes(device), true] : idBytes(device)

const streamValue = (state: DocumentState, stream: Stream): Value => [
  idBytes(stream.author),
  stream.id,
  streamState(state, stream),
  partsOf(stream).map((part) => [idBytes(part.log), part.seq, part.offset, part.bytes]),
  stream.end ? [idBytes(stream.end.log), stream.end.seq, stream.end.hash ?? null] : null,
  ...(stream.continued.size > 0
    ? [
        [...stream.continued]
          .sort(([a], [b]) => a - b)
          .map(([epoch, { device, offset }]): Value => [epoch, idBytes(device), offset]),
      ]
    : []),
]

const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

const registerValue = (register: Register): Value => candidates(register).map(writeValue)

const writeValue = (write: Write): Value => [placeValue(write), heldValue(write.held)]

const placeValue = ({ log, seq, stamp }: Omit<Write, 'held'>): Value => [
  idBytes(log),
  seq,
  encodeStamp(stamp),
]

function heldValue(held: Held): Value {
  if (held.at === 'absent') return []
  return held.at === 'value' ? [held.value] : [held.blob, held.bytes]
}
