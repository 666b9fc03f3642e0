/**
 * One request to the service and its answer (rules RZ13, RZ16). The answer is a stranger's: it is
 * read up to a bound, parsed by schema, and never followed elsewhere. No cookies, no cache, no
 * headers of our own, so that a browser asks without a preflight.
 */

import { maxEventsChars } from '@baton/shared/limits'
import {
  type Answer,
  answers,
  type Operation,
  type Request,
  refusalSchema,
} from '@baton/shared/protocol/rendezvous'
import type { Clock } from '../core/ports/platform.ts'
import type { Outcome } from './failure.ts'
import { createStop, type Stop } from './stop.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface Calls {
  call<O extends Operation>(
    operation: O,
    request: Request<O>,
    timeoutMs?: number,
    stop?: Stop,
  ): Promise<Outcome<Answer<O>>>
  /** ms since 1970 by the service's clock; undefined before an answer, or after a sleep. */
  serverTime(): number | undefined
  onState(handler: (state: 'up' | 'down') => void): () => void
  /** For what is learnt otherwise, on a socket. */
  setState(state: 'up' | 'down'): void
  /** Breaks off what is under way; every later call is unreachable. */
  close(): void
}

export interface CallsOptions {
  /** `https://host/v1` */
  readonly base: string
  readonly clock: Clock
  readonly fetch: Fetch
}

const callMs = 10_000
/** The wall clock ran on by this much more than the monotonic one: the machine slept. */
const sleptMs = 30_000

export function createCalls({ base, clock, fetch }: CallsOptions): Calls {
  const watchers = new Set<(state: 'up' | 'down') => void>()
  const ending = createStop()
  let state: 'up' | 'down' | undefined
  let dated: { server: number; wall: number; monotonic: number } | undefined

  function setState(now: 'up' | 'down'): void {
    if (now === state) return
    state = now
    for (const watcher of [...watchers]) watcher(now)
  }

  function noteDate(response: Response): void {
    const server = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(server)) return
    dated = { server, wall: clock.now(), monotonic: clock.monotonic() }
  }

  async function ask(
    operation: Operation,
    body: string,
    signal: AbortSignal,
  ): Promise<{ response: Response; value: unknown }> {
    const response = await fetch(`${base}/${operation}`, {
      method: 'POST',
      body,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    })
    return { response, value: parse(await readText(response)) }
  }

  return {
    async call<O extends Operation>(
      operation: O,
      request: Request<O>,
      timeoutMs = callMs,
      stop = ending,
    ) {
      const breaking = new AbortController()
      const abort = () => breaking.abort()
      const cancel = clock.after(timeoutMs, abort)
      const undo = [stop.whenStopped(abort), ending.whenStopped(abort)]
      const isStopped = () => stop.done || ending.done
      if (isStopped()) abort()
      try {
        const { response, value } = await ask(operation, JSON.stringify(request), breaking.signal)
        noteDate(response)
        const answer = response.ok ? answers[operation].safeParse(value) : undefined
        const refused = refusalSchema.safeParse(value)
        if (!answer?.success && !refused.success && response.status >= 500) {
          // a proxy in front of a service that is gone
          setState('down')
          return { at: 'unreachable', cause: new Error(`status ${response.status}`) }
        }
        setState(refused.data?.error === 'draining' ? 'down' : 'up')
        if (answer?.success) return { at: 'answered', answer: answer.data as Answer<O> }
        const refusal = refused.data?.error ?? 'invalid'
        return { at: 'refused', refusal, waitMs: waitOf(response) }
      } catch (cause) {
        if (!isStopped()) setState('down')
        return { at: 'unreachable', cause }
      } finally {
        cancel()
        for (const each of undo) each()
      }
    },
    serverTime() {
      if (!dated) return undefined
      const ran = clock.monotonic() - dated.monotonic
      if (clock.now() - dated.wall - ran > sleptMs) dated = undefined
      return dated && dated.server + ran
    },
    onState(handler) {
      watchers.add(handler)
      return () => watchers.delete(handler)
    },
    setState,
    close: () => ending.stop(),
  }
}

/** Seconds of a Retry-After within reason, in ms. */
function waitOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return seconds >= 0 && seconds <= 3600 ? seconds * 1000 : undefined
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) return text
    text += decoder.decode(chunk.value, { stream: true })
    if (text.length > maxEventsChars) {
      await reader?.cancel()
      throw new Error('the answer is too large')
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // a page of some proxy: no answer of the service
    return undefined
  }
}
