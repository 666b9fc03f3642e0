/**
 * The end that was invited (rules IV8): it reads the link, looks whether the invitation is for it,
 * and presents it to the device that made it, as a request of its own.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError, type ErrorCode } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { handoffLifeMs } from '@baton/shared/limits'
import { switchMode } from '@baton/shared/model/agent/changes'
import { readAgent } from '@baton/shared/model/agent/read'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import { type HandoffRequest, isOver } from '@baton/shared/protocol/handoff'
import { checkInvitation } from '@baton/shared/protocol/invitation'
import { openInvitation, parseInvitationLink } from '@baton/shared/protocol/invitation-link'
import { type InvitationRefusal, refusalSentences } from '@baton/shared/protocol/invitation-refusal'
import { traceFault } from '../fault.ts'
import type { Invitations } from './invitations.ts'
import { isWatched } from './leases.ts'
import type { Requests } from './requests.ts'
import type { SigningPorts } from './signing.ts'

export interface Joining {
  /** The invitation in a link. Throws `code-format`, and `not-paired` for one that is not for this device. */
  read(link: string): string
  /** The request that comes of it, told to the other end. Rejects with why there is none. */
  begin(jws: string): Promise<HandoffRequest>
  /** The session goes on in the mode that the invitation names. */
  arrived(request: HandoffRequest): Promise<void>
}

export function createJoining(
  ports: SigningPorts,
  given: {
    readonly invitations: Invitations
    readonly requests: Requests
    tell(request: HandoffRequest): void
  },
): Joining {
  const { self, clock, documents } = ports
  const { invitations, requests } = given

  const standing = (device: DeviceId) => {
    if (ports.isRemoved(device)) return 'revoked'
    return device !== self && ports.knows(device) ? 'known' : 'unknown'
  }

  async function switchTo(session: SessionId, mode: InterfaceMode): Promise<void> {
    const state = await documents.state(session)
    // A watched one is its agent's, and knows no modes.
    if (isWatched(state)) return
    const changes = switchMode(readAgent(state), mode, clock.now())
    await (await documents.open(session)).change(changes)
  }

  return {
    read(link) {
      const parsed = parseInvitationLink(link)
      if (parsed.at === 'pairing') throw refused('malformed')
      for (const [issuer, root] of ports.roots()) {
        const found = openInvitation(parsed.sealed, { root, issuer, audience: self })
        if (found !== undefined) return found
      }
      throw new BatonError(
        'not-paired',
        'failed to join: no device that is paired with this one made that invitation for it',
        { hint: 'open it on the device it was made for, or ask for a new one: baton invite' },
      )
    },
    async begin(jws) {
      const found = await checkInvitation(
        jws,
        { standing, audience: self },
        ports.primitives.verify,
      )
      if (typeof found === 'string') throw refused(found)
      const { issuer, session, kind } = found
      const id = toHex(found.id)
      const known = requests.get(id)
      if (known?.state === 'active') throw refused('used')
      if (known && !isOver(known)) return known
      await invitations.hold(jws, found)
      ports.admit(issuer, session)
      const now = clock.now()
      const request: HandoffRequest = {
        ...{ id, kind, session, from: issuer, to: self, askedBy: self, requires: [] },
        ...{ title: ports.title(session), at: now, expiresAt: now + handoffLifeMs },
        ...{ state: 'pending', reason: undefined },
      }
      await requests.add(request)
      given.tell(request)
      return request
    },
    async arrived({ id, kind, session }) {
      const mode = invitations.held(id)?.of.mode
      try {
        if (mode !== undefined && kind !== 'observe') await switchTo(session, mode)
        await invitations.drop(id)
      } catch (error) {
        // It is here all the same.
        traceFault(ports.trace, 'invitation.mode', error)
      }
    },
  }
}

/** As the person is told who wanted to use it. */
export function refused(refusal: InvitationRefusal): BatonError {
  const code = codes[refusal] ?? 'invalid'
  const again = ['timeout', 'code-dead'].includes(code)
  return new BatonError(
    code,
    `failed to join: ${refusalSentences[refusal]}`,
    again ? { hint: 'ask for a new one there: baton invite' } : {},
  )
}

const codes: Partial<Record<InvitationRefusal, ErrorCode>> = {
  ...{ expired: 'timeout', 'not-yet': 'timeout' },
  ...{ used: 'code-dead', cancelled: 'code-dead', unknown: 'code-dead' },
  ...{ revoked: 'revoked', issuer: 'not-paired', signature: 'bad-signature' },
  ...{ audience: 'not-permitted', session: 'not-permitted', kind: 'not-permitted' },
  ...{ 'not-permitted': 'not-permitted', 'insufficient-capabilities': 'not-permitted' },
  busy: 'handing-over',
}
