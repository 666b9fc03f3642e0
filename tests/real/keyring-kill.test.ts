/** KR1, KR4: kill -9 at every call a keyring makes into the file system, and many openers at once. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { bytes } from '@baton/client/testing/rows'
import { toHex } from '@baton/shared/bytes'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { tempFolder } from '../support/temp.ts'

const run = promisify(execFile)
let child = ''
beforeAll(() => {
  child = builtChild('real/keyring-child.mts')
})

/** The device it reported and the calls it made, or undefined when it was killed. */
async function keyringChild(folder: string, stop = 0, torn = ''): Promise<string | undefined> {
  try {
    return (await run(process.execPath, [child, folder, String(stop), torn])).stdout
  } catch (error) {
    expect((error as { signal?: string }).signal).toBe('SIGKILL')
    return undefined
  }
}

async function afterKill(folder: string, device: string | undefined): Promise<void> {
  const keyring = await openKeyring(folder, createRandom())
  if (device !== undefined) expect(toHex(keyring.device)).toBe(device)
  expect([undefined, '1', '2']).toContain((await keyring.getSecret('pair'))?.[0]?.toString())
  expect((await openKeyring(folder, createRandom())).device).toEqual(keyring.device)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
}

it('KR4 a first use killed at any call leaves a keyring that opens', async () => {
  const whole = await keyringChild(join(tempFolder('keys'), 'keys'))
  const calls = Number(whole?.split(' ')[1])
  expect(calls).toBeGreaterThan(15)
  for (let stop = 1; stop <= calls; stop++) {
    for (const torn of ['', 'torn']) {
      const folder = join(tempFolder('keys'), 'keys')
      expect(await keyringChild(folder, stop, torn)).toBeUndefined()
      await afterKill(folder, undefined)
    }
  }
})

it('KR4 a later use killed at any call keeps the device and the old or the new secret', async () => {
  const folder = join(tempFolder('keys'), 'keys')
  const keyring = await openKeyring(folder, createRandom())
  await keyring.putSecret('old', bytes(9))
  for (let stop = 1; ; stop++) {
    await keyring.putSecret('pair', bytes(1))
    const ended = await keyringChild(folder, stop, stop % 2 === 0 ? 'torn' : '')
    await afterKill(folder, toHex(keyring.device))
    expect(await keyring.getSecret('pair')).toBeDefined()
    if (ended !== undefined) break
    expect(stop).toBeLessThan(60)
  }
})

it('KR1 twelve processes that open at once get one device', async () => {
  for (let round = 0; round < 3; round++) {
    const folder = join(tempFolder('keys'), 'keys')
    const all = await Promise.all(Array.from({ length: 12 }, () => keyringChild(folder)))
    expect(new Set(all.map((one) => one?.split(' ')[0])).size).toBe(1)
  }
})
