/** ST11, ST14: who may open the store on disk, and what its files look like. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNodeStore } from '@baton/client/node/store'
import { lockStore } from '@baton/client/node/store-lock'
import { expect, it, onTestFinished } from 'vitest'
import { put } from '../../support/rows.ts'

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

it('ST14 files are 0600 in a folder that is 0700, also when it was looser', async () => {
  const folder = join(tempFolder(), 'deep', 'store')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const store = await openNodeStore(folder)
  await store.write([put('a')])
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
  expect(new Set(modes)).toEqual(new Set([0o600]))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  await store.close()
})

it('ST11 a second opening says store-locked and names the holder, until it lets go', async () => {
  const folder = tempFolder()
  const store = await openNodeStore(folder)
  const second = openNodeStore(folder)
  await expect(second).rejects.toMatchObject({ code: 'store-locked' })
  await expect(second).rejects.toMatchObject({ hint: expect.stringContaining(`${process.pid}`) })
  await store.close()
  await (await openNodeStore(folder)).close()
  expect(readdirSync(folder).filter((name) => name.startsWith('lock-'))).toEqual([])
})

it('ST11 of ten that start at once exactly one gets the lock', async () => {
  const folder = tempFolder()
  for (let round = 0; round < 5; round++) {
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => lockStore(folder)))
    const got = all.filter((one) => one.status === 'fulfilled')
    expect(got).toHaveLength(1)
    for (const one of got) one.value()
  }
})

it('ST11 the claim of a process that is gone is taken over, whatever it holds', async () => {
  const folder = tempFolder()
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const dead = `lock-${child.pid}-0123456789abcdef`
  writeFileSync(join(folder, `${dead}.want`), '')
  writeFileSync(join(folder, `${dead}.held`), '{"pid":')
  const unlock = await lockStore(folder)
  expect(readdirSync(folder).filter((name) => name.startsWith(dead))).toEqual([])
  unlock()
})

it('ST11 a process id that was used again is not the old holder', async () => {
  const folder = tempFolder()
  const unlock = await lockStore(folder)
  const [held] = readdirSync(folder).filter((name) => name.endsWith('.held'))
  unlock()
  const claim = { pid: process.pid, start: '1', boot: 'another boot', space: '' }
  writeFileSync(join(folder, held as string), JSON.stringify(claim))
  ;(await lockStore(folder))()
})
