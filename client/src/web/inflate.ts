/**
 * Raw inflate (RFC 1951) at once (rules PF3, PF4). A browser's own takes a dozen objects and as many
 * turns for each piece of 64 KiB, and cleans up after them for 80 ms at a time, which is longer than all
 * of the inflating (WB50).
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'

/** Throws `too-large` beyond `maxBytes`, and `invalid` for what is no stream, cut, or goes on behind it. */
export function inflateRaw(from: Bytes, maxBytes: number): Bytes {
  const out = new Uint8Array(Math.min(maxBytes, Math.max(firstBytes, from.length * 4)))
  const at: Place = { from, next: 0, bits: 0, held: 0, maxBytes, out, length: 0 }
  for (let last = 0; last === 0; ) {
    last = take(at, 1)
    const kind = take(at, 2)
    if (kind === 0) stored(at)
    else if (kind === 1) compressed(at, ...fixedCodes())
    else if (kind === 2) compressed(at, ...dynamicCodes(at))
    else throw invalid()
  }
  if (at.next - (at.held >> 3) !== from.length) throw invalid()
  return at.length === at.out.length ? at.out : at.out.slice(0, at.length)
}

/** Most of what a log is kept in unfolds to no more. */
const firstBytes = 128 * 1024

interface Place {
  readonly from: Bytes
  next: number
  /** Bits that were read and not taken, the lowest first. */
  bits: number
  held: number
  readonly maxBytes: number
  out: Uint8Array<ArrayBuffer>
  length: number
}

function take(at: Place, count: number): number {
  while (at.held < count) {
    if (at.next >= at.from.length) throw invalid()
    at.bits |= (at.from[at.next++] as number) << at.held
    at.held += 8
  }
  const value = at.bits & ((1 << count) - 1)
  at.bits >>>= count
  at.held -= count
  return value
}

function symbol(at: Place, { table, longest }: Code): number {
  // The end of the stream may have fewer bits than the longest code.
  while (at.held < longest && at.next < at.from.length) {
    at.bits |= (at.from[at.next++] as number) << at.held
    at.held += 8
  }
  const entry = table[at.bits & (table.length - 1)] as number
  const count = entry & 15
  if (count === 0 || count > at.held) throw invalid()
  at.bits >>>= count
  at.held -= count
  return entry >>> 4
}

function makeRoom(at: Place, count: number): Uint8Array<ArrayBuffer> {
  if (at.length + count > at.maxBytes) throw tooLarge(at.maxBytes)
  const size = Math.min(at.maxBytes, Math.max(at.out.length * 2, at.length + count))
  const bigger = new Uint8Array(size)
  bigger.set(at.out.subarray(0, at.length))
  at.out = bigger
  return bigger
}

function stored(at: Place): void {
  // Whole bytes were read ahead at most.
  at.next -= at.held >> 3
  at.bits = 0
  at.held = 0
  const count = take(at, 16)
  if (take(at, 16) !== (~count & 0xffff)) throw invalid()
  if (at.next + count > at.from.length) throw invalid()
  if (at.length + count > at.out.length) makeRoom(at, count)
  at.out.set(at.from.subarray(at.next, at.next + count), at.length)
  at.next += count
  at.length += count
}

function compressed(at: Place, literals: Code, distances: Code): void {
  const { table, longest } = literals
  const mask = table.length - 1
  const { from } = at
  let { next, bits, held, out, length } = at
  for (;;) {
    while (held < longest && next < from.length) {
      bits |= (from[next++] as number) << held
      held += 8
    }
    const entry = table[bits & mask] as number
    const used = entry & 15
    if (used === 0 || used > held) throw invalid()
    bits >>>= used
    held -= used
    const value = entry >>> 4
    if (value < 256) {
      if (length === out.length) {
        at.length = length
        out = makeRoom(at, 1)
      }
      out[length++] = value
      continue
    }
    at.next = next
    at.bits = bits
    at.held = held
    at.length = length
    if (value === 256) return
    const { count, offset } = repeat(at, value - 257, distances)
    if (length + count > out.length) out = makeRoom(at, count)
    ;({ next, bits, held } = at)
    // Byte by byte where it is short, or repeats what it has just written.
    if (offset >= count && count > 24) {
      out.copyWithin(length, length - offset, length - offset + count)
      length += count
    } else
      for (const end = length + count; length < end; length++) {
        out[length] = out[length - offset] as number
      }
  }
}

/** How much is said again, and how far back it stands. */
function repeat(at: Place, kind: number, distances: Code) {
  const base = lengths[kind]
  if (base === undefined) throw invalid()
  const count = base + take(at, lengthBits[kind] as number)
  const far = symbol(at, distances)
  const least = offsets[far]
  if (least === undefined) throw invalid()
  const offset = least + take(at, offsetBits[far] as number)
  if (offset > at.length) throw invalid()
  return { count, offset }
}

function dynamicCodes(at: Place): readonly [Code, Code] {
  const literals = take(at, 5) + 257
  const distances = take(at, 5) + 1
  const count = take(at, 4) + 4
  const sizes = new Uint8Array(19)
  for (let i = 0; i < count; i++) sizes[sizeOrder[i] as number] = take(at, 3)
  const code = codeOf(sizes)
  const all = new Uint8Array(literals + distances)
  for (let i = 0; i < all.length; ) {
    const value = symbol(at, code)
    if (value < 16) all[i++] = value
    else {
      if (value === 16 && i === 0) throw invalid()
      const again = value === 16 ? (all[i - 1] as number) : 0
      const times =
        value === 16 ? 3 + take(at, 2) : value === 17 ? 3 + take(at, 3) : 11 + take(at, 7)
      if (i + times > all.length) throw invalid()
      all.fill(again, i, i + times)
      i += times
    }
  }
  return [codeOf(all.subarray(0, literals)), codeOf(all.subarray(literals))]
}

/** Symbols by the bits that come next: symbol << 4 | how many of the bits are its; 0 is none. */
interface Code {
  readonly table: Uint16Array
  readonly longest: number
}

/** A canonical code by the length of each symbol's. */
function codeOf(sizes: Uint8Array): Code {
  const counts = new Uint16Array(16)
  let longest = 1
  for (const size of sizes) {
    if (size > 0) counts[size] = (counts[size] as number) + 1
    if (size > longest) longest = size
  }
  const firsts = new Uint16Array(17)
  let code = 0
  for (let size = 1; size <= 15; size++) {
    code = (code + (counts[size - 1] as number)) << 1
    if (code + (counts[size] as number) > 1 << size) throw invalid()
    firsts[size] = code
  }
  const table = new Uint16Array(1 << longest)
  for (let symbol = 0; symbol < sizes.length; symbol++) {
    const size = sizes[symbol] as number
    if (size === 0) continue
    const own = firsts[size] as number
    firsts[size] = own + 1
    const step = 1 << size
    for (let at = reversed(own, size); at < table.length; at += step) {
      table[at] = (symbol << 4) | size
    }
  }
  return { table, longest }
}

/** Codes come with their highest bit first. */
function reversed(code: number, size: number): number {
  let out = 0
  for (let i = 0; i < size; i++) out |= ((code >> i) & 1) << (size - 1 - i)
  return out
}

let fixed: readonly [Code, Code] | undefined
function fixedCodes(): readonly [Code, Code] {
  const sizes = new Uint8Array(288).fill(8)
  sizes.fill(9, 144, 256).fill(7, 256, 280)
  fixed ??= [codeOf(sizes), codeOf(new Uint8Array(32).fill(5))]
  return fixed
}

// RFC 1951, 3.2.5 and 3.2.7
const sizeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
const lengthBits = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]
const offsetBits = Array.from({ length: 30 }, (_, i) => Math.max(0, (i >> 1) - 1))
const lengths = sums(3, lengthBits.slice(0, -1)).concat(258)
const offsets = sums(1, offsetBits)

/** What each kind begins at, where each covers 2 ** bits values. */
function sums(first: number, widths: readonly number[]): number[] {
  let at = first
  return widths.map((width) => {
    const begins = at
    at += 2 ** width
    return begins
  })
}

const invalid = (): BatonError => new BatonError('invalid', 'failed to inflate: not raw deflate')
const tooLarge = (maxBytes: number): BatonError =>
  new BatonError('too-large', `failed to inflate: more than ${maxBytes} bytes`)
