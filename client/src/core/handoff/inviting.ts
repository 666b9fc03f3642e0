/**
 * The end that invites (rules IV7, IV8): it makes an invitation, has it on disk before anybody gets it,
 * and takes it back once. What comes of it is a request that nobody is asked about any more.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { type DeviceId, type SessionId, sessionId } from '@baton/shared/ids'
import { handoffLifeMs, maxHandoffsOpen, maxInvitationsOpen } from '@baton/shared/limits'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import {
  encodeRefusal,
  encodeStanding,
  type HandoffKind,
  type HandoffQuestion,
  type HandoffRequest,
  isOver,
} from '@baton/shared/protocol/handoff'
import {
  checkInvitation,
  invitationAt,
  invitationIdBytes,
  invitationInput,
  type ParsedInvitation,
  signedInvitation,
} from '@baton/shared/protocol/invitation'
import { sealedInvitationLink, sealInvitation } from '@baton/shared/protocol/invitation-link'
import type { InvitationRefusal } from '@baton/shared/protocol/invitation-refusal'
import type { InvitationRow } from '../invitations-api.ts'
import { createLanes } from '../lanes.ts'
import { checkMayHand } from './checks.ts'
import type { Invitations } from './invitations.ts'
import type { Requests } from './requests.ts'
import { requirementsOf } from './requirements.ts'
import type { SigningPorts } from './signing.ts'

export interface Terms {
  readonly kind: HandoffKind
  readonly to: DeviceId
  readonly mode: InterfaceMode | undefined
}

export interface Inviting {
  /** Rejects with why this device may not let another one in. */
  check(session: SessionId, kind: HandoffKind): Promise<void>
  issue(session: SessionId, terms: Terms): Promise<{ jws: string; of: ParsedInvitation }>
  /** For a device that is paired; `link` opens there alone. */
  link(session: SessionId, terms: Terms): Promise<InvitationRow & { readonly link: string }>
  /** Answers a device that presents one. */
  redeem(
    peer: DeviceId,
    question: Extract<HandoffQuestion, readonly ['redeem', ...unknown[]]>,
  ): Promise<Uint8Array>
  rows(): readonly InvitationRow[]
  /** False: there is none that is open, or more than one. */
  cancel(id: string): Promise<boolean>
}

export function createInviting(
  ports: SigningPorts,
  given: {
    readonly invitations: Invitations
    readonly requests: Requests
    accepted(request: HandoffRequest): void
  },
): Inviting {
  const { self, clock, keyring } = ports
  const { invitations, requests } = given
  const inTurn = createLanes<string>()

  async function check(session: SessionId, to: DeviceId | undefined, kind: HandoffKind) {
    checkMayHand(ports, await ports.documents.state(session), to, kind)
  }

  async function issue(session: SessionId, { kind, to, mode }: Terms) {
    await check(session, to, kind)
    if (invitations.open().length >= maxInvitationsOpen) {
      throw new BatonError('not-permitted', 'failed to invite: too many invitations wait', {
        hint: 'baton handoffs lists them, and calls them off',
      })
    }
    const id = ports.random.bytes(invitationIdBytes)
    const invitation = { issuer: self, audience: to, session, kind, mode, id }
    const of = invitationAt(clock.now(), invitation)
    const input = invitationInput(of)
    const signature = await keyring.sign(input)
    const made = { jws: signedInvitation(input, signature), of: { ...of, input, signature } }
    await invitations.keep({ ...made, state: 'open' })
    return made
  }

  const rowOf = ({ id, session, kind, mode, audience, issuedAt, expiresAt }: ParsedInvitation) => ({
    ...{ id: toHex(id), session, title: ports.title(session), kind, mode, to: audience },
    ...{ at: issuedAt * 1000, expiresAt: expiresAt * 1000 },
  })

  /** Why nothing comes of it, or what it is. */
  async function judge(
    peer: DeviceId,
    [, id, kind, session, jws, able]: Parameters<Inviting['redeem']>[1],
  ): Promise<ParsedInvitation | InvitationRefusal> {
    const standing = (issuer: DeviceId) => {
      if (issuer !== self) return 'unknown'
      return ports.isRemoved(self) ? 'revoked' : 'known'
    }
    const use = { standing, audience: peer, session: sessionId(session), kind, now: clock.now() }
    const found = await checkInvitation(jws, use, ports.primitives.verify)
    if (typeof found === 'string') return found
    const known = invitations.issued(toHex(found.id))
    if (known?.jws !== jws || toHex(found.id) !== id) return 'unknown'
    if (known.state !== 'open') return known.state
    if (requests.openWith(peer) >= maxHandoffsOpen) return 'busy'
    try {
      await check(found.session, peer, found.kind)
    } catch (error) {
      if (!isBatonError(error)) throw error
      return 'not-permitted'
    }
    const needs = await requirementsOf(ports.documents, found.session)
    return needs.every((name) => able.includes(name)) ? found : 'insufficient-capabilities'
  }

  async function redeem(peer: DeviceId, question: Parameters<Inviting['redeem']>[1]) {
    const [, id] = question
    const known = requests.get(id)
    // Asked again while it goes over: the answer was lost. Nothing happens a second time.
    if (known?.to === peer && !isOver(known)) return standing(known)
    const found = await judge(peer, question)
    if (typeof found === 'string') return encodeRefusal(found)
    const issued = invitations.issued(id)
    // Nobody else looks at it meanwhile: what is asked of one comes in turn.
    if (issued?.state !== 'open') return encodeRefusal('used')
    const now = clock.now()
    const request: HandoffRequest = {
      ...{ id, kind: found.kind, session: found.session, from: self, to: peer, askedBy: peer },
      ...{ title: ports.title(found.session), at: now, expiresAt: now + handoffLifeMs },
      ...{ requires: [], state: 'accepted', reason: undefined },
    }
    // In one write, before anything is given: a crash leaves it used and agreed to, or neither.
    await requests.add(request, [invitations.use(issued)])
    ports.admit(peer, found.session)
    given.accepted(request)
    return standing(request)
  }

  const standing = ({ state, reason }: HandoffRequest) =>
    encodeStanding({ state, reason, capabilities: ports.capabilities })

  return {
    check: (session, kind) => check(session, undefined, kind),
    issue,
    async link(session, terms) {
      const [, root] = [...ports.roots()].find(([device]) => device === terms.to) ?? []
      if (!root) {
        throw new BatonError(
          'not-found',
          'failed to invite: no such device is paired with this one',
          {
            hint: 'baton devices lists them; without --to the link pairs, too',
          },
        )
      }
      const { of } = await issue(session, terms)
      const sealed = sealInvitation(root, of, of.signature)
      return { ...rowOf(of), link: sealedInvitationLink(sealed) }
    },
    redeem: (peer, question) => inTurn(question[1], () => redeem(peer, question)),
    rows: () => invitations.open().map(({ of }) => rowOf(of)),
    async cancel(id) {
      const fits = invitations
        .open()
        .filter(({ of }) => id.length >= 4 && toHex(of.id).startsWith(id))
      const [only] = fits
      if (!only || fits.length > 1) return false
      await inTurn(toHex(only.of.id), async () => {
        const now = invitations.issued(toHex(only.of.id))
        if (now?.state === 'open') await invitations.keep({ ...now, state: 'cancelled' })
      })
      return invitations.issued(toHex(only.of.id))?.state !== 'used'
    },
  }
}
