import { type Bytes, fromHex, toHex, utf8Encode } from '@baton/shared/bytes'
import {
  channelIdentifier,
  checkTag,
  commitIdentity,
  derivePairingKeys,
  identityStatement,
  type PairingKeys,
  type PairingMethod,
  settlePairing,
} from '@baton/shared/keyexchange/confirm'
import { type PairingRole, startCpace } from '@baton/shared/keyexchange/cpace'
import { emojiTable } from '@baton/shared/keyexchange/emoji'
import { hkdfExpand, hkdfExtract } from '@baton/shared/keyexchange/hkdf'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, it } from 'vitest'
import { vectors } from './vectors.ts'

interface Side {
  words: string
  method: PairingMethod
  nameplate: string
  sid: Bytes
  sees: { joiner: string; inviter: string }
  role: PairingRole
}

const honest = {
  words: 'one-two-three',
  method: 'words' as PairingMethod,
  nameplate: '7',
  sid: new Uint8Array(16).fill(9),
  sees: { joiner: 'v1', inviter: 'v1' },
}

/** Runs both sides, each with its own view of the inputs. */
function pair(j: Partial<Side> = {}, i: Partial<Side> = {}): [PairingKeys, PairingKeys] {
  const views: [Side, Side] = [
    { ...honest, role: 'joiner', ...j },
    { ...honest, role: 'inviter', ...i },
  ]
  const runs = views.map((view, index) =>
    startCpace({
      prs: utf8Encode(view.words),
      ci: channelIdentifier(view.method, view.nameplate),
      sid: view.sid,
      random: new Uint8Array(32).fill(index + 1),
    }),
  )
  return views.map((view, index) => {
    const other = view.role === 'joiner' ? 'inviter' : 'joiner'
    const result = runs[index]?.finish({
      role: view.role,
      ownAd: utf8Encode(view.sees[view.role]),
      peerAd: utf8Encode(view.sees[other]),
      peerShare: runs[1 - index]?.share as Bytes,
    })
    if (result === undefined) throw new Error('no run')
    return derivePairingKeys(result, channelIdentifier(view.method, view.nameplate), view.sid)
  }) as [PairingKeys, PairingKeys]
}

const confirmed = ([joiner, inviter]: [PairingKeys, PairingKeys]) =>
  checkTag(inviter, 'joiner', joiner.tags.joiner) &&
  checkTag(joiner, 'inviter', inviter.tags.inviter)

it('CP6 equal inputs confirm in both directions', () => {
  expect(confirmed(pair())).toBe(true)
})

it.each<[string, Partial<Side>]>([
  ['other words', { words: 'one-two-four' }],
  ['another nameplate', { nameplate: '8' }],
  ['another session id', { sid: new Uint8Array(16) }],
  ['another method', { method: 'qr' }],
  ['a changed version of the joiner', { sees: { joiner: 'v0', inviter: 'v1' } }],
  ['a changed version of the inviter', { sees: { joiner: 'v1', inviter: 'v0' } }],
  ['the same role on both ends', { role: 'joiner' }],
])('CP6 %s never confirms', (_, change) => {
  const [joiner, inviter] = pair({}, change)
  expect(checkTag(inviter, 'joiner', joiner.tags.joiner)).toBe(false)
  expect(checkTag(joiner, 'inviter', inviter.tags.inviter)).toBe(false)
})

it('CP7 a tag that is cut, empty, zero, longer or reflected is refused', () => {
  const [joiner, inviter] = pair()
  const right = joiner.tags.joiner
  const flipped = Uint8Array.from(right, (byte, at) => (at === 31 ? byte ^ 1 : byte))
  for (const tag of [
    right.subarray(0, 31),
    right.subarray(0, 0),
    new Uint8Array(32),
    Uint8Array.of(...right, 0),
    inviter.tags.inviter,
    flipped,
  ])
    expect(checkTag(inviter, 'joiner', tag)).toBe(false)
})

it('CP7 tags, sealing keys, root and hash are all different', () => {
  const [keys] = pair()
  const settled = settlePairing(keys, { joiner: utf8Encode('j'), inviter: utf8Encode('i') })
  const all = [...Object.values(keys.tags), ...Object.values(keys.seals), keys.th, keys.prk]
  all.push(settled.hash, settled.root)
  expect(new Set(all.map(toHex)).size).toBe(8)
})

it('CP7 the session key is cleared once the keys are derived from it', () => {
  const isk = new Uint8Array(64).fill(1)
  derivePairingKeys({ isk, transcript: new Uint8Array(3) }, new Uint8Array(1), new Uint8Array(16))
  expect(isk).toEqual(new Uint8Array(64))
})

it('CP8 both sides settle on one hash, root and emoji, and any other body changes all three', () => {
  const [joiner, inviter] = pair()
  const bodies = { joiner: utf8Encode('body j'), inviter: utf8Encode('body i') }
  const left = settlePairing(joiner, bodies)
  expect(settlePairing(inviter, bodies)).toEqual(left)
  expect(left.emoji).toHaveLength(5)
  for (const other of [
    { ...bodies, joiner: utf8Encode('mallory') },
    { ...bodies, inviter: utf8Encode('mallory') },
    { joiner: bodies.inviter, inviter: bodies.joiner },
    { joiner: utf8Encode('body jb'), inviter: utf8Encode('ody i') },
  ]) {
    const right = settlePairing(inviter, other)
    expect(toHex(right.hash)).not.toBe(toHex(left.hash))
    expect(toHex(right.root)).not.toBe(toHex(left.root))
    expect(right.emoji).not.toEqual(left.emoji)
  }
})

it('CP8 the emoji are 64 different symbols with 64 different names, in a frozen order', () => {
  expect(new Set(emojiTable.map((emoji) => emoji.symbol)).size).toBe(64)
  expect(new Set(emojiTable.map((emoji) => emoji.name)).size).toBe(64)
  expect(emojiTable.every((emoji) => /^\p{Emoji_Presentation}$/u.test(emoji.symbol))).toBe(true)
  const text = emojiTable.map((emoji) => `${emoji.symbol}${emoji.name}`).join()
  expect(toHex(sha256(utf8Encode(text)))).toBe(
    'fa76d753f129c8e90cd5669df568a4717b225da7b4cede9ae25cf8b8011a13f5',
  )
})

it('CP8 emoji are spread evenly over the table', () => {
  const [keys] = pair()
  const counts = new Map<string, number>()
  for (let n = 0; n < 640; n++) {
    const bodies = { joiner: utf8Encode(`${n}`), inviter: utf8Encode('i') }
    for (const { name } of settlePairing(keys, bodies).emoji)
      counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  // 3,200 draws over 64 cells: 50 each, and a chi-square beyond 130 has a chance of 1e-6.
  const square = [...counts.values()].reduce((sum, count) => sum + (count - 50) ** 2 / 50, 0)
  expect(counts.size).toBe(64)
  expect(square).toBeLessThan(130)
})

it('CP9 the commitment opens only with its own key and nonce', () => {
  const device = new Uint8Array(32).fill(1)
  const nonce = new Uint8Array(32).fill(2)
  const commitment = commitIdentity(device, nonce)
  expect(commitIdentity(device, nonce)).toEqual(commitment)
  expect(commitIdentity(nonce, device)).not.toEqual(commitment)
  expect(commitIdentity(device.subarray(0, 31), Uint8Array.of(1, ...nonce))).not.toEqual(commitment)
})

it('CP9 an identity statement is bound to its role, its run and its body', () => {
  const th = new Uint8Array(32)
  const body = utf8Encode('body')
  const statements = [
    identityStatement('joiner', th, body),
    identityStatement('inviter', th, body),
    identityStatement(
      'joiner',
      th.map(() => 1),
      body,
    ),
    identityStatement('joiner', th, utf8Encode('bodY')),
  ]
  expect(new Set(statements.map(toHex)).size).toBe(4)
})

it('CP10 HKDF gives the values of RFC 5869', () => {
  const { tests } = vectors<{
    tests: { ikm: string; salt: string; info: string; L: number; prk: string; okm: string }[]
  }>('hkdf')
  for (const row of tests) {
    const prk = hkdfExtract(fromHex(row.salt), fromHex(row.ikm))
    expect(toHex(prk)).toBe(row.prk)
    expect(toHex(hkdfExpand(prk, fromHex(row.info), row.L))).toBe(row.okm)
  }
})
