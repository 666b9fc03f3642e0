/**
 * The end that holds the session brings an accepted request to its end (rules HF5, HF6): for a transfer it
 * stops writing, has the target say that it holds everything, and only then signs. Until the lease is on
 * disk everything that goes wrong leaves the session here.
 */

import { holderOf } from '@baton/shared/conflict/leases'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { type DeviceId, idBytes, logId, type SessionId } from '@baton/shared/ids'
import { handoffReadyMs } from '@baton/shared/limits'
import { depHashBytes } from '@baton/shared/log/entry'
import {
  encodeHandoffQuestion,
  type HandoffReason,
  type HandoffRequest,
  isOver,
  parsePlace,
} from '@baton/shared/protocol/handoff'
import { traceFault } from '../fault.ts'
import { createLanes } from '../lanes.ts'
import { fateOf, givableOf, writeTransfer } from './leases.ts'
import { createLeaving } from './leaving.ts'
import type { Owing } from './owing.ts'
import { type HandoffPorts, handoffMethod } from './ports.ts'
import type { Requests } from './requests.ts'
import { waitFor } from './waiting.ts'

/** `open`: its agent still runs here. */
export type Stage = 'open' | 'carrying' | 'signed'

export interface Driving {
  /** Runs to the end of the request, once; rejects with why it came to nothing. */
  drive(request: HandoffRequest, stage: (stage: Stage) => void): Promise<void>
  /** The other end hears that nothing comes of it, if it is there. */
  tellCancelled(request: HandoffRequest): Promise<void>
  /** Signed over: it can be taken back no more. */
  isSigned(id: string): boolean
  /** ms from the moment nothing more was written here to the accept of the other end. */
  pauseMs(id: string): number | undefined
}

export function createDriving(ports: HandoffPorts, requests: Requests, owing: Owing): Driving {
  const { self, repository, documents, sharing, clock } = ports
  const under = new Map<string, Promise<void>>()
  const signed = new Set<string>()
  const pauses = new Map<string, number>()
  const leave = createLeaving({ ...ports, requests, stillWanted })
  const onGrew = (run: () => void) => repository.onGrew(run)
  const inTurn = createLanes<SessionId>()

  const exchangeWith = (device: DeviceId) => {
    const reachable = ports.reach(device)
    if (reachable) return reachable.exchange
    throw new BatonError('peer-offline', 'failed to hand over: the other device is not connected', {
      hint: 'run baton up there; the session is still here',
    })
  }

  async function share({ session, to, kind }: HandoffRequest): Promise<void> {
    if (kind === 'observe') await sharing.grant(session, to, 'copy')
    else await letWrite(session, to)
    ports.grew(session)
  }

  /** Whoever may write already may not be let in further by every device that holds the session. */
  async function letWrite(session: SessionId, to: DeviceId): Promise<void> {
    const { writers } = await documents.state(session)
    await sharing.grant(session, to, 'mirror').catch((error: unknown) => {
      if (!writers.has(to)) throw error
    })
  }

  async function transfer(
    request: HandoffRequest,
    stage: (stage: Stage) => void,
    isMoved: boolean,
  ): Promise<void> {
    const { id, session, to } = request
    if (!isMoved) stage('carrying')
    await carried(request)
    stillWanted(id)
    if (holderOf((await documents.state(session)).holding) !== self) throw elsewhere()
    // Nothing is given away of which the other end does not have the rest first.
    await documents.letGo(session)
    const resume = documents.holder.pause(session)
    const stopped = clock.monotonic()
    try {
      const vector = givableOf(repository, session)
      const question = encodeHandoffQuestion([
        'ready',
        id,
        [...vector].map(([log, seq]) => [idBytes(log), seq] as [Uint8Array, number]),
      ])
      const answer = await exchangeWith(to).ask(handoffMethod, question, handoffReadyMs)
      const [bytes, seq, hash] = parsePlace(answer)
      const log = logId(bytes)
      await waitFor(clock, handoffReadyMs, [onGrew, requests.onChange], () => {
        stillWanted(id)
        return (repository.head(log)?.seq ?? 0) >= seq ? true : undefined
      })
      const state = await documents.state(session)
      if (state.leases.readies.get(`${log} ${seq}`) !== to) throw unready()
      if (holderOf(state.holding) !== self) throw elsewhere()
      const ready = { log, seq, hash: hash.slice(0, depHashBytes) }
      const written = await writeTransfer(repository, state, { id, to, ready }, () => {
        const now = requests.get(id)
        return now !== undefined && !isOver(now)
      })
      if (!written) throw cancelled()
      signed.add(id)
    } finally {
      resume()
    }
    stage('signed')
    await arrival(request)
    pauses.set(id, clock.monotonic() - stopped)
    // It is there all the same. One in the files of an agent has its receipt since it was placed.
    if (!isMoved) await owing.owe(request)
    await requests.step(id, { on: 'arrive' })
  }

  /** Work goes on here until the other end has all that there is now; that may take as long as it moves. */
  async function carried({ id, session, to }: HandoffRequest): Promise<void> {
    const wanted = givableOf(repository, session)
    const lacking = () =>
      [...wanted].reduce(
        (sum, [log, seq]) => sum + Math.max(0, seq - (ports.ackedTo(to, log) ?? 0)),
        0,
      )
    for (let left = lacking(); left > 0; ) {
      left = await waitFor(
        clock,
        handoffReadyMs,
        [onGrew, ports.onLinks, requests.onChange],
        () => {
          stillWanted(id)
          exchangeWith(to)
          const now = lacking()
          return now < left ? now : undefined
        },
      )
    }
  }

  function stillWanted(id: string): void {
    const now = requests.get(id)
    if (!now || isOver(now)) throw cancelled()
  }

  /** Until the other end has taken it, or gave it back. */
  async function arrival({ id, session }: HandoffRequest): Promise<void> {
    await waitFor(clock, handoffReadyMs, [onGrew], async () => {
      const fate = fateOf(await documents.state(session), id)
      if (fate === 'held') return true
      if (fate === 'passing') return undefined
      throw new BatonError('cancelled', 'the other device gave the session back')
    }).catch((error: unknown) => {
      if (!isBatonError(error) || error.code !== 'timeout') throw error
      throw new BatonError(
        'timeout',
        'the session is signed over, and the other device has not taken it yet',
        {
          hint: 'it does when it is back; baton take brings the session here without it',
        },
      )
    })
  }

  async function run(request: HandoffRequest, stage: (stage: Stage) => void): Promise<void> {
    const { id } = request
    try {
      await share(request)
      // Two requests for one session must not both be signed.
      if (request.kind === 'transfer') {
        const moving = ports.moving?.isWatched(request.session) ? ports.moving : undefined
        const sign = (isMoved: boolean) => () => transfer(request, stage, isMoved)
        await inTurn(
          request.session,
          moving ? () => leave(request, moving, stage, sign(true)) : sign(false),
        )
      } else await requests.step(id, { on: 'arrive' })
    } catch (error) {
      if (!signed.has(id)) {
        await requests.step(id, { on: 'fail', reason: reasonOf(error) })
        await tellCancelled(request)
      }
      throw error
    }
  }

  async function tellCancelled({ id, to }: HandoffRequest): Promise<void> {
    const exchange = ports.reach(to)?.exchange
    const question = encodeHandoffQuestion(['cancel', id])
    // Whoever does not hear it asks when it is back.
    await exchange
      ?.ask(handoffMethod, question, handoffReadyMs)
      .catch((error: unknown) => traceFault(ports.trace, 'handoff.cancel', error))
  }

  return {
    drive(request, stage) {
      const known = under.get(request.id)
      if (known) return known
      const task = run(request, stage).finally(() => under.delete(request.id))
      under.set(request.id, task)
      return task
    },
    tellCancelled,
    isSigned: (id) => signed.has(id),
    pauseMs: (id) => pauses.get(id),
  }
}

function reasonOf(error: unknown): HandoffReason {
  if (!isBatonError(error)) return 'invalid'
  if (error.code === 'not-permitted') return 'not-permitted'
  return error.code === 'timeout' ? 'expired' : error.code === 'peer-offline' ? 'busy' : 'invalid'
}

const unready = () =>
  new BatonError('invalid', 'failed to hand over: the other device said nothing that counts')
const elsewhere = () =>
  new BatonError('not-holder', 'failed to hand over: another device holds the session by now')
const cancelled = () => new BatonError('cancelled', 'the handoff was cancelled')
