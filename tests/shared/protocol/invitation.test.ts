/** IV1 to IV4: invitations as they are signed, read and judged. */
import { toBase64url, utf8Encode } from '@baton/shared/bytes'
import { deviceId, sessionId } from '@baton/shared/ids'
import { signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { allLabels, type Label, label } from '@baton/shared/labels'
import { maxInvitationChars } from '@baton/shared/limits'
import {
  invitationInput,
  invitationType,
  parseInvitation,
  signedInvitation,
} from '@baton/shared/protocol/invitation'
import { invitationRefusals, refusalSentences } from '@baton/shared/protocol/invitation-refusal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  guest,
  invitation,
  issuer,
  issuerSeed,
  judged,
  jwsOf,
  now,
  payloadOf,
  session,
  signed,
  stranger,
} from '../../support/invitations.ts'
import { tries } from '../../support/tries.ts'

const header = { alg: 'EdDSA', typ: invitationType }

it('IV1 an invitation reads back as it was made, for five minutes from its second on', () => {
  const of = invitation({ kind: 'transfer', mode: 'desktop' })
  expect(parseInvitation(signed(of))).toMatchObject({ ...of })
  expect(of.expiresAt - of.issuedAt).toBe(300)
  expect(of.notBefore * 1000).toBe(1_800_000_000_000)
})

it('IV2 one that holds is used, and nothing else by a second', async () => {
  expect(await judged(signed())).toBe('holds')
  const from = invitation().notBefore * 1000
  expect(await judged(signed(), { now: from })).toBe('holds')
  expect(await judged(signed(), { now: from - 1 })).toBe('not-yet')
  expect(await judged(signed(), { now: from + 299_999 })).toBe('holds')
  expect(await judged(signed(), { now: from + 300_000 })).toBe('expired')
  expect(await judged(signed(), { now: from + 301_000 })).toBe('expired')
})

it('IV2 it is bound to its device, session and kind', async () => {
  expect(await judged(signed(), { audience: stranger })).toBe('audience')
  expect(await judged(signed(), { session: sessionId(new Uint8Array(16)) })).toBe('session')
  expect(await judged(signed(), { kind: 'transfer' })).toBe('kind')
  expect(await judged(signed(), { kind: 'mirror' })).toBe('kind')
})

it('IV2 only a device that is known now signs it', async () => {
  expect(await judged(signed(), { standing: () => 'revoked' })).toBe('revoked')
  expect(await judged(signed(), { standing: () => 'unknown' })).toBe('issuer')
  expect(await judged(signed(invitation(), new Uint8Array(32).fill(1)))).toBe('signature')
  const bytes = signed()
  const last = bytes.slice(0, -2)
  for (const tail of ['AA', 'BA']) {
    expect(['signature', 'malformed']).toContain(await judged(last + tail))
  }
})

it('IV2 every refusal has a sentence of its own', () => {
  const sentences = invitationRefusals.map((refusal) => refusalSentences[refusal])
  expect(new Set(sentences).size).toBe(invitationRefusals.length)
  for (const sentence of sentences) expect(sentence).toMatch(/^[a-z].{10,}[^.]$/)
})

describe('IV3 what is not written exactly so is refused:', () => {
  const payload = payloadOf(signed())
  const { exp = 0, nbf = 0, iat = 0 } = payload as { exp?: number; nbf?: number; iat?: number }
  const refusedAs: readonly (readonly [string, string, string])[] = [
    ['alg none', 'algorithm', jwsOf({ ...header, alg: 'none' }, payload)],
    [
      'alg none without a signature',
      'algorithm',
      `${jwsOf({ alg: 'none' }, payload).split('.').slice(0, 2).join('.')}.`,
    ],
    ['alg HS256', 'algorithm', jwsOf({ ...header, alg: 'HS256' }, payload)],
    ['alg Ed25519', 'algorithm', jwsOf({ ...header, alg: 'Ed25519' }, payload)],
    ['alg in capitals', 'algorithm', jwsOf({ ...header, alg: 'EDDSA' }, payload)],
    ['no alg', 'algorithm', jwsOf({ typ: invitationType }, payload)],
    ['no typ', 'type', jwsOf({ alg: 'EdDSA' }, payload)],
    ['typ of another thing', 'type', jwsOf({ alg: 'EdDSA', typ: 'JWT' }, payload)],
    ['crit', 'header', jwsOf({ ...header, crit: ['exp'] }, payload)],
    ['b64', 'header', jwsOf({ ...header, crit: ['b64'], b64: false }, payload)],
    ['a key in the header', 'header', jwsOf({ ...header, jwk: { kty: 'OKP' } }, payload)],
    ['a place of keys', 'header', jwsOf({ ...header, jku: 'https://x' }, payload)],
    [
      '__proto__',
      'header',
      jwsOf(`{"alg":"EdDSA","typ":"${invitationType}","__proto__":{}}`, payload),
    ],
    [
      'alg twice',
      'malformed',
      jwsOf(`{"alg":"none","alg":"EdDSA","typ":"${invitationType}"}`, payload),
    ],
    [
      'a space in the header',
      'malformed',
      jwsOf(`{"alg":"EdDSA", "typ":"${invitationType}"}`, payload),
    ],
    [
      'exp twice',
      'malformed',
      jwsOf(header, JSON.stringify(payload).replace('"exp"', '"exp":1,"exp"')),
    ],
    ['an unknown claim', 'claims', jwsOf(header, { ...payload, scope: 'all' })],
    ['no exp', 'claims', jwsOf(header, { ...payload, exp: undefined })],
    ['a long life', 'claims', jwsOf(header, { ...payload, exp: exp + 1 })],
    ['ends before it begins', 'claims', jwsOf(header, { ...payload, exp: nbf })],
    ['valid before it was made', 'claims', jwsOf(header, { ...payload, iat: nbf + 1 })],
    ['half a second', 'claims', jwsOf(header, { ...payload, iat: iat + 0.5 })],
    ['another kind', 'claims', jwsOf(header, { ...payload, kind: 'admin' })],
    ['another mode', 'claims', jwsOf(header, { ...payload, mode: 'root' })],
    ['two devices', 'claims', jwsOf(header, { ...payload, aud: [guest, issuer] })],
    ['a short jti', 'claims', jwsOf(header, { ...payload, jti: 'AAAA' })],
    [
      'an id with stray bits',
      'claims',
      jwsOf(header, { ...payload, sub: `${session.slice(0, 21)}B` }),
    ],
    ['an array', 'malformed', jwsOf(header, [])],
    ['no JSON', 'malformed', jwsOf(header, '{')],
    ['padding', 'malformed', `${signed()}==`],
    ['two parts', 'malformed', signed().split('.').slice(0, 2).join('.')],
    ['four parts', 'malformed', `${signed()}.AA`],
    ['no signature', 'malformed', signed().replace(/[^.]*$/, '')],
    ['a short signature', 'malformed', signed().slice(0, -4)],
    ['a line end', 'malformed', `${signed()}\n`],
    ['nothing', 'malformed', ''],
  ]
  it.each(refusedAs)('IV3 %s', async (_, refusal, jws) => {
    expect(await judged(jws)).toBe(refusal)
  })

  it('IV3 a huge one is refused before it is read', () => {
    const [head, , mark] = signed().split('.')
    const jws = `${head}.${'e'.repeat(10_000_000)}.${mark}`
    const began = performance.now()
    expect(parseInvitation(jws)).toBe('malformed')
    expect(performance.now() - began).toBeLessThan(50)
    expect(parseInvitation('a'.repeat(maxInvitationChars + 1))).toBe('malformed')
    expect(parseInvitation(undefined as unknown as string)).toBe('malformed')
  })

  it('IV3 no text at all throws, and none that differs by a character holds', async () => {
    const good = signed()
    const at = fc.record({ at: fc.nat(good.length - 1), to: fc.string({ maxLength: 2 }) })
    await fc.assert(
      fc.asyncProperty(at, async ({ at, to }) => {
        const jws = good.slice(0, at) + to + good.slice(at + 1)
        if (jws !== good) expect(await judged(jws)).not.toBe('holds')
      }),
      { numRuns: tries(300) },
    )
    fc.assert(
      fc.property(fc.string(), fc.json(), fc.json(), (text, a, b) => {
        parseInvitation(text)
        parseInvitation(jwsOf(a, b))
      }),
      { numRuns: tries(100) },
    )
  })
})

describe('IV4', () => {
  const names = Object.keys(allLabels) as Label[]

  it('IV4 what an invitation signs begins with eyJ and holds no NUL, whatever it says', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(
      fc.property(bytes(32), bytes(16), bytes(16), fc.nat(2 ** 39), (device, id, of, at) => {
        const input = invitationInput(
          invitation({
            ...{ issuer: deviceId(device), session: sessionId(of), id },
            ...{ issuedAt: at, notBefore: at, expiresAt: at + 300 },
          }),
        )
        expect(String.fromCharCode(...input.subarray(0, 3))).toBe('eyJ')
        expect(input.includes(0)).toBe(false)
      }),
      { numRuns: tries(100) },
    )
    // Every other signature is over a label, and none of these begins so or lacks its NUL.
    for (const name of names) {
      expect(label(name).at(-1)).toBe(0)
      expect(allLabels[name].startsWith('ey')).toBe(false)
    }
  })

  it('IV4 a signature under a label is no invitation, and an invitation none under a label', async () => {
    const input = invitationInput(invitation())
    const key = verifyKeyOf(issuerSeed)
    const { nodeBackend } = await import('@baton/client/node/verify')
    const { verify } = nodeBackend()
    for (const name of names) {
      const labelled = new Uint8Array([...label(name), ...input])
      const jws = signedInvitation(input, signWith(issuerSeed, labelled))
      expect([name, await judged(jws)]).toEqual([name, 'signature'])
      expect(verify(key, labelled, signWith(issuerSeed, input))).toBe(false)
    }
    // Nor does a labelled text fit into the form of one.
    for (const name of names) {
      const text = `${String.fromCharCode(...label(name))}.e30.${toBase64url(new Uint8Array(64))}`
      expect(parseInvitation(text)).toBe('malformed')
    }
    expect(utf8Encode(signed()).includes(0)).toBe(false)
    expect(now).toBeGreaterThan(0)
  })
})
