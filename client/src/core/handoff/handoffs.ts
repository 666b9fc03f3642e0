/**
 * Handing sessions over between devices (rules HF1 to HF11): requests of this device and of others, who
 * answers them, and the way from one holder to the next.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { handoffLifeMs, handoffReadyMs } from '@baton/shared/limits'
import { requestBytes } from '@baton/shared/model/lease-entries'
import {
  type HandoffKind,
  type HandoffQuestion,
  type HandoffRequest,
  isOver,
} from '@baton/shared/protocol/handoff'
import { traceFault } from '../fault.ts'
import type { HandoffRow, Handoffs, HandoffTask } from '../handoffs-api.ts'
import { createAnswering } from './answering.ts'
import { createArriving } from './arriving.ts'
import { besideRows, branchOff } from './beside.ts'
import { watchedBy } from './checks.ts'
import { createDriving, type Stage } from './driving.ts'
import { openInvitations } from './invitations.ts'
import { createInviting, type Inviting } from './inviting.ts'
import { createJoining } from './joining.ts'
import { fateOf, holdingRow, isWatched } from './leases.ts'
import { openOwing } from './owing.ts'
import { openPolicies } from './policies.ts'
import { findRequest, openRequests } from './requests.ts'
import { requirementsOf } from './requirements.ts'
import { createResuming } from './resuming.ts'
import { createSigning, type SigningPorts } from './signing.ts'
import { createHandoffTasks, wasRemoved } from './tasks.ts'
import { createTelling } from './telling.ts'
import { createVisiting, type Visiting } from './visiting.ts'

const arrive = { on: 'arrive' } as const

export interface HandoffDesk extends Handoffs {
  /** Answers a question of a peer. */
  receive(peer: DeviceId, body: Uint8Array): Promise<Uint8Array>
  readonly inviting: Inviting
  readonly visiting: Visiting
  /** The invitation in a link. Throws `code-format`, and `not-paired` for one that is not for this device. */
  readLink(link: string): string
  /** Presents an invitation, and follows what comes of it. */
  redeem(jws: () => Promise<string> | string): HandoffTask
  /** Follows a request that another device began. */
  follow(request: () => Promise<HandoffRequest>): HandoffTask
  /** Runs with every request of this device that is new or another than before. */
  onChange(run: (row: HandoffRow) => void): () => void
  close(): void
}

export async function openHandoffs(ports: SigningPorts): Promise<HandoffDesk> {
  const { self, documents, clock, trace } = ports
  const requests = await openRequests(ports)
  const policies = await openPolicies(ports.store)
  const resumes = await openPolicies(ports.store, 'resume-policy', 'never')
  const invitations = await openInvitations(ports)
  const signing = createSigning(ports)
  const owing = await openOwing(ports, requests, signing)
  const driving = createDriving(ports, requests, owing)
  const arriving = createArriving(ports, requests)
  const resuming = createResuming(ports, { requests, policies: resumes })
  const stages = new Map<string, Set<(stage: Stage | 'failed') => void>>()
  const failures = new Map<string, unknown>()
  /** Signed over, and nobody waits for what comes of it. */
  const unsettled = new Set<string>()
  let closed = false

  const quietly = (what: string, work: Promise<unknown>) => {
    work.catch((error: unknown) => traceFault(trace, what, error))
  }

  function onStages(id: string, stage: Stage | 'failed'): void {
    for (const run of [...(stages.get(id) ?? [])]) run(stage)
  }

  /** The end that holds the session brings it to its end. */
  function accepted(request: HandoffRequest): void {
    if (request.from !== self) {
      arriving.look(request.session)
      return
    }
    driving
      .drive(request, (stage) => onStages(request.id, stage))
      .catch((error: unknown) => {
        if (!isBatonError(error)) traceFault(trace, 'handoff.drive', error)
        failures.set(request.id, error)
        if (driving.isSigned(request.id)) {
          unsettled.add(request.id)
          quietly('handoff.arrival', settle(request))
        }
        onStages(request.id, 'failed')
      })
  }

  const inviting = createInviting(ports, { invitations, requests, accepted })
  const visiting = createVisiting(ports, { inviting, requests })
  const receive = createAnswering({
    ...{ ...ports, requests, driving, arriving, signing, resuming, inviting, visiting, accepted },
    policy: policies.of,
    waits: ({ id }) => onStages(id, 'open'),
  })

  const { ask, tell, otherEnd } = createTelling(ports, {
    ...{ requests, invitations, failures, accepted },
  })

  /** Devices that were reachable when it was last looked. */
  let reached = new Set<DeviceId>()
  const offLinks = ports.onLinks(() => {
    const open = requests.open()
    const now = new Set(open.map(otherEnd).filter((device) => ports.reach(device)))
    for (const request of open) {
      const device = otherEnd(request)
      if (now.has(device) && !reached.has(device)) tell(request)
    }
    reached = now
    endRemoved()
  })

  /** No word of a device that was removed comes any more. */
  function endRemoved(): void {
    for (const request of requests.open()) {
      const { id, from, state } = request
      if (ports.knows(otherEnd(request)) || (from === self && state === 'accepted')) continue
      failures.set(id, wasRemoved())
      quietly('handoff.removed', requests.step(id, { on: 'fail', reason: 'not-permitted' }))
    }
  }

  async function recover(): Promise<void> {
    for (const request of requests.open()) {
      const { id, session, from, kind, state } = request
      if (from !== self || state !== 'accepted') {
        arriving.look(session)
        continue
      }
      // What this device was handing over when it stopped: signed, or still here.
      const fate = kind === 'transfer' ? fateOf(await documents.state(session), id) : 'none'
      if (fate === 'passing') unsettled.add(id)
      else {
        const input = fate === 'held' ? arrive : ({ on: 'fail', reason: 'expired' } as const)
        await requests.step(id, input)
        if (fate === 'held') await owe(request)
      }
    }
  }
  await recover()
  /** Who waits for the word of another end asks again: it may have been lost with a link. */
  let stopAsking = clock.after(handoffReadyMs, askAgain)
  function askAgain(): void {
    endRemoved()
    owing.look()
    for (const request of requests.open()) {
      if (request.to === self && request.state === 'accepted') tell(request)
    }
    stopAsking = clock.after(handoffReadyMs, askAgain)
  }
  const offGrew = ports.repository.onGrew((session) => {
    for (const request of requests.open()) {
      if (request.session === session && unsettled.has(request.id))
        quietly('handoff.arrival', settle(request))
    }
  })

  /** One in the files of an agent has its receipt since it was placed. */
  async function owe(request: HandoffRequest): Promise<void> {
    if (!isWatched(await documents.state(request.session))) await owing.owe(request)
  }

  /** What came of a lease: it was taken, is on its way, or another one counts in its place. */
  async function settle(request: HandoffRequest): Promise<void> {
    const { id, session } = request
    const fate = fateOf(await documents.state(session), id)
    if (fate === 'passing') return
    unsettled.delete(id)
    if (fate === 'held') {
      await requests.step(id, arrive)
      return owe(request)
    }
    await requests.step(id, { on: 'fail', reason: 'invalid' })
    await driving.tellCancelled(request)
  }

  const rowOf = ({ requires: _, ...request }: HandoffRequest): HandoffRow => {
    const { of } = invitations.held(request.id) ?? invitations.issued(request.id) ?? {}
    const waitsForUs = request.state === 'pending' && request.askedBy !== self
    return { ...request, waitsForUs, ...(of?.mode === undefined ? {} : { mode: of.mode }) }
  }
  const joining = createJoining(ports, { invitations, requests, tell })

  async function begin(
    session: SessionId,
    ends: { readonly from: DeviceId; readonly to: DeviceId; readonly kind: HandoffKind },
  ): Promise<HandoffRequest> {
    const requires = ends.from === self ? await requirementsOf(documents, session) : []
    const now = clock.now()
    const request: HandoffRequest = {
      ...{ id: toHex(ports.random.bytes(requestBytes)), session, ...ends, askedBy: self },
      ...{ title: ports.title(session), at: now, expiresAt: now + handoffLifeMs, requires },
      ...{ state: 'pending', reason: undefined },
    }
    await requests.add(request)
    tell(request)
    return request
  }

  const find = (id: string) => findRequest(requests, id)

  async function cancel(id: string): Promise<void> {
    const request = find(id)
    if (isOver(request)) return
    if (driving.isSigned(request.id) || unsettled.has(request.id)) {
      throw new BatonError('handing-over', 'failed to cancel: the session is signed over by now', {
        hint: 'the other device can give it back; baton take brings it here without it',
      })
    }
    if (request.to === self && (await arriving.giveBack(request))) {
      await requests.step(request.id, { on: 'cancel' })
      return
    }
    await requests.step(request.id, { on: 'cancel' })
    quietly('handoff.cancel', ask(request, ['cancel', request.id]))
  }

  const tasks = createHandoffTasks({
    ...{ ports, requests, driving, begin, cancel, rowOf, failures, arrived: joining.arrived },
    onStage(id, run) {
      const those = stages.get(id) ?? new Set()
      stages.set(id, those.add(run))
      return () => {
        those.delete(run)
        if (those.size === 0) stages.delete(id)
      }
    },
  })

  return {
    ...{ hand: tasks.hand, take: tasks.take, receive, inviting, visiting },
    redeem: (jws) => tasks.of(async () => joining.begin(await jws())),
    readLink: joining.read,
    follow: tasks.of,
    onChange: (run) => requests.onChange((request) => run(rowOf(request))),
    list: async () => requests.all().map(rowOf),
    holding: async (ref) =>
      arriving.seen(holdingRow(await documents.state(await ports.named(ref)))),
    beside: async (ref) => besideRows(await documents.state(await ports.named(ref))),
    async branchOff(ref, of) {
      const session = await ports.named(ref)
      return branchOff(ports, await documents.state(session), ports.title(session), of)
    },
    async continueBranch(ref, name, where) {
      const session = await ports.named(ref)
      return watchedBy(ports, session).placeBranch(session, name, where)
    },
    async answer(id, accept) {
      const request = find(id)
      if (!rowOf(request).waitsForUs) {
        throw new BatonError('not-found', 'failed to answer: that handoff waits for no answer here')
      }
      const after = await requests.step(
        request.id,
        accept ? { on: 'accept' } : { on: 'decline', reason: 'declined' },
      )
      const word: HandoffQuestion = ['answer', request.id, accept, accept ? null : 'declined']
      quietly('handoff.answer', ask(request, word))
      if (accept && after?.state === 'accepted') accepted(after)
    },
    async cancel(id) {
      const invited = inviting.rows().find((row) => row.id.startsWith(id))
      if (await inviting.cancel(id)) return void (invited && ports.endGuest(invited.to))
      const request = find(id)
      // What a guest was let into is over with its visit.
      if (request.state === 'active' && ports.endGuest(otherEnd(request))) return
      if (isOver(request)) {
        throw new BatonError('not-found', `failed to cancel: that handoff is ${request.state}`)
      }
      await cancel(id)
    },
    policy: policies.of,
    setPolicy: policies.set,
    resume: async (id) => resuming.ask(find(id)),
    resumePolicy: resumes.of,
    setResumePolicy: resumes.set,
    serveResume: resuming.serve,
    close() {
      if (closed) return
      closed = true
      offLinks()
      stopAsking()
      offGrew()
      arriving.close()
      owing.close()
      requests.close()
    },
  }
}
