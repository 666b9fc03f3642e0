import { nodeBackend } from '@baton/client/node/verify'
import { concat, toHex, utf8Encode } from '@baton/shared/bytes'
import { deriveKey } from '@baton/shared/keyexchange/hkdf'
import { pureVerify, signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { allLabels, type Label, label } from '@baton/shared/labels'
import { expect, it } from 'vitest'

const names = Object.keys(allLabels) as Label[]
const seed = new Uint8Array(32).fill(4)
const publicKey = verifyKeyOf(seed)

it('SG5 labels are short ASCII, all different, and end with the only NUL', () => {
  const texts = Object.values(allLabels)
  expect(new Set(texts).size).toBe(texts.length)
  for (const text of texts) expect(text).toMatch(/^[\x20-\x7e]{2,40}$/)
  for (const name of names) expect(label(name).indexOf(0)).toBe(label(name).length - 1)
})

it('SG5 no label with its NUL begins another', () => {
  const encoded = names.map((name) => toHex(label(name)))
  for (const one of encoded) expect(encoded.filter((other) => other.startsWith(one))).toEqual([one])
})

it('SG5 what was signed under one label verifies under no other', () => {
  const statement = utf8Encode('the same statement')
  const { verify } = nodeBackend()
  for (const made of names) {
    const signature = signWith(seed, concat(label(made), statement))
    const accepted = names.filter((read) =>
      verify(publicKey, concat(label(read), statement), signature),
    )
    expect(accepted).toEqual([made])
  }
})

it('SG5 a signature holds for the bytes it was made over, not for another encoding of them', () => {
  const map = Uint8Array.of(0x81, 0xa1, 0x61, 0x01)
  const sameMeaning = Uint8Array.of(0x81, 0xa1, 0x61, 0xcc, 0x01)
  const signature = signWith(seed, concat(label('head'), map))
  expect(pureVerify(publicKey, concat(label('head'), map), signature)).toBe(true)
  expect(pureVerify(publicKey, concat(label('head'), sameMeaning), signature)).toBe(false)
})

it('SG5 keys derived under different labels are all different', () => {
  const prk = new Uint8Array(32).fill(1)
  const keys = names.map((name) => toHex(deriveKey(prk, name, new Uint8Array(0))))
  expect(new Set(keys).size).toBe(names.length)
})
