/** GU1 to GU4, GU6: what guards the keys of a home, and how that changes. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changeGuard, type GuardChoice } from '@baton/client/node/guard/change'
import { guardKind, type KeyAccess } from '@baton/client/node/guard/guard'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { toBase64url } from '@baton/shared/bytes'
import { beforeEach, expect, it } from 'vitest'
import { createMemoryKeychain } from '../../../support/memory-keychain.ts'
import { tempFolder } from '../../../support/temp.ts'

const random = createRandom()
const secret = new Uint8Array(32).fill(0xa7)
const under = (passphrase: string): GuardChoice => ({ by: 'passphrase', passphrase, logN: 10 })
const words = 'correct horse battery'

let folder = ''
let keychain = createMemoryKeychain()
beforeEach(() => {
  folder = join(tempFolder('guard'), 'keys')
  keychain = createMemoryKeychain()
})

const access = (passphrase = words): KeyAccess => ({ passphrase: async () => passphrase, keychain })
const open = (given = access()) => openKeyring(folder, random, { access: given, alone: true })
const change = (choice: GuardChoice, given = access()) =>
  changeGuard({ folder, random, access: given }, async () => choice)
const files = () =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))

/** A home with two secrets; its device. */
async function home() {
  const keyring = await open()
  await keyring.putSecret('store', secret)
  await keyring.putSecret('pair.A', new Uint8Array(3))
  return keyring.device
}

async function expectWhole(device: Uint8Array, given = access()) {
  const keyring = await open(given)
  expect(keyring.device).toEqual(device)
  expect(await keyring.getSecret('store')).toEqual(secret)
  expect(await keyring.getSecret('pair.A')).toEqual(new Uint8Array(3))
}

it('GU1 under a passphrase no key stands in the clear, and all are there for who has it', async () => {
  const device = await home()
  const plain = readFileSync(join(folder, 'device.key'), 'latin1').split(' ')[3] as string
  await change(under(words))
  expect(guardKind(folder)).toBe('passphrase')
  const keyring = await open()
  await keyring.putSecret('later', secret)
  for (const text of files().values()) {
    expect(text).not.toContain(plain)
    expect(text).not.toContain(toBase64url(secret))
    expect(text).not.toContain(words)
  }
  expect(await keyring.getSecret('later')).toEqual(secret)
  await expectWhole(device)
  await expect(openKeyring(folder, random)).rejects.toMatchObject({ code: 'keyring-locked' })
})

it('GU1 a sealed key in the place of another is refused, and so is one without its guard', async () => {
  await home()
  await change(under(words))
  const keyring = await open()
  renameSync(join(folder, 'secret-store.key'), join(folder, 'secret-other.key'))
  await expect(keyring.getSecret('other')).rejects.toMatchObject({ code: 'keyring-unreadable' })
  renameSync(join(folder, 'secret-other.key'), join(folder, 'secret-store.key'))
  const guard = join(folder, 'guard.key')
  renameSync(guard, join(folder, 'away'))
  await expect(open()).rejects.toMatchObject({ code: 'keyring-locked' })
  renameSync(join(folder, 'away'), guard)
  expect(await (await open()).getSecret('store')).toEqual(secret)
})

it('GU2 a wrong passphrase opens nothing and changes nothing', async () => {
  const device = await home()
  await change(under(words))
  const before = files()
  for (const wrong of ['', 'correct horse batterY', `${words} `, words.slice(0, -1)]) {
    const given = access(wrong)
    await expect(open(given)).rejects.toMatchObject({ code: 'passphrase-wrong' })
    for (const choice of [under('another one'), { by: 'files' }, { by: 'keychain' }] as const) {
      await expect(change(choice, given)).rejects.toMatchObject({ code: 'passphrase-wrong' })
    }
  }
  expect(files()).toEqual(before)
  expect(keychain.held.size).toBe(0)
  await expectWhole(device)
})

it('GU2 a passphrase is changed and taken off again, the keys stay the same', async () => {
  const device = await home()
  const before = files()
  await change(under(words))
  await change(under('another one'))
  await expect(open()).rejects.toMatchObject({ code: 'passphrase-wrong' })
  await expectWhole(device, access('another one'))
  await change({ by: 'files' }, access('another one'))
  expect(files()).toEqual(before)
  await expectWhole(device, access('never asked'))
})

it('GU2 who cannot open the keys is not asked how to guard them', async () => {
  await home()
  await change(under(words))
  let asked = false
  const changing = changeGuard({ folder, random, access: access('wrong one') }, async () => {
    asked = true
    return under('another one')
  })
  await expect(changing).rejects.toMatchObject({ code: 'passphrase-wrong' })
  expect(asked).toBe(false)
})

it('GU3 a keychain holds the key, and gives it up when another way is chosen', async () => {
  const device = await home()
  await change({ by: 'keychain' })
  expect(guardKind(folder)).toBe('keychain')
  expect(keychain.held.size).toBe(1)
  await expectWhole(device, access('never asked'))
  for (const text of files().values()) expect(text).not.toContain(toBase64url(secret))
  await change({ by: 'keychain' })
  expect(keychain.held.size).toBe(1)
  await expectWhole(device)
  await change(under(words))
  expect(keychain.held.size).toBe(0)
  await expectWhole(device)
  await change({ by: 'keychain' })
  await change({ by: 'files' })
  expect(keychain.held.size).toBe(0)
  await expectWhole(device)
})

it('GU3 a keychain that does not answer, or not with the key, makes no new one', async () => {
  const device = await home()
  await change({ by: 'keychain' })
  const before = files()
  const unavailable = { code: 'keychain-unavailable' }
  keychain.mood = 'silent'
  await expect(open()).rejects.toMatchObject(unavailable)
  keychain.mood = 'well'
  const [[account, key] = ['', secret]] = keychain.held
  for (const other of [undefined, new Uint8Array(32), key.subarray(1)]) {
    keychain.held.clear()
    if (other) keychain.held.set(account, other)
    await expect(open()).rejects.toMatchObject(unavailable)
    await expect(change(under(words))).rejects.toMatchObject(unavailable)
  }
  await expect(open({ ...access(), keychain: undefined })).rejects.toMatchObject(unavailable)
  expect(files()).toEqual(before)
  keychain.held.set(account, key)
  await expectWhole(device)
})

it('GU3 the old way stays until the keychain gave back what it was given', async () => {
  const device = await home()
  await change(under(words))
  const before = files()
  for (const mood of ['silent', 'forgetful'] as const) {
    keychain.mood = mood
    const refused = { code: 'keychain-unavailable' }
    await expect(change({ by: 'keychain' })).rejects.toMatchObject(refused)
  }
  expect(files()).toEqual(before)
  await expectWhole(device)
})

it('GU4 what a lock that was cut off left in the clear is sealed at the next opening', async () => {
  const device = await home()
  const plain = files()
  await change(under(words))
  for (const name of ['device.key', 'secret-store.key']) {
    writeFileSync(join(folder, name), plain.get(name) as string, { mode: 0o600 })
  }
  // Who does not have the keys alone reads them as they are.
  const beside = await openKeyring(folder, random, { access: access() })
  expect(beside.device).toEqual(device)
  expect(files().get('device.key')).toBe(plain.get('device.key'))
  await expectWhole(device)
  for (const text of files().values()) expect(text).not.toMatch(/^baton-key 1 (device|secret)/)
})

it('GU6 no error carries a passphrase or a key', async () => {
  await home()
  await change(under(words))
  const told: string[] = []
  const tell = (error: unknown) => {
    const { message, hint, cause } = error as Error & { hint?: string }
    told.push(`${message} ${hint} ${cause}`)
  }
  await open(access('a wrong passphrase')).catch(tell)
  await openKeyring(folder, random).catch(tell)
  keychain.mood = 'silent'
  await change({ by: 'keychain' }).catch(tell)
  expect(told).toHaveLength(3)
  for (const each of told) expect(each).not.toMatch(/a wrong passphrase|correct horse|[\w-]{43}/)
})
