/** ST7, ST9, ST10, ST12: what the faulty disk does to those who use it, beyond the contract. */
import { setImmediate as turn } from 'node:timers/promises'
import { bytes, keysOf, put } from '@baton/client/testing/rows'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFaultyDisk } from '../support/faulty-store.ts'
import { tries } from '../support/tries.ts'

it('ST7 a crash keeps what was flushed and a whole number of the batches after it', async () => {
  const law = fc.asyncProperty(fc.nat(6), fc.nat(6), fc.nat(99), async (safe, more, die) => {
    const disk = createFaultyDisk(() => die / 100)
    const store = await disk.open()
    const write = (i: number) => store.write([put(`a${i}`), put(`b${i}`)])
    for (let i = 0; i < safe; i++) await write(i)
    await store.flush()
    for (let i = safe; i < safe + more; i++) await write(i)
    expect(disk.unflushed()).toBe(more)
    const lost = disk.crash()
    await expect(store.get(bytes(1))).rejects.toMatchObject({ code: 'store-closed' })
    const kept = Array.from({ length: safe + more - lost }, (_, i) => i)
    expect(lost).toBeLessThanOrEqual(more)
    const keys = kept.flatMap((i) => [`a${i}`, `b${i}`])
    expect(await keysOf(await disk.open())).toEqual(keys.toSorted())
  })
  await fc.assert(law, { numRuns: tries(60) })
})

it('ST7 a flush held back when the crash comes was none', async () => {
  const disk = createFaultyDisk(() => 0)
  const store = await disk.open()
  await store.write([put('a')])
  disk.holdFlushes()
  const flushed = store.flush()
  expect(disk.crash()).toBe(1)
  await expect(flushed).rejects.toMatchObject({ code: 'store-closed' })
  expect(await keysOf(await disk.open())).toEqual([])
})

it('ST7 flushes held back end together and cover what was written before each', async () => {
  const disk = createFaultyDisk(() => 0)
  const store = await disk.open()
  await store.write([put('a')])
  const hold = disk.holdFlushes()
  const first = store.flush()
  await store.write([put('b')])
  hold.release()
  await first
  expect(disk.unflushed()).toBe(1)
  disk.crash()
  expect(await keysOf(await disk.open())).toEqual(['a'])
})

it('ST10 a full disk refuses and keeps; with room again it goes on', async () => {
  const disk = createFaultyDisk()
  const store = await disk.open()
  disk.fill(1)
  await store.write([put('a')])
  await expect(store.write([put('b')])).rejects.toMatchObject({ code: 'store-full' })
  expect(await keysOf(store)).toEqual(['a'])
  disk.fill(undefined)
  await turn()
  await store.write([put('c')])
  expect(await keysOf(store)).toEqual(['a', 'c'])
})

it('ST9 what is given before a refusal was heard of is refused too, though there is room again', async () => {
  const disk = createFaultyDisk()
  const store = await disk.open()
  await store.write([put('a')])
  disk.fill(0)
  const told: string[] = []
  const write = (key: string) => store.write([put(key)]).catch(() => told.push(key))
  const first = write('b')
  disk.fill(undefined)
  await Promise.all([first, write('c')])
  expect(told.sort()).toEqual(['b', 'c'])
  await turn()
  await store.write([put('d')])
  expect(await keysOf(store)).toEqual(['a', 'd'])
})

it('ST15 an older store is fenced by a newer one, and writes nothing more', async () => {
  const disk = createFaultyDisk()
  const old = await disk.open()
  await old.write([put('a')])
  const store = await disk.open()
  await expect(old.write([put('b')])).rejects.toMatchObject({ code: 'store-fenced' })
  expect(await keysOf(old)).toEqual(['a'])
  await old.close()
  await store.write([put('c')])
  expect(await keysOf(store)).toEqual(['a', 'c'])
})
