/**
 * The kit for keyrings (rules KR7 and KR8): `runKeyringTests` declares what every Keyring must do, with
 * the test runner it is given. How keys lie on a disk is each implementation's own to test.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { pureVerify } from '@baton/shared/keyexchange/signature'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'
import type { Keyring } from '../core/ports/platform.ts'
import { type DeclareTest, equal, ok, rejects } from './check.ts'
import { ascii, bytes } from './rows.ts'

export interface KeyringSetup {
  readonly test: DeclareTest
  /** A new device each time. */
  newKeyring(): Promise<Keyring>
}

type KeyringTest = (title: string, run: (keyring: Keyring) => Promise<void>) => void

/** Call it inside a `describe` that names the keyring. */
export function runKeyringTests({ test: declare, newKeyring }: KeyringSetup): void {
  const test: KeyringTest = (title, run) => declare(title, async () => run(await newKeyring()))
  keyTests(test, newKeyring)
  secretTests(test)
}

function keyTests(test: KeyringTest, newKeyring: KeyringSetup['newKeyring']): void {
  test('KR8 signs as RFC 8032 says, under its device key', async (keyring) => {
    for (const message of [bytes(), ascii('a'), new Uint8Array(70_000).fill(7)]) {
      const signature = await keyring.sign(message)
      equal(signature.length, 64)
      ok(pureVerify(keyring.device, message, signature), 'a signature verifies')
      equal(await keyring.sign(message), signature, 'a second signature of the same')
    }
  })

  test('KR8 two keyrings agree, as the pure function does', async (alice) => {
    const bob = await newKeyring()
    const secret = new Uint8Array(32).fill(5)
    equal(await alice.agree(bob.exchange), await bob.agree(alice.exchange))
    equal(await alice.agree(exchangeKey(secret)), agree(secret, alice.exchange))
    ok(toHex(alice.device) !== toHex(bob.device), 'two keyrings are two devices')
  })

  test('KR8 a key that gives zeros or has the wrong size is bad-key', async (keyring) => {
    const order4 = bytes(1, ...new Array<number>(31).fill(0))
    for (const key of [new Uint8Array(32), order4, new Uint8Array(31), new Uint8Array(33)]) {
      await rejects(keyring.agree(key), 'bad-key')
    }
  })
}

function secretTests(test: KeyringTest): void {
  test('KR7 secrets are kept by name: put, put again, delete, none', async (keyring) => {
    equal(await keyring.getSecret('pair.a'), undefined)
    await keyring.putSecret('pair.a', bytes(1, 2))
    await keyring.putSecret('pair.b', bytes())
    await keyring.putSecret('pair.a', bytes(3))
    equal(await keyring.getSecret('pair.a'), bytes(3))
    equal(await keyring.getSecret('pair.b'), bytes())
    await keyring.deleteSecret('pair.a')
    await keyring.deleteSecret('pair.a')
    equal(await keyring.getSecret('pair.a'), undefined)
  })

  test('KR7 names that differ only in case are two names', async (keyring) => {
    const names = ['aB', 'ab', 'AB', 'a.b', 'con', '..', '-', 'A'.repeat(100)]
    for (const [i, one] of names.entries()) await keyring.putSecret(one, bytes(i))
    const got: (Bytes | undefined)[] = []
    for (const one of names) got.push(await keyring.getSecret(one))
    equal(
      got,
      names.map((_, i) => bytes(i)),
    )
  })

  test('KR7 a name outside the alphabet is invalid', async (keyring) => {
    for (const one of ['', 'a/b', 'a\\b', 'a b', 'ä', 'a\0', 'a'.repeat(101), 'a+b', 'a\n']) {
      await rejects(keyring.putSecret(one, bytes(1)), 'invalid')
      await rejects(keyring.getSecret(one), 'invalid')
      await rejects(keyring.deleteSecret(one), 'invalid')
    }
  })

  test('KR7 a secret of 4 KiB is kept, a bigger one is too-large', async (keyring) => {
    await keyring.putSecret('s', new Uint8Array(4096).fill(1))
    equal((await keyring.getSecret('s'))?.length, 4096)
    await rejects(keyring.putSecret('s', new Uint8Array(4097)), 'too-large')
  })
}
