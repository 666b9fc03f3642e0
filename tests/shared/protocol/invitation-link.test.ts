/** IV5, IV6: what a link or a QR code of an invitation holds. */
import { fromBase64url, toHex } from '@baton/shared/bytes'
import { idBytes } from '@baton/shared/ids'
import { signWith } from '@baton/shared/keyexchange/signature'
import { invitationInput } from '@baton/shared/protocol/invitation'
import {
  guestInvitationLink,
  isInvitationLink,
  openInvitation,
  parseInvitationLink,
  sealedInvitationLink,
  sealInvitation,
} from '@baton/shared/protocol/invitation-link'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  guest,
  invitation,
  issuer,
  issuerSeed,
  session,
  signed,
  stranger,
} from '../../support/invitations.ts'
import { tries } from '../../support/tries.ts'

const root = new Uint8Array(32).fill(11)
const pair = { root, issuer, audience: guest }

function seal(more: Parameters<typeof invitation>[0] = {}) {
  const of = invitation(more)
  return sealInvitation(root, of, signWith(issuerSeed, invitationInput(of)))
}

it('IV5 the two that share it get the whole invitation back from its link', () => {
  for (const more of [{}, { mode: 'headless' }, { kind: 'transfer', mode: 'popup' }] as const) {
    const link = sealedInvitationLink(seal(more))
    // Fits into a QR code of 57 modules, and so into 80 columns.
    expect(link.length).toBeLessThan(230)
    const read = parseInvitationLink(link)
    expect(read.at === 'sealed' && openInvitation(read.sealed, pair)).toBe(signed(invitation(more)))
  }
})

it('IV5 nobody else does, nor from one that was altered', () => {
  const sealed = seal()
  expect(openInvitation(sealed, { ...pair, root: new Uint8Array(32) })).toBeUndefined()
  expect(openInvitation(sealed, { ...pair, audience: stranger })).toBeUndefined()
  expect(openInvitation(sealed, { root, issuer: guest, audience: issuer })).toBeUndefined()
  for (let at = 0; at < sealed.length; at++) {
    const other = sealed.slice()
    other[at] = (other[at] as number) ^ 1
    expect(openInvitation(other, pair)).toBeUndefined()
  }
  expect(openInvitation(sealed.subarray(0, 20), pair)).toBeUndefined()
  expect(openInvitation(new Uint8Array(0), pair)).toBeUndefined()
})

const code = {
  nameplate: '412',
  prs: new Uint8Array(16).fill(0xab),
  server: 'http://192.168.1.5:7370',
}

it('IV6 one for a device that is not paired holds the secret of a pairing, and nothing more', () => {
  const link = guestInvitationLink(code)
  expect(link).toBe('baton:invite.412.q6urq6urq6urq6urq6urqw.http://192.168.1.5:7370')
  expect(parseInvitationLink(link)).toMatchObject({
    at: 'pairing',
    code: { ...code, method: 'qr' },
  })
})

it('IV6 no session or device id stands in a link, and in a URL all of it is in the fragment', () => {
  const page = 'https://page.example.org/p'
  for (const link of [sealedInvitationLink(seal(), page), guestInvitationLink(code, page)]) {
    const { hash, href } = new URL(link)
    expect(href.slice(0, -hash.length)).toBe(page)
    expect(parseInvitationLink(link).at).toBe(link.includes('.412.') ? 'pairing' : 'sealed')
    const bytes = Buffer.from(hash.slice('#invite.'.length).split('.').join(''), 'base64url')
    for (const id of [session, issuer, guest]) {
      expect(link).not.toContain(id)
      expect(toHex(bytes)).not.toContain(toHex(idBytes(id)))
      expect(toHex(bytes)).not.toContain(toHex(idBytes(id).subarray(0, 8)))
    }
  }
  expect(() => fromBase64url(session)).not.toThrow()
})

it('IV6 whatever else is typed is told to be damaged, without quoting it', () => {
  const broken = [
    ...[
      '',
      'invite',
      'baton:invite.',
      'baton:412.q6urq6urq6urq6urq6urqw.http://a',
      'baton:invite.a b',
    ],
    ...['baton:invite.412.short.http://a', 'baton:invite.AAAA', `baton:invite.${'A'.repeat(600)}`],
    ...['baton:invite.412.q6urq6urq6urq6urq6urqw.ftp://a', `${sealedInvitationLink(seal())}=`],
  ]
  for (const text of broken) {
    expect(() => parseInvitationLink(text)).toThrow(
      expect.objectContaining({ code: 'code-format' }),
    )
  }
  fc.assert(
    fc.property(fc.string({ minLength: 4 }), (text) => {
      try {
        parseInvitationLink(`baton:invite.${text}`)
      } catch (error) {
        expect(error).toMatchObject({ code: 'code-format' })
        expect(`${(error as Error).message}`).not.toContain(text)
      }
    }),
    { numRuns: tries(200) },
  )
  expect(isInvitationLink('baton:412.q6urq6urq6urq6urq6urqw.example.org')).toBe(false)
  expect(isInvitationLink(` ${sealedInvitationLink(seal())} `)).toBe(true)
})
