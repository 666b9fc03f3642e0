/** PF1 to PF5: the small ports as Node gives them. */
import { deflateRawSync } from 'node:zlib'
import {
  createClock,
  createDeflate,
  createPrimitives,
  createRandom,
  nativeSha256,
} from '@baton/client/node/platform'
import { equalBytes } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { pureSha256 } from '@baton/shared/primitives'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { tries } from '../../support/tries.ts'

const { deflate, inflate } = createDeflate()

it('PF1 a timer of any length fires once at its time; cancelled, never', () => {
  vi.useFakeTimers()
  try {
    const clock = createClock()
    const month = 31 * 24 * 3_600_000
    const fired: string[] = []
    clock.after(0, () => fired.push('now'))
    clock.after(2.5 * month, () => fired.push('month'))
    const cancel = clock.after(2.5 * month, () => fired.push('never'))
    vi.advanceTimersByTime(2.5 * month - 1)
    expect(fired).toEqual(['now'])
    cancel()
    vi.advanceTimersByTime(2)
    vi.advanceTimersByTime(3 * month)
    expect(fired).toEqual(['now', 'month'])
  } finally {
    vi.useRealTimers()
  }
})

it('PF1 a timer keeps no process alive, and monotonic time does not go back', () => {
  const made = vi.spyOn(globalThis, 'setTimeout')
  const clock = createClock()
  const cancel = clock.after(60_000, () => {})
  expect(made.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false])
  cancel()
  made.mockRestore()
  const times = Array.from({ length: 1_000 }, () => clock.monotonic())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000)
})

it('PF2 random bytes come in the length asked for and differ', () => {
  const random = createRandom()
  expect([0, 1, 32, 100_000].map((length) => random.bytes(length).length)).toEqual([
    0, 1, 32, 100_000,
  ])
  expect(random.bytes(16)).not.toEqual(random.bytes(16))
  expect(Object.getPrototypeOf(random.bytes(8))).toBe(Uint8Array.prototype)
})

it('PF3 inflate undoes deflate, small and big, and text gets smaller', async () => {
  const law = fc.asyncProperty(fc.uint8Array({ maxLength: 9_000 }), async (bytes) => {
    expect(equalBytes(await inflate(await deflate(bytes), bytes.length), bytes)).toBe(true)
  })
  await fc.assert(law, { numRuns: tries(60) })
  const text = new TextEncoder().encode('{"type":"assistant","text":"hello"}\n'.repeat(30_000))
  const small = await deflate(text)
  expect(small.length).toBeLessThan(text.length / 20)
  expect(equalBytes(await inflate(small, text.length), text)).toBe(true)
})

it('PF4 inflating stops with too-large at the bound, also for a bomb, on the spot and later', async () => {
  const bomb = deflateRawSync(new Uint8Array(64 * 1024 * 1024))
  const before = process.memoryUsage().arrayBuffers
  for (const bound of [0, 1, 100, 65_536, 1024 * 1024, 8 * 1024 * 1024]) {
    await expect(inflate(bomb, bound)).rejects.toMatchObject({ code: 'too-large' })
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 1024 * 1024)
  const ten = await deflate(new Uint8Array(10))
  expect(await inflate(ten, 10)).toHaveLength(10)
  await expect(inflate(ten, 9)).rejects.toMatchObject({ code: 'too-large' })
  expect(await inflate(await deflate(new Uint8Array(0)), 0)).toHaveLength(0)
})

it('PF4 what is no raw deflate, is cut or has bytes behind it is invalid', async () => {
  const good = await deflate(new Uint8Array(5_000).map((_, i) => i * i))
  const code = { code: 'invalid' }
  for (const bound of [6_000, 1024 * 1024]) {
    await expect(inflate(new Uint8Array(0), bound)).rejects.toMatchObject(code)
    await expect(inflate(good.subarray(0, -1), bound)).rejects.toMatchObject(code)
    await expect(inflate(Uint8Array.of(...good, 0), bound)).rejects.toMatchObject(code)
    await expect(inflate(Uint8Array.of(7, 255, 1), bound)).rejects.toMatchObject(code)
  }
  const noise = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    const result = await inflate(bytes, 500).catch((error: unknown) => error)
    if (!isBatonError(result)) expect((result as Uint8Array).length).toBeLessThanOrEqual(500)
  })
  await fc.assert(noise, { numRuns: tries(200) })
})

it('PF5 native SHA-256 equals the pure one, whatever the parts', () => {
  const part = fc.uint8Array({ maxLength: 1_500 })
  const law = fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
    expect(nativeSha256(...parts)).toEqual(pureSha256(...parts))
  })
  fc.assert(law, { numRuns: tries(200) })
  const first = nativeSha256(Uint8Array.of(1))
  const kept = first.slice()
  nativeSha256(Uint8Array.of(2))
  expect(first).toEqual(kept)
})

it('PF5 the primitives are these, and their verifier is one that passed its vectors', async () => {
  const { sha256, verify } = await createPrimitives()
  expect(sha256).toBe(nativeSha256)
  const seed = new Uint8Array(32).fill(3)
  const message = Uint8Array.of(1, 2)
  const signature = signWith(seed, message)
  expect(await verify(verifyKeyOf(seed), message, signature)).toBe(true)
  expect(await verify(verifyKeyOf(seed), Uint8Array.of(1, 3), signature)).toBe(false)
})
