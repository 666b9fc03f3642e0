/** AR5: bytes in sealed chunks, none of which can be changed, moved, repeated, left out or cut off. */
import { createDecipheriv } from 'node:crypto'
import { openChunks, sealChunks, sealedChunkBytes } from '@baton/client/node/archive/chunks'
import { type Bytes, concat, equalBytes } from '@baton/shared/bytes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { flipped } from '../../../support/raw-sync.ts'
import { tries } from '../../../support/tries.ts'

const key = new Uint8Array(32).fill(3)

async function* inPieces(bytes: Bytes, size = 50_000): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function whole(pieces: AsyncIterable<Bytes>): Promise<Bytes> {
  const all: Bytes[] = []
  for await (const piece of pieces) all.push(piece.slice())
  return concat(...all)
}

const seal = (plain: Bytes) => whole(sealChunks(key, inPieces(plain)))
const open = (sealed: Bytes, size?: number, under = key) =>
  whole(openChunks(under, inPieces(sealed, size)))
const chunksOf = (sealed: Bytes) => {
  const chunks: Bytes[] = []
  for (let at = 0; at < sealed.length; at += sealedChunkBytes) {
    chunks.push(sealed.subarray(at, at + sealedChunkBytes))
  }
  return chunks
}
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255)
const invalid = { code: 'invalid' }

it('AR5 opens to what was sealed, at every length around a chunk, in pieces of any size', async () => {
  const chunk = 65_536
  for (const length of [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5]) {
    const plain = bytesOf(length)
    const sealed = await seal(plain)
    expect(sealed.length).toBe(length + 16 * Math.max(1, Math.ceil(length / chunk)))
    for (const size of [1000, 65_552, 200_000])
      expect(equalBytes(await open(sealed, size), plain)).toBe(true)
  }
})

it('AR5 a chunk is AES-256-GCM under its number and whether it is the last', async () => {
  const [first = key, second = key] = chunksOf(await seal(bytesOf(70_000)))
  const at = (nonce: string, sealed: Bytes) => {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'hex'))
    decipher.setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  }
  expect(at('000000000000000000000000', first)).toHaveLength(65_536)
  expect(at('000000000000000000000101', second)).toHaveLength(70_000 - 65_536)
})

it('AR5 any bit that was changed, and any other key, opens nothing from there on', async () => {
  const sealed = await seal(bytesOf(150_000))
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
      await expect(open(flipped(sealed, bit))).rejects.toMatchObject(invalid)
    }),
    { numRuns: tries(25) },
  )
  await expect(open(sealed, 1000, new Uint8Array(32))).rejects.toMatchObject(invalid)
})

it('AR5 chunks that are moved, repeated, left out or of another place are refused', async () => {
  const [a = key, b = key, c = key, d = key] = chunksOf(await seal(bytesOf(4 * 65_536)))
  const orders = [
    [b, a, c, d],
    [a, c, b, d],
    [a, b, d, c],
    [a, a, b, c, d],
    [a, b, c, d, d],
    [a, b, c, c],
    [a, c, d],
    [b, c, d],
    [d],
    [c],
    [a, b, c, d, new Uint8Array(16)],
    [a, b, c, d, Uint8Array.of(0)],
  ]
  for (const order of orders) await expect(open(concat(...order))).rejects.toMatchObject(invalid)
})

it('AR5 a stream that was cut off anywhere is refused, at the border of a chunk too', async () => {
  const sealed = await seal(bytesOf(2 * 65_536 + 100))
  const borders = [0, 1, 2].map((n) => n * sealedChunkBytes)
  for (const length of borders) {
    await expect(open(sealed.subarray(0, length))).rejects.toThrow(/cut short$/)
  }
  for (const length of [1, 15, 16, 17, 65_551, 65_553, sealed.length - 1]) {
    await expect(open(sealed.subarray(0, length))).rejects.toMatchObject(invalid)
  }
  // An empty last chunk would let a cut pass for an end.
  const [first = key] = chunksOf(await seal(bytesOf(65_537)))
  const [, empty = key] = chunksOf(await whole(sealEmptyEnd()))
  await expect(open(concat(first, empty))).rejects.toMatchObject(invalid)
})

/** A full chunk that is not the last, and an empty one that is: what no writer of ours makes. */
async function* sealEmptyEnd(): AsyncGenerator<Bytes> {
  const { createCipheriv } = await import('node:crypto')
  for (const [nonce, plain] of [
    ['000000000000000000000000', bytesOf(65_536)],
    ['000000000000000000000101', new Uint8Array(0)],
  ] as const) {
    const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce, 'hex'))
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    yield new Uint8Array(sealed)
  }
}
