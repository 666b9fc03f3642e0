/**
 * Events of one token, over reconnects (rules RZ17 to RZ20): by WebSocket, and where that does not
 * come up within 4 s, by long poll. Which way works is remembered for the service; a blocked
 * WebSocket is tried again after ten minutes.
 */
import { pollWaitMs } from '@baton/shared/limits'
import type { RendezvousEvent } from '@baton/shared/protocol/rendezvous'
import type { Clock } from '../core/ports/platform.ts'
import type { Calls } from './calls.ts'
import type { Pause } from './pause.ts'
import { type OpenSocket, readSocket, type SocketEnd } from './socket.ts'
import type { Stop } from './stop.ts'

/** One for each service: what its streams learn from each other. */
export interface Way {
  /** Until when, by the monotonic clock, nobody tries a WebSocket. */
  pollUntil: number
}

export interface StreamOptions {
  readonly calls: Calls
  readonly clock: Clock
  readonly url: string
  /** None: long poll only. */
  readonly open: OpenSocket | undefined
  readonly way: Way
  readonly pause: Pause
  readonly stop: Stop
  /** Ends as `unknown` when for so long no stream has come up. */
  readonly giveUpMs: number | undefined
}

export type StreamEnd = 'unknown' | 'replaced' | 'stopped'

const pollLongerMs = 10 * 60_000
/** A poll that brings nothing sooner than this did not wait: asking on would be a loop. */
const shortestPollMs = 1_000
const steadyMs = 5_000
const comeBackMs = 500
const answerMs = 10_000

/** Hands over each event once, in order; resolves when the token is no use any more. */
export async function readStream(
  token: string,
  options: StreamOptions,
  onEvent: (event: RendezvousEvent) => void,
): Promise<StreamEnd> {
  const { calls, clock, way, stop } = options
  let after = 0
  let heard = false
  let silentSince = clock.monotonic()
  let failures = 0
  /** How long the service asked to be left alone. */
  let askedMs = comeBackMs

  function take(events: readonly RendezvousEvent[]): number {
    heard = true
    calls.setState('up')
    for (const event of events) {
      if (event.seq <= after || stop.done) continue
      after = event.seq
      onEvent(event)
    }
    return after
  }

  async function bySocket(open: OpenSocket): Promise<SocketEnd> {
    const since = clock.monotonic()
    const { url } = options
    const end = await readSocket({ url, token, after, clock, open, stop, onEvents: take })
    if (clock.monotonic() - since > steadyMs) failures = 0
    return end
  }

  /** One poll; undefined when it went well and the next may follow at once. */
  async function byPoll(): Promise<SocketEnd | undefined> {
    const begun = { after, at: clock.monotonic() }
    const outcome = await calls.call('events', { token, after }, pollWaitMs + answerMs, stop)
    if (stop.done) return 'stopped'
    if (outcome.at === 'answered') {
      take(outcome.answer.events)
      const idle = after === begun.after && clock.monotonic() - begun.at < shortestPollMs
      if (idle) return 'dropped'
      failures = 0
      return undefined
    }
    if (outcome.at === 'unreachable') return 'dropped'
    const { refusal, waitMs } = outcome
    if (refusal === 'unknown' || refusal === 'replaced') return refusal
    askedMs = waitMs ?? comeBackMs
    return 'draining'
  }

  async function once(): Promise<SocketEnd | undefined> {
    const { open } = options
    if (!open || clock.monotonic() < way.pollUntil) return byPoll()
    const end = await bySocket(open)
    if (end !== 'blocked') return end
    const polled = await byPoll()
    if (polled === undefined) way.pollUntil = clock.monotonic() + pollLongerMs
    return polled
  }

  for (;;) {
    const end = await once()
    if (end === 'stopped' || end === 'unknown' || end === 'replaced') return end
    if (end === undefined) continue
    if (heard) silentSince = clock.monotonic()
    heard = false
    const silentMs = clock.monotonic() - silentSince
    if (options.giveUpMs !== undefined && silentMs > options.giveUpMs) return 'unknown'
    const again = await options.pause(failures++, end === 'draining' ? askedMs : 0)
    askedMs = comeBackMs
    if (!again) return 'stopped'
  }
}
