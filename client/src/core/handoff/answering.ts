/**
 * What this device answers when another one offers a session, wants one, or asks how a request stands
 * (rules HF2 to HF4). Every peer may ask; policy and people say what comes of it.
 */
import { cleanText } from '@baton/shared/clean-text'
import { holderOf } from '@baton/shared/conflict/leases'
import { BatonError } from '@baton/shared/errors'
import {
  type DeviceId,
  idBytes,
  type LogId,
  logId,
  type SessionId,
  sessionId,
} from '@baton/shared/ids'
import { maxHandoffsOpen } from '@baton/shared/limits'
import { isHeld } from '@baton/shared/model/beginning'
import {
  encodePlace,
  encodeStanding,
  type HandoffKind,
  type HandoffQuestion,
  type HandoffReason,
  type HandoffRequest,
  isOver,
  parseHandoffQuestion,
} from '@baton/shared/protocol/handoff'
import type { HandoffPolicy } from '../handoffs-api.ts'
import type { Arriving } from './arriving.ts'
import type { Driving } from './driving.ts'
import type { Inviting } from './inviting.ts'
import { isWatched } from './leases.ts'
import type { HandoffPorts } from './ports.ts'
import type { Requests } from './requests.ts'
import type { Resuming } from './resuming.ts'
import type { Signing } from './signing.ts'
import type { Visiting } from './visiting.ts'

export interface AnsweringPorts extends HandoffPorts {
  readonly requests: Requests
  readonly driving: Driving
  readonly arriving: Arriving
  readonly signing: Signing
  readonly resuming: Resuming
  readonly inviting: Inviting
  readonly visiting: Visiting
  policy(device: DeviceId): HandoffPolicy
  /** The end that holds it waits until its agent is closed there. */
  waits(request: HandoffRequest): void
  /** Runs what was accepted just now, where this device is to run it. */
  accepted(request: HandoffRequest): void
}

type Question<W extends HandoffQuestion[0]> = Extract<HandoffQuestion, readonly [W, ...unknown[]]>

export function createAnswering(ports: AnsweringPorts) {
  const { self, requests, clock, sharing, documents } = ports

  const standing = (request: HandoffRequest | undefined) =>
    encodeStanding({
      state: request?.state ?? 'failed',
      reason: request?.reason,
      capabilities: ports.capabilities,
    })

  const refused = (reason: HandoffReason) =>
    encodeStanding({ state: 'declined', reason, capabilities: ports.capabilities })

  /** Of this peer; undefined for none and for another's. */
  function own(peer: DeviceId, id: string): HandoffRequest | undefined {
    const known = requests.get(id)
    return known && (known.from === peer || known.to === peer) ? known : undefined
  }

  async function enter(request: HandoffRequest, agreed: boolean): Promise<Uint8Array> {
    // In one write: a crash must not leave what was agreed to waiting for a person.
    const now: HandoffRequest = agreed ? { ...request, state: 'accepted' } : request
    await requests.add(now)
    if (agreed) ports.accepted(now)
    return standing(now)
  }

  function begun(
    peer: DeviceId,
    given: { id: string; kind: HandoffKind; session: SessionId; life: number },
  ): HandoffReason | HandoffPolicy {
    if (requests.get(given.id)) return 'invalid'
    if (requests.openWith(peer) >= maxHandoffsOpen) return 'busy'
    if (given.life === 0) return 'expired'
    if (ports.isOutside(peer, given.session)) return 'not-permitted'
    const policy = ports.policy(peer)
    if (policy === 'never') return 'not-permitted'
    return ports.isGuest(peer) ? 'ask' : policy
  }

  async function offer(
    peer: DeviceId,
    [, id, kind, session, title, life, requires]: Question<'offer'>,
  ) {
    const known = own(peer, id)
    if (known) return standing(known)
    const of = { id, kind, session: sessionId(session), life }
    const verdict = begun(peer, of)
    if (verdict !== 'ask' && verdict !== 'always') return refused(verdict as HandoffReason)
    const lacks = requires.some((name) => !ports.capabilities.includes(name))
    if (lacks) return refused('insufficient-capabilities')
    const now = clock.now()
    const request: HandoffRequest = {
      ...{ id, kind, session: of.session, from: peer, to: self, askedBy: peer },
      ...{ at: now, expiresAt: now + life, requires, state: 'pending', reason: undefined },
      title: title === null ? undefined : cleanText(title, 200),
    }
    return enter(request, verdict === 'always')
  }

  async function want(peer: DeviceId, [, id, kind, bytes, life]: Question<'want'>) {
    const known = own(peer, id)
    if (known) return standing(known)
    const session = sessionId(bytes)
    const verdict = begun(peer, { id, kind, session, life })
    if (verdict !== 'ask' && verdict !== 'always') return refused(verdict as HandoffReason)
    if (!sharing.isShared(session, peer)) return refused('not-permitted')
    const state = await documents.state(session)
    if (isWatched(state) && (!ports.moving || kind === 'mirror')) return refused('invalid')
    const holds = isHeld(state.descriptor) && holderOf(state.holding) === self
    if (kind === 'transfer' ? !holds : sharing.right(session, self) !== 'full') {
      return refused('invalid')
    }
    const now = clock.now()
    const request: HandoffRequest = {
      ...{ id, kind, session, from: self, to: peer, askedBy: peer, title: ports.title(session) },
      ...{ at: now, expiresAt: now + life, requires: [], state: 'pending', reason: undefined },
    }
    return enter(request, verdict === 'always')
  }

  /** The word of the end that was asked. */
  async function answer(peer: DeviceId, [, id, yes, reason]: Question<'answer'>) {
    const known = own(peer, id)
    if (!known || known.askedBy !== self) return standing(known)
    const after = await requests.step(
      id,
      yes ? { on: 'accept' } : { on: 'decline', reason: reason ?? 'declined' },
    )
    if (after?.state === 'accepted' && known.state === 'pending') ports.accepted(after)
    return standing(after)
  }

  async function cancel(peer: DeviceId, [, id]: Question<'cancel'>) {
    const known = own(peer, id)
    if (!known || ports.driving.isSigned(id)) return standing(known)
    return standing(await requests.step(id, { on: 'cancel' }))
  }

  async function ready(peer: DeviceId, [, id, vector]: Question<'ready'>) {
    let known = own(peer, id)
    // Whoever this device asked says yes by this, and its answer may still be on its way.
    if (known?.askedBy === self && known.from === peer)
      known = await requests.step(id, { on: 'accept' })
    if (known?.from !== peer || known.kind !== 'transfer' || known.state !== 'accepted') {
      throw new BatonError('not-permitted', 'failed to get ready: nobody here agreed to that')
    }
    const logs = new Map<LogId, number>(vector.map(([log, seq]) => [logId(log), seq]))
    const { log, seq, hash } = await ports.arriving.ready(known, logs)
    return encodePlace(idBytes(log), seq, hash)
  }

  return async (peer: DeviceId, body: Uint8Array): Promise<Uint8Array> => {
    const question = parseHandoffQuestion(body)
    switch (question[0]) {
      case 'offer':
        return offer(peer, question)
      case 'want':
        return want(peer, question)
      case 'answer':
        return answer(peer, question)
      case 'cancel':
        return cancel(peer, question)
      case 'state':
        return standing(own(peer, question[1]))
      case 'waits': {
        const known = own(peer, question[1])
        if (known?.from === peer && !isOver(known)) ports.waits(known)
        return standing(known)
      }
      case 'ready':
        return ready(peer, question)
      case 'redeem':
        return ports.inviting.redeem(peer, question)
      case 'invited':
        return ports.visiting.answer(peer)
      case 'resume':
        return ports.resuming.answer(peer, question[1])
      case 'receipt':
        return ports.signing.answer(peer, question[1], question[2])
    }
  }
}
