/**
 * An entry that says again what another said, which is hidden or superseded by now (rules FK7, FK8, SU1). Its payload is
 * [[[log, seq, h8]...], kind, stamp, payload]: the places where it stood, and what it said there.
 * Readers see the entry that it was, in its new place.
 */
import { type Bytes, fromHex, toHex } from '../bytes.ts'
import { decodeStamp, encodeStamp, stampBytes } from '../clock/hlc.ts'
import { isBytes, isCount } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { idBytes, type LogId, logId, logIdBytes } from '../ids.ts'
import { maxOrigins } from '../limits.ts'
import { type Dep, decodeEntry, depHashBytes, type Entry } from './entry.ts'
import { kinds } from './kinds.ts'

/** The payload under which `entry`, which stood in these places, is said again. */
export const encodeAgain = (origins: readonly Dep[], { kind, stamp, payload }: Entry): Value => [
  origins.map(({ log, seq, hash }) => [idBytes(log), seq, hash]),
  kind,
  encodeStamp(stamp),
  payload,
]

/** The entry of a verified body: of one that says another again, that other. Throws as `decodeEntry`. */
export function readEntry(body: Bytes, seq: number): Entry {
  const entry = decodeEntry(body, seq)
  return entry.kind === kinds.again ? inner(entry) : entry
}

/** An entry of this kind that says nothing stays as it is: of a kind that nobody folds. */
function inner(entry: Entry): Entry {
  const form = entry.payload
  if (!Array.isArray(form) || form.length !== 4) return entry
  const [places, kind, stamp, payload] = form
  if (!isCount(kind, 0) || kind === kinds.again) return entry
  if (!isBytes(stamp, stampBytes) || !Array.isArray(places)) return entry
  if (places.length === 0 || places.length > maxOrigins || !places.every(isPlace)) return entry
  const again = places.map(([log, seq, hash]): Dep => ({ log: logId(log), seq, hash }))
  try {
    return { ...entry, kind, stamp: decodeStamp(stamp), payload: payload as Value, again }
  } catch {
    return entry
  }
}

const isPlace = (place: unknown): place is [Bytes, number, Bytes] =>
  Array.isArray(place) &&
  place.length === 3 &&
  isBytes(place[0], logIdBytes) &&
  isCount(place[1], 1) &&
  isBytes(place[2], depHashBytes)

/** A place as a key: which entry it is, whatever else its author signed at that seq. */
export const depKey = ({ log, seq, hash }: Dep): string => `${log} ${seq} ${toHex(hash)}`

/** The place of a key that `depKey` made. */
export function depOfKey(key: string): Dep {
  const [log, seq, hash] = key.split(' ') as [LogId, string, string]
  return { log, seq: Number(seq), hash: fromHex(hash) }
}

/** Where what is said again stood first, which decides whether it counts; else where it stands. */
export function firstPlace(write: {
  readonly log: LogId
  readonly seq: number
  readonly again?: readonly string[]
}): { readonly log: LogId; readonly seq: number } {
  const [first] = write.again ?? []
  return first === undefined ? write : depOfKey(first)
}

/** Where an entry stood once it is said again: there, and in the places it was said again from. */
export const originsOf = (entry: Entry, place: Dep): readonly Dep[] =>
  [...(entry.again ?? []), place].slice(-maxOrigins)
