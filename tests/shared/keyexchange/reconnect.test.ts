import { fromHex, toHex } from '@baton/shared/bytes'
import { type ReconnectInput, reconnectKeys } from '@baton/shared/keyexchange/reconnect'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'
import { expect, it } from 'vitest'
import { vectors } from './vectors.ts'

const rfc = vectors<{
  scalarmult: { k: string; u: string; out: string }[]
  iterated: { start_k_and_u: string; after_1: string }
  dh: Record<'alice_private' | 'alice_public' | 'bob_private' | 'bob_public' | 'shared', string>
}>('x25519')

const fill = (byte: number) => new Uint8Array(32).fill(byte)
const input: ReconnectInput = {
  ee: fill(1),
  es: fill(2),
  se: fill(3),
  ss: fill(4),
  root: fill(5),
  attempt: fill(6),
  side: 'low',
}

it('MB5 X25519 gives the values of RFC 7748', () => {
  for (const { k, u, out } of rfc.scalarmult) expect(toHex(agree(fromHex(k), fromHex(u)))).toBe(out)
  const start = fromHex(rfc.iterated.start_k_and_u)
  expect(toHex(agree(start, start))).toBe(rfc.iterated.after_1)
  const { dh } = rfc
  expect(toHex(exchangeKey(fromHex(dh.alice_private)))).toBe(dh.alice_public)
  expect(toHex(exchangeKey(fromHex(dh.bob_private)))).toBe(dh.bob_public)
  expect(toHex(agree(fromHex(dh.alice_private), fromHex(dh.bob_public)))).toBe(dh.shared)
  expect(toHex(agree(fromHex(dh.bob_private), fromHex(dh.alice_public)))).toBe(dh.shared)
})

it('MB5 a peer key that gives the zero secret is refused, and so is one of the wrong size', () => {
  const lowOrder = [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
  ].map(fromHex)
  for (const key of [...lowOrder, new Uint8Array(31), new Uint8Array(33)])
    expect(() => agree(fill(9), key)).toThrow(expect.objectContaining({ code: 'bad-key' }))
})

it('MB6 what one side sends with, the other receives with, over real agreements', () => {
  const [lowStatic, lowFresh, highStatic, highFresh] = [1, 2, 3, 4].map(fill) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const common = { root: fill(5), attempt: fill(6) }
  const low = reconnectKeys({
    ...common,
    ee: agree(lowFresh, exchangeKey(highFresh)),
    es: agree(lowFresh, exchangeKey(highStatic)),
    se: agree(lowStatic, exchangeKey(highFresh)),
    ss: agree(lowStatic, exchangeKey(highStatic)),
    side: 'low',
  })
  const high = reconnectKeys({
    ...common,
    ee: agree(highFresh, exchangeKey(lowFresh)),
    es: agree(highStatic, exchangeKey(lowFresh)),
    se: agree(highFresh, exchangeKey(lowStatic)),
    ss: agree(highStatic, exchangeKey(lowStatic)),
    side: 'high',
  })
  expect(high).toEqual({ send: low.receive, receive: low.send, hash: low.hash })
  expect(new Set([low.send, low.receive, low.hash].map(toHex)).size).toBe(3)
})

it.each(['ee', 'es', 'se', 'ss', 'root', 'attempt'] as const)(
  'MB6 another %s gives other keys in both directions',
  (name) => {
    const before = reconnectKeys(input)
    const after = reconnectKeys({ ...input, [name]: fill(99) })
    for (const part of ['send', 'receive', 'hash'] as const)
      expect(toHex(after[part])).not.toBe(toHex(before[part]))
  },
)

it('MB6 two agreements swapped give other keys', () => {
  const swapped = reconnectKeys({ ...input, es: input.se, se: input.es })
  expect(toHex(swapped.send)).not.toBe(toHex(reconnectKeys(input).send))
})
