/**
 * SHA-256 (FIPS 180-4) for a page, which has no native one that answers at once. Most of what a log is
 * made of is hashed in pieces of a hundred bytes, where this takes half the time of a general library
 * and leaves no objects behind but the hash. Nothing it hashes is secret.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { Sha256 } from '@baton/shared/primitives'

const parse = (...rows: readonly string[]) =>
  Int32Array.from(rows.join(' ').split(' '), (word) => Number.parseInt(word, 16))
const initial = parse('6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19')
const rounds = parse(
  '428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5',
  'd807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174',
  'e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da',
  '983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967',
  '27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85',
  'a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070',
  '19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3',
  '748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2',
)
const blockBytes = 64
/** Where the length stands in the last block. */
const lengthAt = 56

// One hash at a time is made: nothing here is left to another turn.
const words = new Int32Array(blockBytes)
const state = new Int32Array(8)
const block = new Uint8Array(blockBytes)

export const sha256: Sha256 = (...parts) => {
  state.set(initial)
  let held = 0
  let length = 0
  for (const part of parts) {
    held = take(part, held)
    length += part.length
  }
  block[held++] = 0x80
  if (held > lengthAt) {
    block.fill(0, held)
    compress(block, 0)
    held = 0
  }
  block.fill(0, held)
  putWord(block, lengthAt, Math.floor(length / 2 ** 29))
  putWord(block, lengthAt + 4, length << 3)
  compress(block, 0)
  const hash = new Uint8Array(32)
  for (let i = 0; i < state.length; i++) putWord(hash, i * 4, state[i] as number)
  return hash
}

/** Hashes the blocks that are full, and gives how much of the next one is `held`. */
function take(part: Bytes, before: number): number {
  let held = before
  let at = 0
  while (held > 0 && held < blockBytes && at < part.length) block[held++] = part[at++] as number
  if (held > 0 && held < blockBytes) return held
  if (held === blockBytes) compress(block, 0)
  for (; at + blockBytes <= part.length; at += blockBytes) compress(part, at)
  for (held = 0; at < part.length; ) block[held++] = part[at++] as number
  return held
}

function compress(from: Bytes, start: number): void {
  for (let i = 0, at = start; i < 16; i++, at += 4) {
    words[i] =
      ((from[at] as number) << 24) |
      ((from[at + 1] as number) << 16) |
      ((from[at + 2] as number) << 8) |
      (from[at + 3] as number)
  }
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15] as number
    const y = words[i - 2] as number
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    words[i] = ((words[i - 16] as number) + s0 + (words[i - 7] as number) + s1) | 0
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const choice = g ^ (e & (f ^ g))
    const majority = (a & b) | (c & (a | b))
    const t = (h + s1 + choice + (rounds[i] as number) + (words[i] as number)) | 0
    h = g
    g = f
    f = e
    e = (d + t) | 0
    d = c
    c = b
    b = a
    a = (t + s0 + majority) | 0
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
  state[5] = (state[5] as number) + f
  state[6] = (state[6] as number) + g
  state[7] = (state[7] as number) + h
}

/** Big-endian. */
function putWord(to: Uint8Array, at: number, word: number): void {
  to[at] = word >>> 24
  to[at + 1] = word >>> 16
  to[at + 2] = word >>> 8
  to[at + 3] = word
}
