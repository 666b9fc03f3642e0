/** KT2: the kit for keyrings fails a keyring that breaks one of its rules, each for what it breaks. */
import { createMemoryKeyring } from '@baton/client/core/memory/keyring'
import type { Keyring } from '@baton/client/core/ports/platform'
import { createRandom } from '@baton/client/node/platform'
import { runKeyringTests } from '@baton/client/testing/keyring'
import { expect, it } from 'vitest'
import { failures } from '../support/kit-verdict.ts'

type Spoil = (keyring: Keyring) => Partial<Keyring>

const verdict = (begin: string, spoil: Spoil) =>
  failures(begin, (test) =>
    runKeyringTests({
      test,
      async newKeyring() {
        const honest = createMemoryKeyring(createRandom())
        return { ...honest, ...spoil(honest) }
      },
    }),
  )

const faults: Record<string, readonly [test: string, spoil: Spoil]> = {
  'signs something else': [
    'KR8 signs',
    ({ sign }) => ({ sign: (message) => sign(message.subarray(1)) }),
  ],
  'agrees with itself': ['KR8 two', ({ agree, exchange }) => ({ agree: () => agree(exchange) })],
  'takes a key that gives zeros': ['KR8 a key', () => ({ agree: async () => new Uint8Array(32) })],
  'keeps what is deleted': ['KR7 secrets', () => ({ deleteSecret: async () => {} })],
  'does not tell upper from lower case': [
    'KR7 names',
    ({ getSecret, putSecret }) => ({
      getSecret: (name) => getSecret(name.toLowerCase()),
      putSecret: (name, secret) => putSecret(name.toLowerCase(), secret),
    }),
  ],
  'takes any name': ['KR7 a name', () => ({ putSecret: async () => {} })],
  'cuts a long secret': [
    'KR7 a secret',
    ({ putSecret }) => ({ putSecret: (name, secret) => putSecret(name, secret.subarray(0, 100)) }),
  ],
}

it.each(Object.entries(faults))(
  'KT2 a keyring that %s is told so',
  async (_name, [begin, spoil]) => {
    expect(await verdict(begin, spoil)).not.toEqual([])
  },
)

it('KT2 the same keyring with nothing spoilt passes', async () => {
  expect(await verdict('', () => ({}))).toEqual([])
})
