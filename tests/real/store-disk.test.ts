/**
 * ST9, ST10, ST12: the lmdb store on a disk that is full or read-only. A tmpfs stands for the disk,
 * so these run as root on Linux only; the fake disk shows the same everywhere.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { openNodeStore } from '@baton/client/node/store'
import { ascii, bytes, keysOf, put } from '@baton/client/testing/rows'
import { expect, it } from 'vitest'
import { canMount, smallDisk } from '../support/small-disk.ts'
import { tempFolder } from '../support/temp.ts'

const row = (i: number) => put(`k${1_000 + i}`, new Uint8Array(65_536).fill(i))
const full = { code: 'store-full' }

it.runIf(canMount)(
  'ST10 a full disk refuses, keeps what was kept, and goes on with room',
  async () => {
    const disk = smallDisk(8)
    const folder = join(disk.folder, 'store')
    const store = await openNodeStore(folder)
    let kept = 0
    const fillUp = async () => {
      for (;;) {
        await store.write([row(kept)])
        kept++
      }
    }
    await expect(fillUp()).rejects.toMatchObject(full)
    expect(kept).toBeGreaterThan(80)
    for (let i = 0; i < 3; i++)
      await expect(store.write([row(500), row(501)])).rejects.toMatchObject(full)
    const giant = Array.from({ length: 400 }, (_, i) => row(i))
    await expect(store.write(giant)).rejects.toMatchObject(full)
    expect(await keysOf(store)).toHaveLength(kept)
    await turn()
    expect(await store.get(ascii('k1003'))).toEqual(new Uint8Array(65_536).fill(3))
    await store.write(Array.from({ length: 40 }, (_, i) => ({ delete: ascii(`k${1_000 + i}`) })))
    await store.flush()
    // What was deleted is used again a transaction or two later.
    await store.write([put('small')]).catch(() => {})
    await store.write([row(600)])
    await store.flush()
    await store.close()
    const again = await openNodeStore(folder)
    expect((await keysOf(again)).filter((key) => key !== 'small')).toHaveLength(kept - 40 + 1)
    await again.close()
  },
)

it.runIf(canMount)(
  'ST10 with no room at all an old store still opens, a new one says so',
  async () => {
    const disk = smallDisk(8)
    const folder = join(disk.folder, 'store')
    const store = await openNodeStore(folder)
    await store.write([row(1), put('a')])
    await store.close()
    disk.fill()
    const again = await openNodeStore(folder)
    expect(await keysOf(again)).toEqual(['a', 'k1001'])
    await expect(again.write([row(2), row(3)])).rejects.toMatchObject(full)
    await expect(openNodeStore(join(disk.folder, 'new'))).rejects.toMatchObject(full)
    disk.free()
    await turn()
    await again.write([row(2), row(3)])
    await again.close()
  },
)

it.runIf(canMount)('ST9 on a full disk no later batch stands without an earlier one', async () => {
  const disk = smallDisk(8)
  const store = await openNodeStore(join(disk.folder, 'store'))
  const sizes = [10, 60_000, 20, 200_000, 5, 1_000_000]
  const jobs = Array.from({ length: 300 }, (_, i) =>
    store.write([put(`k${1_000 + i}`, new Uint8Array(sizes[i % sizes.length] as number))]),
  )
  const all = await Promise.allSettled(jobs)
  const first = all.findIndex((one) => one.status === 'rejected')
  expect(first).toBeGreaterThan(5)
  expect(all.slice(first).every((one) => one.status === 'rejected')).toBe(true)
  expect(await keysOf(store)).toHaveLength(first)
  await store.close()
})

it.runIf(canMount)('ST12 a read-only home says store-readonly, and is left as it is', async () => {
  const disk = smallDisk(8)
  const folder = join(disk.folder, 'store')
  const store = await openNodeStore(folder)
  await store.write([put('a', bytes(1))])
  await store.close()
  disk.readonly()
  const readonly = { code: 'store-readonly', hint: expect.stringContaining('BATON_HOME') }
  await expect(openNodeStore(folder)).rejects.toMatchObject(readonly)
  await expect(openNodeStore(join(disk.folder, 'new'))).rejects.toMatchObject(readonly)
})

it.runIf(process.geteuid?.() !== 0)(
  'ST12 a folder one may not write says store-readonly',
  async () => {
    const home = join(tempFolder('home'), 'home')
    mkdirSync(home)
    chmodSync(home, 0o500)
    const opened = openNodeStore(join(home, 'store'))
    await expect(opened).rejects.toMatchObject({ code: 'store-readonly' })
  },
)
