/** GU3: the keychain of this system, as its library reaches it: a Secret Service of the test's own. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createKeychain } from '@baton/client/node/guard/keychain'
import { beforeAll, expect, it } from 'vitest'
import { keychainContract } from '../contract/keychain.ts'
import { builtChild, emitted } from '../support/built.ts'
import {
  type Env,
  hasSecretService,
  noSecretService,
  startSecretService,
} from '../support/secret-service.ts'
import { tempFolder } from '../support/temp.ts'

beforeAll(() => void builtChild('real/cli'))

const keychainIn = (env: Env, timeoutMs = 20_000) =>
  createKeychain({
    program: fileURLToPath(emitted('client/dist/node/guard/keychain-child.js')),
    env,
    timeoutMs,
  })

keychainContract('Secret Service', async (skip) => {
  skip(!hasSecretService(), noSecretService)
  return keychainIn(await startSecretService())
})

it('GU3 one that is locked, with nobody to ask, is keychain-unavailable', async ({ skip }) => {
  skip(!hasSecretService(), noSecretService)
  const keychain = keychainIn(await startSecretService(false))
  const refused = {
    code: 'keychain-unavailable',
    message: expect.stringContaining('Secret Service'),
  }
  await expect(keychain.put('one', new Uint8Array(32))).rejects.toMatchObject(refused)
})

it.runIf(process.platform === 'linux')(
  'GU3 a session without one is keychain-unavailable, and the kernel keyring is not taken for it',
  async () => {
    const home = tempFolder('none')
    const keychain = keychainIn({ HOME: home, XDG_RUNTIME_DIR: home })
    const refused = {
      code: 'keychain-unavailable',
      hint: expect.stringContaining('BATON_KEYCHAIN'),
    }
    await expect(keychain.get('one')).rejects.toMatchObject(refused)
    await expect(keychain.put('one', new Uint8Array(32))).rejects.toMatchObject(refused)
  },
)

it('GU3 a library that crashes, hangs or talks nonsense is keychain-unavailable', async () => {
  const folder = tempFolder('library')
  for (const [name, text] of [
    ['crashes', 'process.abort()'],
    ['hangs', 'setInterval(() => {}, 1000)'],
    ['nonsense', 'process.stdout.write(\'{"ok":1}\')'],
  ] as const) {
    const program = `${folder}/${name}.mjs`
    writeFileSync(program, text)
    const keychain = createKeychain({ program, timeoutMs: 1500 })
    await expect(keychain.get('one')).rejects.toMatchObject({ code: 'keychain-unavailable' })
  }
})
