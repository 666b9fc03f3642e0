/** KR1 to KR6, KR9: the keys on disk, who may reach them, and what happens when they are damaged. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { bytes } from '@baton/client/testing/rows'
import { fromHex, toBase64url, toHex } from '@baton/shared/bytes'
import { type BatonError, isBatonError } from '@baton/shared/errors'
import { maxSecretBytes } from '@baton/shared/limits'
import { x25519 } from '@noble/curves/ed25519.js'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

const newFolder = () => join(tempFolder('keys'), 'keys')
const open = (folder: string) => openKeyring(folder, createRandom())
const deviceIn = (folder: string) => join(folder, 'device.key')

async function failure(run: Promise<unknown>): Promise<BatonError> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isBatonError(error)) return error
  throw error ?? new Error('it did not fail')
}

it('KR1 the keys are made on first use and stay', async () => {
  const folder = newFolder()
  const first = await open(folder)
  const again = await open(folder)
  expect(again.device).toEqual(first.device)
  expect(again.exchange).toEqual(first.exchange)
  expect((await open(newFolder())).device).not.toEqual(first.device)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(deviceIn(folder)).mode & 0o777).toBe(0o600)
})

it('KR1 the keys are the random bytes: the seed, then the exchange secret', async () => {
  // RFC 8032, 7.1, test 1.
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
  const secret = '77076d0a7318a57d3c16c17251b26645df4c2f92ebc099b170befddcf3d36d5e'
  const keyring = await openKeyring(newFolder(), { bytes: () => fromHex(seed + secret) })
  expect(toHex(keyring.device)).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  )
  expect(keyring.exchange).toEqual(x25519.getPublicKey(fromHex(secret)))
})

it.each([
  ['file', 'chmod 600 '],
  ['folder', 'chmod 700 '],
])(
  'KR2 a %s that others can reach is refused, with the command that mends it',
  async (what, hint) => {
    const folder = newFolder()
    await open(folder)
    const path = what === 'file' ? deviceIn(folder) : folder
    const good = what === 'file' ? 0o600 : 0o700
    for (const extra of [0o040, 0o020, 0o004, 0o001]) {
      chmodSync(path, good | extra)
      expect(await failure(open(folder))).toMatchObject({
        code: 'keyring-mode',
        hint: `${hint}'${path}'`,
      })
    }
    chmodSync(path, good)
    await open(folder)
  },
)

it('KR2 a secret that others can reach is refused too', async () => {
  const folder = newFolder()
  const keyring = await open(folder)
  await keyring.putSecret('pair', bytes(1))
  chmodSync(join(folder, 'secret-pair.key'), 0o644)
  expect((await failure(keyring.getSecret('pair'))).code).toBe('keyring-mode')
})

it.runIf(process.geteuid?.() === 0)('KR2 what someone else owns is refused', async () => {
  const folder = newFolder()
  await open(folder)
  chownSync(deviceIn(folder), 12_345, 12_345)
  expect(await failure(open(folder))).toMatchObject({
    code: 'keyring-mode',
    hint: `chown 0 '${deviceIn(folder)}'`,
  })
})

it('KR3 a symbolic link is refused, for the file and for the folder', async () => {
  const folder = newFolder()
  await open(folder)
  const elsewhere = join(folder, '..', 'elsewhere')
  renameSync(deviceIn(folder), elsewhere)
  symlinkSync(elsewhere, deviceIn(folder))
  expect((await failure(open(folder))).code).toBe('keyring-mode')
  rmSync(deviceIn(folder))
  renameSync(elsewhere, deviceIn(folder))
  symlinkSync(folder, `${folder}-link`)
  expect((await failure(open(`${folder}-link`))).code).toBe('keyring-mode')
  await open(folder)
})

it('KR4 what a dead writer left is removed, what a living one writes is not', async () => {
  const folder = newFolder()
  await open(folder)
  const name = (pid: number) => `.device.key.${pid}.0123456789abcdef.tmp`
  for (const pid of [2 ** 22 + 1, process.pid, process.ppid])
    writeFileSync(join(folder, name(pid)), '')
  const longAgo = new Date(Date.now() - 3_600_000)
  utimesSync(join(folder, name(process.ppid)), longAgo, longAgo)
  await open(folder)
  expect(readdirSync(folder).toSorted()).toEqual([name(process.pid), 'device.key'])
})

it('KR5 one changed, cut or added character makes a file unreadable, and it stays as it is', async () => {
  const folder = newFolder()
  await open(folder)
  const path = deviceIn(folder)
  const good = readFileSync(path, 'latin1')
  const damaged = [
    '',
    good.slice(0, 40),
    good.slice(0, -1),
    `${good}\n`,
    `${good} `,
    good.replace('baton-key 1', 'baton-key 2'),
    good.replace('device', 'secret').replace(' 1 ', '  1 '),
    `${good.slice(0, 30)}${good[30] === 'A' ? 'B' : 'A'}${good.slice(31)}`,
    `${good.slice(0, -3)}${good.at(-3) === 'A' ? 'B' : 'A'}${good.slice(-2)}`,
    'x'.repeat(100_000),
  ]
  for (const text of damaged) {
    writeFileSync(path, text)
    expect((await failure(open(folder))).code).toBe('keyring-unreadable')
    expect(readFileSync(path, 'latin1')).toBe(text)
  }
  writeFileSync(path, good)
  await open(folder)
})

it('KR5 a secret under another name is unreadable', async () => {
  const folder = newFolder()
  const keyring = await open(folder)
  await keyring.putSecret('one', bytes(1))
  renameSync(join(folder, 'secret-one.key'), join(folder, 'secret-two.key'))
  expect((await failure(keyring.getSecret('two'))).code).toBe('keyring-unreadable')
  expect(await keyring.getSecret('one')).toBeUndefined()
})

it('KR5 a folder where the file should be is refused, nothing is made beside it', async () => {
  const folder = newFolder()
  mkdirSync(deviceIn(folder), { recursive: true })
  chmodSync(folder, 0o700)
  expect((await failure(open(folder))).code).toMatch(/^keyring-/)
  expect(readdirSync(folder)).toEqual(['device.key'])
})

it('KR6 no new device is made over the secrets of an old one', async () => {
  const folder = newFolder()
  const keyring = await open(folder)
  await keyring.putSecret('pair', bytes(1))
  rmSync(deviceIn(folder))
  const error = await failure(open(folder))
  expect(error.code).toBe('keyring-unreadable')
  expect(error.hint).toContain(folder)
  expect(readdirSync(folder)).toEqual(['secret-pair.key'])
})

it('ST21 no new device is made where the store of an old one is', async () => {
  const folder = newFolder()
  const error = await failure(openKeyring(folder, createRandom(), { make: false }))
  expect(error.code).toBe('keyring-unreadable')
  expect(readdirSync(folder)).toEqual([])
  const { device } = await open(folder)
  expect((await openKeyring(folder, createRandom(), { make: false })).device).toEqual(device)
})

it('KR9 no error carries a secret, a key or their text', async () => {
  const folder = newFolder()
  const keyring = await open(folder)
  const secret = new Uint8Array(24).fill(0xa7)
  await keyring.putSecret('pair', secret)
  const texts = ['device', 'secret-pair'].map((name) =>
    readFileSync(join(folder, `${name}.key`), 'latin1')
      .split(' ')
      .slice(3)
      .join(' ')
      .trim(),
  )
  const errors: unknown[] = [
    await failure(keyring.putSecret('x', new Uint8Array(maxSecretBytes + 1).fill(0xa7))),
    await failure(keyring.agree(secret)),
    await failure(keyring.putSecret(toBase64url(secret).repeat(9), secret)),
  ]
  for (const [name, damage] of [
    ['secret-pair', '!'],
    ['secret-pair', '\n'],
    ['device', 'A'],
  ] as const) {
    const path = join(folder, `${name}.key`)
    const good = readFileSync(path, 'latin1')
    writeFileSync(path, `${good.slice(0, -14)}${damage}${good.slice(-14)}`)
    errors.push(await failure(name === 'device' ? open(folder) : keyring.getSecret('pair')))
    writeFileSync(path, good)
  }
  const said = errors.map((error) => inspect(error, { depth: 9 })).join('\n')
  for (const text of texts) {
    for (const part of text.split(' ')) expect(said).not.toContain(part.slice(0, 8))
  }
  expect(said).not.toContain(toBase64url(secret).slice(0, 8))
})
