/** A handoff as its person follows it: one task a request (rules HF9, HF10). */
import type { DocumentState } from '@baton/shared/conflict/document'
import { holderOf } from '@baton/shared/conflict/leases'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { handoffReadyMs } from '@baton/shared/limits'
import { type HandoffKind, type HandoffRequest, isOver } from '@baton/shared/protocol/handoff'
import { createEventQueue, type EventQueue } from '../event-queue.ts'
import { traceFault } from '../fault.ts'
import type {
  HandoffEvent,
  HandoffRow,
  Handoffs,
  HandoffTask,
  PlaceWhere,
} from '../handoffs-api.ts'
import type { InPlace } from '../sessions/moving.ts'
import { checkMayHand, checkMayTake } from './checks.ts'
import type { Driving, Stage } from './driving.ts'
import { holdingRow, isWatched, writeTakeover } from './leases.ts'
import type { HandoffPorts } from './ports.ts'
import type { Requests } from './requests.ts'

export interface TaskPorts {
  readonly ports: HandoffPorts
  readonly requests: Requests
  readonly driving: Driving
  /** Why the driving end came to nothing, by request. */
  readonly failures: Map<string, unknown>
  begin(
    session: SessionId,
    ends: { readonly from: DeviceId; readonly to: DeviceId; readonly kind: HandoffKind },
  ): Promise<HandoffRequest>
  cancel(id: string): Promise<void>
  /** It is there: before the person hears so. */
  arrived(request: HandoffRequest): Promise<void>
  rowOf(request: HandoffRequest): HandoffRow
  onStage(id: string, run: (stage: Stage | 'failed') => void): () => void
}

export interface HandoffTasks extends Pick<Handoffs, 'hand' | 'take'> {
  /** The task of a request that `begin` makes, or finds. */
  of(begin: () => Promise<HandoffRequest>): HandoffTask
}

export function createHandoffTasks(given: TaskPorts): HandoffTasks {
  const { ports, requests, driving, failures, rowOf } = given
  const { self, documents } = ports

  const holdingNow = async (session: SessionId) => holdingRow(await documents.state(session))

  function task(
    run: (queue: EventQueue<HandoffEvent>, onCancel: (run: () => void) => void) => Promise<void>,
  ): HandoffTask {
    const queue = createEventQueue<HandoffEvent>()
    let cancel: (() => void) | undefined
    let isCancelled = false
    run(queue, (how) => {
      cancel = how
      if (isCancelled) how()
    })
      .catch((error: unknown) => {
        if (!isBatonError(error)) traceFault(ports.trace, 'handoff.failed', error)
        const { code, message, hint } = isBatonError(error)
          ? error
          : new BatonError('invalid', 'failed to hand over: an unexpected error')
        queue.push({ at: 'failed', code, message, ...(hint === undefined ? {} : { hint }) })
      })
      .finally(() => queue.end())
    return {
      events: queue.events,
      cancel() {
        isCancelled = true
        cancel?.()
      },
    }
  }

  /** Without a word of who holds it; one in the files of its agent is put in its place here. */
  async function takeOver(state: DocumentState, where: PlaceWhere): Promise<HandoffEvent> {
    const { session } = state
    const moving = isWatched(state) ? ports.moving : undefined
    await writeTakeover(ports.repository, state, await moving?.restate(session))
    ports.grew(session)
    const outcome = await moving?.placeHere(session, where)
    const { unplaced } = outcome ?? {}
    return {
      ...{ at: 'done', handoff: undefined, holding: await holdingNow(session), pauseMs: undefined },
      ...(outcome?.placed && { placed: inPlace(outcome.placed) }),
      ...(unplaced && { unplaced: `${unplaced.message}; ${unplaced.hint}` }),
    }
  }

  /** Until the request is over, or where it should be. */
  async function follow(
    queue: EventQueue<HandoffEvent>,
    request: HandoffRequest,
    onCancel: (run: () => void) => void,
  ): Promise<void> {
    const { id, session } = request
    queue.push({ at: 'asking', handoff: rowOf(request) })
    if (!ports.reach(request.from === self ? request.to : request.from)) {
      queue.push({ at: 'waiting', handoff: rowOf(request) })
    }
    let told = request.state
    await new Promise<void>((resolve, reject) => {
      let stopWaiting: (() => void) | undefined
      const offs = [
        ports.onLinks(mind),
        () => stopWaiting?.(),
        requests.onChange((now) => {
          if (now.id === id) look(now)
        }),
        given.onStage(id, (stage) => {
          if (stage === 'failed') return end(() => reject(failures.get(id)))
          const now = requests.get(id) ?? request
          queue.push({ at: stage, handoff: rowOf(now) })
        }),
      ]
      const end = (settle: () => void) => {
        for (const off of offs) off()
        settle()
      }
      onCancel(() => {
        given.cancel(id).catch((error: unknown) => end(() => reject(error)))
      })
      /** Whoever holds it and goes away after it said yes may be back, or never: nobody waits for that. */
      function mind(): void {
        const now = requests.get(id) ?? request
        const isAway = now.to === self && now.state === 'accepted' && !ports.reach(now.from)
        if (isAway === (stopWaiting !== undefined)) return
        stopWaiting?.()
        stopWaiting = undefined
        if (!isAway) return
        queue.push({ at: 'waiting', handoff: rowOf(now) })
        stopWaiting = ports.clock.after(handoffReadyMs, () => end(() => reject(wentAway())))
      }
      function look(now: HandoffRequest): void {
        if (now.state === 'accepted' && told !== 'accepted') {
          queue.push({ at: 'accepted', handoff: rowOf(now) })
        }
        told = now.state
        if (now.state === 'active') end(resolve)
        else if (isOver(now) && failures.has(id)) end(() => reject(failures.get(id)))
        // The driving end says why.
        else if (isOver(now) && !(now.state === 'failed' && now.from === self)) {
          end(() => reject(ended(now)))
        } else mind()
      }
      look(requests.get(id) ?? request)
    })
    const after = requests.get(id)
    const row = after && rowOf(after)
    if (after?.to === self) await given.arrived(after)
    queue.push({
      ...{ at: 'done', handoff: row, holding: await holdingNow(session) },
      ...{ pauseMs: driving.pauseMs(id), placed: ports.places.at(session) },
    })
  }

  return {
    of: (begin) => task(async (queue, onCancel) => follow(queue, await begin(), onCancel)),
    hand: (ref, { to, kind, where }) =>
      task(async (queue, onCancel) => {
        const session = await ports.named(ref)
        if (to === self || !ports.knows(to)) throw unknown()
        checkMayHand(ports, await documents.state(session), to, kind)
        ports.places.want(session, where)
        await follow(queue, await given.begin(session, { from: self, to, kind }), onCancel)
      }),
    take: (ref, { kind, force = false, where }) =>
      task(async (queue, onCancel) => {
        const session = await ports.named(ref)
        const state = await documents.state(session)
        checkMayTake(ports, state, kind, force)
        ports.places.want(session, where)
        const { tenures } = state.holding
        const holder = holderOf(state.holding)
        if (kind === 'transfer' && holder === self) {
          const holding = holdingRow(state)
          queue.push({ at: 'done', handoff: undefined, holding, pauseMs: undefined })
          return
        }
        if (force) {
          queue.push(await takeOver(state, where ?? { maps: [] }))
          return
        }
        const last = holder ?? tenures.at(-1)?.holder
        // Whoever holds it may let in; of one that nobody holds its author may.
        const from = kind === 'transfer' ? last : (last ?? state.author)
        if (from !== undefined && from !== self && !ports.knows(from)) throw wasRemoved()
        if (from === undefined || from === self || !ports.reach(from)) throw offline()
        await follow(queue, await given.begin(session, { from, to: self, kind }), onCancel)
      }),
  }
}

const inPlace = ({ path, resume }: InPlace): InPlace => ({ path, resume })

function ended({ state, reason }: HandoffRequest): BatonError {
  if (state === 'expired') {
    return new BatonError(
      'timeout',
      'the handoff expired: nobody answered there within five minutes',
      {
        hint: 'baton handoffs lists and answers requests on the other device',
      },
    )
  }
  if (state !== 'declined') return new BatonError('cancelled', 'the handoff was cancelled')
  const why = reason === 'declined' || reason === undefined ? '' : `: ${told[reason]}`
  return new BatonError('cancelled', `the other device declined${why}`)
}

const told = {
  invalid: 'it does not hold that session, or knows it otherwise',
  expired: 'the request was too old',
  'insufficient-capabilities': 'it lacks something the session needs',
  'not-permitted': 'its owner said never',
  declined: '',
  busy: 'too many requests wait there',
} as const

const unknown = () =>
  new BatonError('not-found', 'failed to hand over: no such device is paired with this one', {
    hint: 'baton devices lists them',
  })

const wentAway = () =>
  new BatonError(
    'peer-offline',
    'the device that holds the session went away in the middle of it',
    {
      hint: 'it goes on when that one is back; baton take --force takes it without it, as a possible split',
    },
  )

export const wasRemoved = () =>
  new BatonError('revoked', 'failed to hand over: the other device was removed', {
    hint: 'what that one holds: baton take --force takes it without asking',
  })

const offline = () =>
  new BatonError(
    'peer-offline',
    'failed to take: the device that holds the session is not connected',
    {
      hint: 'run baton up there; or baton take --force takes it without it, as a possible split',
    },
  )
