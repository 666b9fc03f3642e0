/** GU5, GU6: a key under a passphrase. */
import { scryptSync } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '@baton/client/node/atomic-file'
import { readGuard } from '@baton/client/node/guard/guard'
import { checkPassphrase, unwrapKey, type Wrap, wrapKey } from '@baton/client/node/guard/passphrase'
import { printKeyFile } from '@baton/client/node/key-file'
import { createRandom } from '@baton/client/node/platform'
import { createSealing } from '@baton/client/node/sealing'
import { concat, utf8Encode } from '@baton/shared/bytes'
import { encode } from '@baton/shared/encoding/msgpack'
import { expect, it } from 'vitest'
import { flipped } from '../../../support/raw-sync.ts'
import { tempFolder } from '../../../support/temp.ts'

const random = createRandom()
const key = new Uint8Array(32).fill(9)

it('GU5 the key is sealed under scrypt of the passphrase, with the parameters that stand beside it', async () => {
  const [salt, logN, r, p, sealed] = await wrapKey(key, 'ﬁne words', random, 10)
  expect([logN, r, p]).toEqual([10, 8, 1])
  const outer = scryptSync('fine words', salt, 32, { N: 1024, r: 8, p: 1 })
  const bound = concat(utf8Encode('baton/passphrase/v1\0'), salt, Uint8Array.of(10, 8, 1))
  expect(createSealing(new Uint8Array(outer)).open(bound, sealed)).toEqual(key)
  const [other] = await wrapKey(key, 'fine words', random, 10)
  expect(other).not.toEqual(salt)
})

it('GU5 any part that was changed opens nothing', async () => {
  const wrap = await wrapKey(key, 'fine words', random, 10)
  const [salt, logN, r, p, sealed] = wrap
  const changed: Wrap[] = [
    [flipped(salt, 3), logN, r, p, sealed],
    [salt, 11, r, p, sealed],
    [salt, logN, r, 2, sealed],
    [salt, logN, r, p, flipped(sealed, 100)],
    [salt, logN, r, p, flipped(sealed, 400)],
  ]
  for (const each of changed) {
    await expect(unwrapKey(each, 'fine words')).rejects.toMatchObject({ code: 'passphrase-wrong' })
  }
  expect(await unwrapKey(wrap, 'fine words')).toEqual(key)
})

it('GU5 parameters out of bounds are refused before they cost anything', async () => {
  const folder = tempFolder('guard')
  chmodSync(folder, 0o700)
  const [salt, , , , sealed] = await wrapKey(key, 'fine words', random, 10)
  const put = (...wrap: unknown[]) =>
    replaceFile(
      join(folder, 'guard.key'),
      printKeyFile('guard', encode(['passphrase', wrap] as never)),
    )
  put(salt, 18, 8, 4, sealed)
  expect(readGuard(folder)?.[0]).toBe('passphrase')
  for (const [logN, r, p] of [
    [9, 8, 1],
    [19, 8, 1],
    [17, 9, 1],
    [17, 8, 0],
    [17, 8, 5],
    [17.5, 8, 1],
  ]) {
    put(salt, logN, r, p, sealed)
    expect(() => readGuard(folder)).toThrow(/another version/)
  }
  put(salt.subarray(1), 17, 8, 1, sealed)
  expect(() => readGuard(folder)).toThrow(/another version/)
  replaceFile(join(folder, 'guard.key'), printKeyFile('guard', encode(['newer', 1])))
  expect(() => readGuard(folder)).toThrow(/another version/)
})

it('GU6 a new passphrase has 8 characters or more, and is not quoted', () => {
  for (const text of ['', 'seven77', 'ä'.repeat(7), 'x'.repeat(1025)]) {
    expect(() => checkPassphrase(text)).toThrow(/8 characters or more, 1024 bytes at most$/)
  }
  for (const text of ['eight888', 'ä'.repeat(8), 'x'.repeat(1024)]) checkPassphrase(text)
})
