/** The Keychain contract (rule GU3): `newKeychain` may skip, with the reason, where there is none. */
import { randomBytes } from 'node:crypto'
import type { Keychain } from '@baton/client/node/guard/keychain'
import { describe, expect, it } from 'vitest'

type Skip = (condition: boolean, note?: string) => void

export function keychainContract(
  name: string,
  newKeychain: (skip: Skip) => Keychain | Promise<Keychain>,
) {
  const account = () => randomBytes(16).toString('hex')

  describe(`keychain: ${name}`, () => {
    it('GU3 gives back what it was given, by account: put, put again, delete, none', async ({
      skip,
    }) => {
      const keychain = await newKeychain(skip)
      const [one, other] = [account(), account()]
      expect(await keychain.get(one)).toBeUndefined()
      await keychain.put(one, Uint8Array.of(0, 255, 10, 0))
      await keychain.put(other, new Uint8Array(32).fill(7))
      expect(await keychain.get(one)).toEqual(Uint8Array.of(0, 255, 10, 0))
      await keychain.put(one, new Uint8Array(32))
      expect(await keychain.get(one)).toEqual(new Uint8Array(32))
      await keychain.delete(one)
      await keychain.delete(one)
      expect(await keychain.get(one)).toBeUndefined()
      expect(await keychain.get(other)).toEqual(new Uint8Array(32).fill(7))
      await keychain.delete(other)
    })
  })
}
