/** AR6: who opens an archive file, and what its head says to everyone else. */
import { makeHead, maxLeadBytes, openHead, parseHead } from '@baton/client/node/archive/header'
import { createRandom } from '@baton/client/node/platform'
import { concat, utf8Encode } from '@baton/shared/bytes'
import { deviceId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { createMemoryKeyring } from '../../../support/memory-keyring.ts'
import { flipped } from '../../../support/raw-sync.ts'

const random = createRandom()
const [alice, bob] = [createMemoryKeyring(1), createMemoryKeyring(2)]
const toBob = { device: deviceId(bob.device), exchange: bob.exchange }
const underWords = { passphrase: 'first words', logN: 10 }

it('AR6 a file under a passphrase opens with it alone', async () => {
  const { head, key } = await makeHead(underWords, random)
  const parsed = parseHead(concat(head, new Uint8Array(500)))
  expect(parsed.bytes).toEqual(head)
  expect(parsed.header[0]).toBe('passphrase')
  expect(await openHead(parsed, alice, 'first words')).toEqual(key)
  const wrong = openHead(parsed, alice, 'other words')
  await expect(wrong).rejects.toMatchObject({ code: 'passphrase-wrong' })
  await expect(openHead(parsed, alice, undefined)).rejects.toMatchObject({ code: 'usage' })
  const again = await makeHead(underWords, random)
  expect(again.key).not.toEqual(key)
})

it('AR6 a file sealed to a device opens there alone, without a passphrase', async () => {
  const { head, key } = await makeHead(toBob, random)
  const parsed = parseHead(head)
  expect(await openHead(parsed, bob, undefined)).toEqual(key)
  await expect(openHead(parsed, alice, undefined)).rejects.toMatchObject({ code: 'not-permitted' })
  // Who only claims to be that device has another exchange key.
  const claims = { ...alice, device: bob.device }
  await expect(openHead(parsed, claims, undefined)).rejects.toMatchObject({ code: 'invalid' })
})

it('AR6 every bit of the head is bound into the key of the chunks', async () => {
  const { head, key } = await makeHead(toBob, random)
  for (let bit = 0; bit < head.length * 8; bit += 13) {
    const opened = (async () => openHead(parseHead(flipped(head, bit)), bob, undefined))()
    const result = await opened.catch((error: { code?: string }) => error.code)
    expect(result).not.toEqual(key)
    if (typeof result === 'string') {
      expect(['invalid', 'unsupported-version', 'not-permitted', 'usage', 'bad-key']).toContain(
        result,
      )
    }
  }
})

it('AR6 the same head in other bytes is another head', async () => {
  const { head, key } = await makeHead(toBob, random)
  const body = head.subarray(17, -16)
  expect(body[0]).toBe(0x94)
  // An array of four, in the long form.
  const longer = concat(Uint8Array.of(0xdc, 0, 4), body.subarray(1))
  const length = Uint8Array.of(longer.length >> 8, longer.length & 255)
  const other = concat(head.subarray(0, 15), length, longer, head.subarray(-16))
  expect(parseHead(other).header).toEqual(parseHead(head).header)
  expect(await openHead(parseHead(other), bob, undefined)).not.toEqual(key)
})

it('AR6 a newer version is refused as such, and what is no export as what it is', async () => {
  const { head } = await makeHead(toBob, random)
  const newer = concat(utf8Encode('baton-export 2\n'), head.subarray(15))
  expect(() => parseHead(newer)).toThrow(expect.objectContaining({ code: 'unsupported-version' }))
  for (const other of ['', 'PK\u0003\u0004', 'baton-expert 1\n', '{"type":"user"}\n']) {
    expect(() => parseHead(utf8Encode(other))).toThrow(/no export of Baton/)
  }
  for (const length of [15, 16, 17, 60, head.length - 1]) {
    expect(() => parseHead(head.subarray(0, length))).toThrow(/cut short/)
  }
  expect(head.length).toBeLessThan(maxLeadBytes)
  const huge = concat(head.subarray(0, 15), Uint8Array.of(255, 255), new Uint8Array(70_000))
  expect(() => parseHead(huge)).toThrow(/damaged/)
})
