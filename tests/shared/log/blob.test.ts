import { createHash } from 'node:crypto'
import { blobChunkBytes } from '@baton/shared/limits'
import { chunkCount, chunked, createBlobMeter, createBlobReader } from '@baton/shared/log/blob'
import { type CreateHasher, createPureHasher } from '@baton/shared/primitives'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const nativeHasher: CreateHasher = () => {
  const hash = createHash('sha256')
  return { update: (part) => void hash.update(part), digest: () => new Uint8Array(hash.digest()) }
}
const content = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + (i >> 8)) & 255)

async function* pieces(bytes: Uint8Array, sizes: readonly number[]) {
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const collect = async (stream: AsyncIterable<Uint8Array>) => {
  const out: Uint8Array[] = []
  for await (const chunk of stream) out.push(chunk)
  return out
}

it('SN6 a stream of any pieces becomes chunks of 64 KiB', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(200_000),
      fc.array(fc.integer({ min: 1, max: 150_000 }), { minLength: 1, maxLength: 4 }),
      async (length, sizes) => {
        const whole = content(length)
        const big = sizes.map((size) => Math.max(size, 500))
        const chunks = await collect(chunked(pieces(whole, big)))
        expect(chunks).toHaveLength(chunkCount(length))
        expect(chunks.slice(0, -1).every((chunk) => chunk.length === blobChunkBytes)).toBe(true)
        expect(Buffer.concat(chunks).equals(whole)).toBe(true)
      },
    ),
    { numRuns: tries(15) },
  )
})

it.each([0, 1, 65_535, 65_536, 65_537, 300_000])(
  'SN6 a blob of %i bytes proves itself',
  async (length) => {
    const whole = content(length)
    const meter = createBlobMeter(nativeHasher)
    meter.add(whole)
    const ref = meter.ref()
    for (const hasher of [nativeHasher, createPureHasher]) {
      const reader = createBlobReader(hasher, ref)
      const chunks = length === 0 ? [whole] : await collect(chunked(pieces(whole, [9999])))
      const verdicts = chunks.map((chunk) => reader.take(reader.offset(), chunk).at)
      expect(verdicts.pop()).toBe('done')
      expect(verdicts.every((at) => at === 'more')).toBe(true)
      expect(reader.take(reader.offset(), new Uint8Array()).at).toBe('refused')
    }
  },
)

it('SN7 a chunk that is not the next one or not of its size is not taken', () => {
  const whole = content(200_000)
  const meter = createBlobMeter(nativeHasher)
  meter.add(whole)
  const reader = createBlobReader(nativeHasher, meter.ref())
  const at = (offset: number, length: number = blobChunkBytes) =>
    reader.take(offset, whole.subarray(offset, offset + length)).at
  expect(at(blobChunkBytes)).toBe('refused')
  expect(at(0, blobChunkBytes - 1)).toBe('refused')
  expect(at(0, blobChunkBytes + 1)).toBe('refused')
  expect(at(0)).toBe('more')
  expect(at(0)).toBe('refused')
  expect(at(blobChunkBytes)).toBe('more')
  expect(at(2 * blobChunkBytes)).toBe('more')
  expect(reader.take(3 * blobChunkBytes, content(blobChunkBytes)).at).toBe('refused')
  expect(at(3 * blobChunkBytes)).toBe('done')
})

it('SN7 one wrong byte anywhere is found at the end', () => {
  const whole = content(150_000)
  const meter = createBlobMeter(nativeHasher)
  meter.add(whole)
  const ref = meter.ref()
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 7 }), (where, bit) => {
      const bad = whole.slice()
      bad[where] = (bad[where] as number) ^ (1 << bit)
      const reader = createBlobReader(nativeHasher, ref)
      const verdicts: string[] = []
      for (let offset = 0; offset < bad.length; offset += blobChunkBytes) {
        verdicts.push(reader.take(offset, bad.subarray(offset, offset + blobChunkBytes)).at)
      }
      expect(verdicts).toEqual(['more', 'more', 'wrong'])
    }),
    { numRuns: tries(20) },
  )
})
