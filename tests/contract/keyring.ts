/** The Keyring contract (rules KR1, KR7, KR8): `keyringContract(name, newKeyring)`. */
import type { Keyring } from '@baton/client/core/ports/platform'
import { ascii, bytes } from '@baton/client/testing/rows'
import type { Bytes } from '@baton/shared/bytes'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'

export function keyringContract(name: string, newKeyring: () => Promise<Keyring>) {
  describe(`keyring: ${name}`, () => {
    it('KR8 signs as RFC 8032 says, under its device key', async () => {
      const keyring = await newKeyring()
      for (const message of [bytes(), ascii('a'), new Uint8Array(70_000).fill(7)]) {
        const signature = await keyring.sign(message)
        expect(signature).toHaveLength(64)
        expect(ed25519.verify(signature, message, keyring.device)).toBe(true)
        expect(await keyring.sign(message)).toEqual(signature)
      }
    })

    it('KR8 two keyrings agree, as the pure function does', async () => {
      const [alice, bob] = [await newKeyring(), await newKeyring()]
      const secret = new Uint8Array(32).fill(5)
      expect(await alice.agree(bob.exchange)).toEqual(await bob.agree(alice.exchange))
      expect(await alice.agree(x25519.getPublicKey(secret))).toEqual(
        x25519.getSharedSecret(secret, alice.exchange),
      )
      expect(alice.device).not.toEqual(bob.device)
    })

    it('KR8 a key that gives zeros or has the wrong size is bad-key', async () => {
      const keyring = await newKeyring()
      const order4 = bytes(1, ...new Array<number>(31).fill(0))
      for (const key of [new Uint8Array(32), order4, new Uint8Array(31), new Uint8Array(33)]) {
        await expect(keyring.agree(key)).rejects.toMatchObject({ code: 'bad-key' })
      }
    })

    it('KR7 secrets are kept by name: put, put again, delete, none', async () => {
      const keyring = await newKeyring()
      expect(await keyring.getSecret('pair.a')).toBeUndefined()
      await keyring.putSecret('pair.a', bytes(1, 2))
      await keyring.putSecret('pair.b', bytes())
      await keyring.putSecret('pair.a', bytes(3))
      expect(await keyring.getSecret('pair.a')).toEqual(bytes(3))
      expect(await keyring.getSecret('pair.b')).toEqual(bytes())
      await keyring.deleteSecret('pair.a')
      await keyring.deleteSecret('pair.a')
      expect(await keyring.getSecret('pair.a')).toBeUndefined()
    })

    it('KR7 names that differ only in case are two names', async () => {
      const keyring = await newKeyring()
      const names = ['aB', 'ab', 'AB', 'a.b', 'con', '..', '-', 'A'.repeat(100)]
      for (const [i, one] of names.entries()) await keyring.putSecret(one, bytes(i))
      const got: (Bytes | undefined)[] = []
      for (const one of names) got.push(await keyring.getSecret(one))
      expect(got).toEqual(names.map((_, i) => bytes(i)))
    })

    it('KR7 a name outside the alphabet is invalid', async () => {
      const keyring = await newKeyring()
      for (const one of ['', 'a/b', 'a\\b', 'a b', 'ä', 'a\0', 'a'.repeat(101), 'a+b', 'a\n']) {
        const code = { code: 'invalid' }
        await expect(keyring.putSecret(one, bytes(1))).rejects.toMatchObject(code)
        await expect(keyring.getSecret(one)).rejects.toMatchObject(code)
        await expect(keyring.deleteSecret(one)).rejects.toMatchObject(code)
      }
    })

    it('KR7 a secret of 4 KiB is kept, a bigger one is too-large', async () => {
      const keyring = await newKeyring()
      await keyring.putSecret('s', new Uint8Array(4096).fill(1))
      expect(await keyring.getSecret('s')).toHaveLength(4096)
      const big = keyring.putSecret('s', new Uint8Array(4097))
      await expect(big).rejects.toMatchObject({ code: 'too-large' })
    })
  })
}
