/** ST11, ST13, ST14, ST16: who may open the store on disk, and what its files look like. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openNodeStore } from '@baton/client/node/store'
import { checkHeader } from '@baton/client/node/store-header'
import { lockStore } from '@baton/client/node/store-lock'
import { keysOf, put } from '@baton/client/testing/rows'
import { open } from 'lmdb'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

it('ST14 files are 0600 in a folder that is 0700, also when it was looser', async () => {
  const folder = join(tempFolder('store'), 'deep', 'store')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const store = await openNodeStore(folder)
  await store.write([put('a')])
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
  expect(new Set(modes)).toEqual(new Set([0o600]))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  await store.close()
})

it('ST11 a second opening says store-locked and names the holder, until it lets go', async () => {
  const folder = tempFolder('store')
  const store = await openNodeStore(folder)
  const second = openNodeStore(folder)
  await expect(second).rejects.toMatchObject({ code: 'store-locked' })
  await expect(second).rejects.toMatchObject({ hint: expect.stringContaining(`${process.pid}`) })
  await store.close()
  await (await openNodeStore(folder)).close()
  expect(readdirSync(folder).filter((name) => name.startsWith('lock-'))).toEqual([])
})

it('ST11 of ten that start at once exactly one gets the lock', async () => {
  const folder = tempFolder('store')
  for (let round = 0; round < 5; round++) {
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => lockStore(folder)))
    const got = all.filter((one) => one.status === 'fulfilled')
    expect(got).toHaveLength(1)
    for (const one of got) one.value()
  }
})

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid as number
}

it('ST11 the claim of a process that is gone is taken over', async () => {
  const folder = tempFolder('store')
  const unlock = await lockStore(folder)
  const own = readdirSync(folder)
  unlock()
  const dead = await deadProcess()
  for (const name of own) {
    writeFileSync(join(folder, name.replace(`-${process.pid}-`, `-${dead}-`)), '')
    // The same number was given again: it started at another time, or in another boot.
    writeFileSync(join(folder, name.replace(/^(lock-\d+)-\d+/, '$1-1')), '')
    writeFileSync(join(folder, name.replace(/^(lock-\d+-\d+)-[0-9a-f]+/, '$1-0123abcd')), '')
  }
  expect(readdirSync(folder)).toHaveLength(3 * own.length)
  ;(await lockStore(folder))()
  expect(readdirSync(folder)).toEqual([])
})

it('ST11 a claim from another container counts, for nobody can tell', async () => {
  const folder = tempFolder('store')
  const unlock = await lockStore(folder)
  const held = readdirSync(folder).find((name) => name.endsWith('.held')) as string
  unlock()
  const foreign = held.replace(/-\d+-([0-9a-f]{16})\.held$/, '-1-$1.held')
  writeFileSync(join(folder, foreign), '')
  const error = lockStore(folder)
  await expect(error).rejects.toMatchObject({
    code: 'store-locked',
    hint: expect.stringContaining(join(folder, foreign)),
  })
  expect(readdirSync(folder)).toEqual([foreign])
})

async function storeFile(): Promise<{ folder: string; path: string; good: Buffer }> {
  const folder = tempFolder('store')
  const store = await openNodeStore(folder)
  await store.write([put('a', new Uint8Array(100_000)), put('b')])
  await store.close()
  const path = join(folder, 'store.mdb')
  return { folder, path, good: readFileSync(path) }
}

it('ST13 a file that is no store is store-corrupt and stays as it is', async () => {
  const { folder, path, good } = await storeFile()
  const zeroed = Buffer.from(good)
  zeroed.fill(0, 0, 8_192)
  const bad = [Buffer.from('short'), Buffer.alloc(70_000, 'garbage'), zeroed]
  for (const bytes of [...bad, good.subarray(0, 8_192), good.subarray(0, 4_000)]) {
    writeFileSync(path, bytes)
    await expect(openNodeStore(folder)).rejects.toMatchObject({ code: 'store-corrupt' })
    expect(readFileSync(path).equals(bytes)).toBe(true)
  }
  writeFileSync(path, good)
  const store = await openNodeStore(folder)
  expect(await keysOf(store)).toEqual(['a', 'b'])
  await store.close()
})

it('ST13 a store of a newer format, ours or lmdb’s, is store-newer and stays as it is', async () => {
  const { folder, path, good } = await storeFile()
  const newer = Buffer.from(good)
  newer.writeUInt32LE(3, 28)
  writeFileSync(path, newer)
  await expect(openNodeStore(folder)).rejects.toMatchObject({ code: 'store-newer' })
  writeFileSync(path, good)
  const root = open(path, { keyEncoding: 'binary', encoding: 'binary', maxDbs: 4 })
  for (const [format, code] of [
    [Uint8Array.of(3), 'store-newer'],
    [Uint8Array.of(255), 'store-newer'],
    [Uint8Array.of(1, 1), 'store-corrupt'],
    [Uint8Array.of(1), undefined],
  ] as const) {
    await root.put(Buffer.of(0), format)
    await root.flushed
    const opened = openNodeStore(folder)
    if (code !== undefined) await expect(opened).rejects.toMatchObject({ code })
    else await (await opened).close()
  }
  await root.close()
})

it('ST16 a hundred writes that come while a commit is out share a few transactions', async () => {
  const folder = tempFolder('store')
  const store = await openNodeStore(folder)
  const before = transactions(folder)
  const jobs = Array.from({ length: 100 }, async (_, i) => {
    await store.write([put(`k${i}`)])
    await store.flush()
  })
  await Promise.all(jobs)
  expect(transactions(folder) - before).toBeLessThan(12)
  expect(transactions(folder) - before).toBeGreaterThan(0)
  await store.close()
})

/** The number of the last transaction in either meta page. */
function transactions(folder: string): number {
  const file = readFileSync(join(folder, 'store.mdb'))
  return Number(
    [152, 4_096 + 152].map((at) => file.readBigUInt64LE(at)).reduce((a, b) => (a > b ? a : b)),
  )
}

it('ST13 pages that a power cut kept from the disk count only when they were flushed', async () => {
  const { path, good } = await storeFile()
  expect(checkHeader(path)).toBe(true)
  const beyond = (metas: number[]) => {
    const bytes = Buffer.from(good)
    for (const at of metas) bytes.writeBigUInt64LE(10_000n, at + 136)
    writeFileSync(path, bytes)
  }
  const pageBytes = 4_096
  beyond([0, pageBytes])
  expect(checkHeader(path)).toBe(true)
  beyond([pageBytes / 2])
  expect(() => checkHeader(path)).toThrow('a page is missing')
  writeFileSync(path, '')
  expect(checkHeader(path)).toBe(false)
})
