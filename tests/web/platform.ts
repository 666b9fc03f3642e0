/** Inside the page: what its platform must give (rules PF1 to PF5, SG, WB3). */
import { type DeclareTest, equal, ok, outcome, rejects } from '@baton/client/testing/check'
import { ascii } from '@baton/client/testing/rows'
import { createClock } from '@baton/client/web/clock'
import { openKeyring } from '@baton/client/web/keyring'
import {
  createDeflate,
  createPrimitives,
  createRandom,
  subtleBackend,
} from '@baton/client/web/platform'
import { createVerifier, signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { newDatabase } from './page-world.ts'

export function runPlatformTests(test: DeclareTest): void {
  const { deflate, inflate } = createDeflate()

  test('PF1 a timer fires once, cancelled never, and monotonic time does not go back', async () => {
    const clock = createClock()
    const fired: string[] = []
    const begun = clock.monotonic()
    clock.after(1, () => fired.push('never'))()
    clock.after(2 ** 40, () => fired.push('in years'))
    await new Promise<void>((resolve) => void clock.after(20, resolve))
    equal(fired, [])
    ok(clock.monotonic() - begun >= 19, 'it does not fire early')
  })

  test('PF2 random bytes come in the length asked for, also beyond what a browser gives at once', async () => {
    const random = createRandom()
    for (const length of [0, 1, 65_536, 200_000]) equal(random.bytes(length).length, length)
    ok(
      random
        .bytes(200_000)
        .subarray(199_900)
        .some((byte) => byte !== 0),
      'all of it is filled',
    )
  })

  test('PF3 inflating undoes deflating', async () => {
    for (const length of [0, 1, 1_000, 300_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * i) >> 3)
      equal(await inflate(await deflate(bytes), length), bytes)
    }
  })

  test('PF4 inflating gives at most the bound, also of a bomb; damaged, cut or trailing input is invalid', async () => {
    const bomb = await deflate(new Uint8Array(64 * 1024 * 1024))
    for (const bound of [0, 1, 65_536, 1024 * 1024])
      await rejects(inflate(bomb, bound), 'too-large')
    const good = await deflate(Uint8Array.from({ length: 5_000 }, (_, i) => i * i))
    for (const bad of [
      new Uint8Array(0),
      good.subarray(0, -1),
      Uint8Array.of(...good, 0),
      Uint8Array.of(7, 255, 1),
    ]) {
      equal(await outcome(inflate(bad, 10_000)), 'invalid')
    }
  })

  test('PF5 SG1 the browser verifies as the vectors say, and the pure function is not needed', async () => {
    const { backend, dropped } = await createVerifier([subtleBackend()])
    equal([backend, dropped], ['subtle', []])
    const { verify, sha256 } = await createPrimitives()
    const seed = new Uint8Array(32).fill(3)
    const signature = signWith(seed, ascii('a'))
    ok(await verify(verifyKeyOf(seed), ascii('a'), signature), 'a signature verifies')
    ok(!(await verify(verifyKeyOf(seed), ascii('b'), signature)), 'one of another message does not')
    const native = await crypto.subtle.digest('SHA-256', Uint8Array.of(97, 98))
    equal(sha256(ascii('a'), ascii('b')), new Uint8Array(native))
  })

  test('KR1 WB3 the keys are made once, are the same when opened again, and are given to nobody', async () => {
    const database = await newDatabase()
    const [one, two] = await Promise.all([openKeyring(database), openKeyring(database)])
    const again = await openKeyring(database)
    for (const each of [two, again]) {
      equal(each.keyring.device, one.keyring.device)
      equal(each.keyring.exchange, one.keyring.exchange)
    }
    const kept = await database.get('keys', 'device')
    ok(kept !== undefined && 'rows' in kept, 'the keys are in the database')
    for (const key of [kept.device.privateKey, kept.exchange.privateKey, kept.rows, kept.secrets]) {
      equal(key.extractable, false)
      for (const format of ['raw', 'pkcs8', 'jwk'] as const) {
        const got = await crypto.subtle.exportKey(format as 'jwk', key).catch(() => undefined)
        equal(got, undefined, `what ${format} gives of a key`)
      }
    }
    database.close()
  })
}
