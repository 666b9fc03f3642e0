/** IV1: our invitations and those of jose, an independent library, verify each other; RFC 8037 appendix A. */
import { fromBase64url, utf8Encode } from '@baton/shared/bytes'
import { pureVerify, signWith, verifyKeyOf } from '@baton/shared/keyexchange/signature'
import { invitationType } from '@baton/shared/protocol/invitation'
import { compactVerify, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import {
  guest,
  invitation,
  issuer,
  issuerSeed,
  judged,
  now,
  payloadOf,
  session,
  signed,
} from '../../support/invitations.ts'

const okp = { kty: 'OKP', crv: 'Ed25519' } as const
const publicKey = await importJWK({ ...okp, x: issuer } as JWK, 'EdDSA')
const privateKey = await importJWK(
  { ...okp, x: issuer, d: Buffer.from(issuerSeed).toString('base64url') } as JWK,
  'EdDSA',
)

const expected = {
  ...{ issuer, audience: guest, subject: session, typ: invitationType, algorithms: ['EdDSA'] },
  currentDate: new Date(now),
}

it('IV1 jose verifies ours, claims and times included, and not the next second', async () => {
  const jws = signed(invitation({ mode: 'mobile' }))
  const { payload, protectedHeader } = await jwtVerify(jws, publicKey, expected)
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: invitationType })
  expect(payload).toMatchObject({ kind: 'observe', mode: 'mobile', jti: expect.any(String) })
  const late = new Date((invitation().expiresAt + 1) * 1000)
  await expect(jwtVerify(jws, publicKey, { ...expected, currentDate: late })).rejects.toMatchObject(
    {
      code: 'ERR_JWT_EXPIRED',
    },
  )
  const soon = new Date((invitation().notBefore - 1) * 1000)
  await expect(jwtVerify(jws, publicKey, { ...expected, currentDate: soon })).rejects.toThrow()
  const altered = signed(invitation(), new Uint8Array(32).fill(1))
  await expect(compactVerify(altered, publicKey)).rejects.toMatchObject({
    code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  })
})

it('IV1 ours verifies those of jose, and signs them to the byte as it does', async () => {
  const made = await new SignJWT(payloadOf(signed()))
    .setProtectedHeader({ alg: 'EdDSA', typ: invitationType })
    .sign(privateKey)
  expect(await judged(made)).toBe('holds')
  // Ed25519 is deterministic: the same invitation is the same text.
  expect(made).toBe(signed())
  const turned = await new SignJWT(payloadOf(signed()))
    .setProtectedHeader({ typ: invitationType, alg: 'EdDSA' })
    .sign(privateKey)
  expect(await judged(turned)).toBe('holds')
  const critical = await new SignJWT(payloadOf(signed()))
    .setProtectedHeader({ alg: 'EdDSA', typ: invitationType, kid: 'x' })
    .sign(privateKey)
  expect(await judged(critical)).toBe('header')
})

it('IV1 the vectors of RFC 8037 A.1, A.4 and A.5', async () => {
  const d = fromBase64url('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A')
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
  const mark =
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'
  expect(Buffer.from(verifyKeyOf(d)).toString('base64url')).toBe(x)
  const signature = signWith(d, utf8Encode(input))
  expect(Buffer.from(signature).toString('base64url')).toBe(mark)
  expect(pureVerify(fromBase64url(x), utf8Encode(input), fromBase64url(mark))).toBe(true)
  const key = await importJWK({ ...okp, x } as JWK, 'EdDSA')
  const { payload } = await compactVerify(`${input}.${mark}`, key)
  expect(Buffer.from(payload).toString()).toBe('Example of Ed25519 signing')
  // It is no invitation all the same: nothing says that it is one.
  expect(await judged(`${input}.${mark}`)).toBe('type')
})
