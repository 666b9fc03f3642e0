/**
 * How a session in the files of its agent leaves a device (rules HW1 to HW3): once the agent is closed
 * here, and put in its place there before anything is signed; what the agent says meanwhile goes along.
 */
import { BatonError } from '@baton/shared/errors'
import { handoffReadyMs } from '@baton/shared/limits'
import { encodeHandoffQuestion, type HandoffRequest } from '@baton/shared/protocol/handoff'
import { traceFault } from '../fault.ts'
import type { Moving } from '../sessions/moving.ts'
import { type HandoffPorts, handoffMethod } from './ports.ts'
import type { Requests } from './requests.ts'
import { waitFor } from './waiting.ts'

/** Its agent may be opened again meanwhile. */
const maxRounds = 5
/** A person closes it when that suits them. */
const agentWaitMs = 24 * 3_600_000
const lookMs = 1000

export interface LeavingPorts extends HandoffPorts {
  readonly requests: Requests
  /** Throws once the request is over. */
  stillWanted(id: string): void
}

export function createLeaving(ports: LeavingPorts) {
  const { clock, requests, places } = ports

  /** Waits until no process of the agent has it open here; both persons are told. */
  async function closed(
    { id, session, to }: HandoffRequest,
    moving: Moving,
    waits: () => void,
  ): Promise<void> {
    if (!(await moving.live(session))) return
    waits()
    ports
      .reach(to)
      ?.exchange.ask(handoffMethod, encodeHandoffQuestion(['waits', id]), handoffReadyMs)
      .catch((error: unknown) => traceFault(ports.trace, 'handoff.waits', error))
    await waitFor(clock, agentWaitMs, [everySecond, requests.onChange], async () => {
      ports.stillWanted(id)
      return (await moving.live(session)) ? undefined : true
    })
  }

  function everySecond(run: () => void): () => void {
    let stop = clock.after(lookMs, again)
    function again(): void {
      stop = clock.after(lookMs, again)
      run()
    }
    return () => stop()
  }

  return async function leave(
    request: HandoffRequest,
    moving: Moving,
    stage: (stage: 'open' | 'carrying') => void,
    /** Signs it over, while nothing more of its files is taken. */
    sign: () => Promise<void>,
  ): Promise<void> {
    const { id, session, to } = request
    for (let round = 1; round <= maxRounds; round++) {
      await closed(request, moving, () => stage('open'))
      stage('carrying')
      places.came(
        session,
        await moving.deliver(session, to, places.wanted(session) ?? { maps: [] }),
      )
      ports.stillWanted(id)
      const done = await moving.still(session, async () => {
        await sign()
        return true
      })
      if (done) return
    }
    throw new BatonError('source-changed', 'failed to hand over: its agent went on all the time', {
      hint: 'close it on the device that lets go, and try again',
    })
  }
}
