/**
 * Walks hostile MessagePack before anything is made of it (EN3, EN5): after it, a decoder meets
 * nothing but what this project accepts. Every length is compared with what is left.
 */
import { type Bytes, utf8Decode } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxDecodeBytes, maxDecodeValues, maxDepth } from '../limits.ts'
import type { DecodeLimits } from './msgpack.ts'

export interface Scanned {
  /** There are maps. */
  readonly maps: boolean
  /**
   * Which texts, counted in order without map keys, begin with a byte order mark: some platforms'
   * decoders drop it.
   */
  readonly marked: ReadonlySet<number>
}

const noneMarked: ReadonlySet<number> = new Set()

/**
 * Where the scan under way stands. Kept here and not in closures: those cost more than the walk over
 * a small entry, and nothing in it calls back.
 */
const nothing: Bytes = new Uint8Array(0)
let bytes = nothing
let at = 0
let left = 0
let maps = false
let texts = 0
let marked: Set<number> | undefined

/** Throws `invalid` or `too-large` for anything but exactly one acceptable value. */
export function scan(input: Bytes, limits: DecodeLimits): Scanned {
  if (input.length > (limits.maxBytes ?? maxDecodeBytes)) throw tooLarge('bytes')
  bytes = input
  at = 0
  left = limits.maxValues ?? maxDecodeValues
  maps = false
  texts = 0
  marked = undefined
  try {
    any(0)
    if (at !== input.length) throw invalid('something trails it')
    return { maps, marked: marked ?? noneMarked }
  } finally {
    bytes = nothing
  }
}

/** Steps over `length` bytes and says where they began. */
function step(length: number): number {
  if (length > bytes.length - at) throw invalid('it ends early')
  const from = at
  at += length
  return from
}

const byte = (from: number): number => bytes[from] as number
const uint16 = (from: number): number => (byte(from) << 8) | byte(from + 1)
const uint32 = (from: number): number => uint16(from) * 0x10000 + uint16(from + 2)

/** A length of 1, 2 or 4 bytes. */
function length(size: number): number {
  return size === 0 ? byte(step(1)) : size === 1 ? uint16(step(2)) : uint32(step(4))
}

function text(length: number): void {
  const from = step(length)
  if (!isAscii(from, at)) {
    utf8Decode(bytes.subarray(from, at))
    if (isMarked(from)) {
      marked ??= new Set()
      marked.add(texts)
    }
  }
  texts += 1
}

const isMarked = (from: number): boolean =>
  byte(from) === 0xef && byte(from + 1) === 0xbb && byte(from + 2) === 0xbf

function key(): string {
  const token = byte(step(1))
  const short = token >= 0xa0 && token < 0xc0
  if (!short && (token < 0xd9 || token > 0xdb)) throw invalid('a map key is not a string')
  const from = step(short ? token & 0x1f : length(token - 0xd9))
  if (isMarked(from)) throw invalid('a map key begins with a byte order mark')
  return utf8Decode(bytes.subarray(from, at))
}

function int64(high: number, from: number): void {
  if (!Number.isSafeInteger(high * 0x1_0000_0000 + uint32(from + 4))) {
    throw invalid('an integer beyond 2^53 - 1')
  }
}

/** Counted before they are read, so that a claim too many costs nothing. */
function claim(count: number, depth: number): void {
  if (count > bytes.length - at) throw invalid('it ends early')
  if (depth >= maxDepth) throw tooLarge('depth')
  left -= count
  if (left < 0) throw tooLarge('values')
}

function list(count: number, depth: number): void {
  claim(count, depth)
  for (let i = 0; i < count; i++) any(depth + 1)
}

function map(count: number, depth: number): void {
  claim(count, depth)
  maps = true
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    names.add(key())
    if (names.size <= i) throw invalid('a map names a key twice')
    any(depth + 1)
  }
}

function any(depth: number): void {
  const token = byte(step(1))
  if (token < 0x80 || token >= 0xe0) return
  if (token < 0x90) map(token & 0x0f, depth)
  else if (token < 0xa0) list(token & 0x0f, depth)
  else if (token < 0xc0) text(token & 0x1f)
  else if (token >= 0xd9 && token <= 0xdb) text(length(token - 0xd9))
  else if (token === 0xdc || token === 0xdd) list(length(token - 0xdb), depth)
  else if (token === 0xde || token === 0xdf) map(length(token - 0xdd), depth)
  else if (token >= 0xc4 && token <= 0xc6) step(length(token - 0xc4))
  else scalar(token)
}

function scalar(token: number): void {
  if (token === 0xc0 || token === 0xc2 || token === 0xc3) return
  if (token === 0xca || token === 0xcb) step(token === 0xca ? 4 : 8)
  else if (token === 0xcf || token === 0xd3) {
    const from = step(8)
    int64(token === 0xcf ? uint32(from) : uint32(from) | 0, from)
  } else if (token >= 0xcc && token <= 0xd2) step(2 ** ((token - 0xcc) % 4))
  else throw invalid('an extension or unknown token')
}

function isAscii(from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] as number) >= 0x80) return false
  return true
}

const invalid = (why: string): BatonError => new BatonError('invalid', `failed to decode: ${why}`)
const tooLarge = (what: string): BatonError =>
  new BatonError('too-large', `failed to decode: more ${what} than allowed`)
