/**
 * How the repository lays rows out in a Store (ST is the store's own business). A key is one letter
 * and fixed-length fields, so no key is a prefix of another kind's and a range is exact.
 */
import { type Bytes, concat, u64, utf8Encode } from '@baton/shared/bytes'
import { type DeviceId, idBytes, type LogId, type SessionId } from '@baton/shared/ids'
import type { Range } from '../ports/store.ts'

const letter = (name: string): Bytes => utf8Encode(name)

/** Head of a log: h || log(56). */
export const headKey = (log: LogId): Bytes => concat(letter('h'), idBytes(log))
/** A delta, by the seq of its last entry: d || log(56) || seq(8). */
export const deltaKey = (log: LogId, last: number): Bytes =>
  concat(letter('d'), idBytes(log), u64(last))
/** A chunk of a blob: b || hash(32) || offset(8). */
export const chunkKey = (hash: Bytes, offset: number): Bytes =>
  concat(letter('b'), hash, u64(offset))
/** A blob's facts: B || hash(32). */
export const blobKey = (hash: Bytes): Bytes => concat(letter('B'), hash)
/** Blobs that a run of entries names and that are not held: w || log(56) || seq before the run(8). */
export const lackingKey = (log: LogId, after: number): Bytes =>
  concat(letter('w'), idBytes(log), u64(after))
/** An entry that decides who may hold its session: g || log(56) || seq(8). */
export const claimKey = (log: LogId, seq: number): Bytes =>
  concat(letter('g'), idBytes(log), u64(seq))
/** The proof that a log forked: k || log(56). */
export const forkKey = (log: LogId): Bytes => concat(letter('k'), idBytes(log))
/** Up to where a log is held without its entries: x || log(56). */
export const dropKey = (log: LogId): Bytes => concat(letter('x'), idBytes(log))
/** A blob that entries named which went: y || hash(32). */
export const looseKey = (hash: Bytes): Bytes => concat(letter('y'), hash)
/** What a device acknowledged as durable of a log: a || device(32) || log(56). */
export const ackKey = (device: DeviceId, log: LogId): Bytes =>
  concat(letter('a'), idBytes(device), idBytes(log))
/** When a device was last connected: l || device(32). */
export const seenKey = (device: DeviceId): Bytes => concat(letter('l'), idBytes(device))
/** Folded state of a session, rebuilt when missing: f || session(16). */
export const foldKey = (session: SessionId): Bytes => concat(letter('f'), idBytes(session))
/** A folded document, rebuilt when missing: head (part 0), tail (1) and chunks: F || session(16) || part(8). */
export const documentKey = (session: SessionId, part: number): Bytes =>
  concat(letter('F'), idBytes(session), u64(part))
/** A file of an agent that stands for a session: j || session(16) || path hash(32). */
export const projectionKey = (session: SessionId, path: Bytes): Bytes =>
  concat(letter('j'), idBytes(session), path)
/** Which session a main file belongs to: p || path hash(32). */
export const pathKey = (path: Bytes): Bytes => concat(letter('p'), path)
/** A receipt: r || hash(32). */
export const receiptKey = (id: Bytes): Bytes => concat(letter('r'), id)
/** One of a kind: m || name. */
export const nameKey = (name: string): Bytes => concat(letter('m'), utf8Encode(name))

/** Something was taken back in a session, and is to go from the disks. */
export const soonPrefix = 'soon/'
export const soonKey = (session: SessionId): Bytes => nameKey(`${soonPrefix}${session}`)

/** Every row whose key begins with the letter and `prefix`. */
export function under(name: string, prefix: Bytes = new Uint8Array(0)): Range {
  const from = concat(letter(name), prefix)
  const to = from.slice()
  for (let i = to.length - 1; i >= 0; i--) {
    const byte = to[i] as number
    if (byte < 255) {
      to[i] = byte + 1
      return { from, to: to.slice(0, i + 1) }
    }
  }
  return { from, to: concat(from, new Uint8Array(64).fill(255)) }
}

/** Deltas that hold entries after `after`. */
export const deltasAfter = (log: LogId, after: number): Range => ({
  from: deltaKey(log, after + 1),
  to: concat(letter('d'), idBytes(log), new Uint8Array(9).fill(255)),
})

/** The claims of a log. */
export const claimsOf = (log: LogId): Range => under('g', idBytes(log))
