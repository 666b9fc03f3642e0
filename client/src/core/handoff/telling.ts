/** What one end asks the other of a request, and what comes of the answer (rules HF1, HF4, IV8). */
import type { DeviceId } from '@baton/shared/ids'
import { idBytes } from '@baton/shared/ids'
import { handoffLifeMs, handoffReadyMs } from '@baton/shared/limits'
import {
  encodeHandoffQuestion,
  type HandoffQuestion,
  type HandoffRequest,
  parseStanding,
} from '@baton/shared/protocol/handoff'
import { traceFault } from '../fault.ts'
import type { Invitations } from './invitations.ts'
import { refused } from './joining.ts'
import { type HandoffPorts, handoffMethod } from './ports.ts'
import type { Requests } from './requests.ts'

export interface Telling {
  ask(request: HandoffRequest, question: HandoffQuestion): Promise<void>
  /** Says again what the other end may not have heard. */
  tell(request: HandoffRequest): void
  otherEnd(request: HandoffRequest): DeviceId
}

export function createTelling(
  ports: HandoffPorts,
  given: {
    readonly requests: Requests
    readonly invitations: Invitations
    /** Why a request came to nothing, by its id. */
    readonly failures: Map<string, unknown>
    accepted(request: HandoffRequest): void
  },
): Telling {
  const { self, clock } = ports
  const { requests, invitations, failures, accepted } = given
  const otherEnd = ({ from, to }: HandoffRequest) => (from === self ? to : from)

  async function ask(request: HandoffRequest, question: HandoffQuestion): Promise<void> {
    const exchange = ports.reach(otherEnd(request))?.exchange
    if (!exchange) return
    const standing = async (of: HandoffQuestion) =>
      parseStanding(await exchange.ask(handoffMethod, encodeHandoffQuestion(of), handoffReadyMs))
    const { id } = request
    let found = await standing(question)
    // By this very request, it may be, and the answer was lost.
    if (found.refusal === 'used') {
      const known = await standing(['state', id])
      if (known.state === 'accepted' || known.state === 'active') found = known
    }
    const { state, reason, refusal } = found
    if (state === 'accepted' || state === 'active') {
      const before = requests.get(id)?.state
      const after = await requests.step(id, { on: 'accept' })
      if (after && before === 'pending') accepted(after)
    } else if (state === 'declined') {
      if (refusal) failures.set(id, refused(refusal))
      await requests.step(id, { on: 'decline', reason: reason ?? 'declined' })
    } else if (state !== 'pending') await requests.step(id, { on: 'cancel' })
  }

  function questionOf(request: HandoffRequest): HandoffQuestion {
    const { id, kind, session, title, expiresAt, requires } = request
    const life = Math.min(Math.max(0, expiresAt - clock.now()), handoffLifeMs)
    if (request.from === self) {
      return ['offer', id, kind, idBytes(session), title ?? null, life, [...requires]]
    }
    const jws = invitations.held(id)?.jws
    if (jws === undefined) return ['want', id, kind, idBytes(session), life]
    return ['redeem', id, kind, idBytes(session), jws, ports.capabilities.slice(0, 64)]
  }

  function tell(request: HandoffRequest): void {
    const { id, askedBy, state } = request
    const quietly = (what: string, question: HandoffQuestion) =>
      void ask(request, question).catch((error: unknown) => traceFault(ports.trace, what, error))
    if (askedBy === self && state === 'pending') quietly('handoff.ask', questionOf(request))
    else if (request.to === self && state === 'accepted') quietly('handoff.state', ['state', id])
  }

  return { ask, tell, otherEnd }
}
