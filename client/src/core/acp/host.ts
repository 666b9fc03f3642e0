/**
 * An agent that is driven in a session (rules AC9 to AC11): what the ACP client asks for is done in order,
 * in the session first and on the screen, and at the agent only once that is durable. Platform-free: the
 * pen, the agent's process and the person are ports.
 */
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { CallFacts, DriveStep, LiveEvent } from '../driven-api.ts'
import { createLanes } from '../lanes.ts'
import type { Clock } from '../ports/platform.ts'
import type { AcpClient, AcpInput } from './client.ts'
import { contextOf, isUnanswered, type Past } from './context.ts'
import type { AcpEffect, TurnEnd } from './effects.ts'
import { maxContextChars } from './limits.ts'
import { createNotebook, type Notebook } from './notebook.ts'
import type { PermissionOption, RequestId } from './schema.ts'

export interface HostPorts {
  readonly client: AcpClient
  readonly clock: Clock
  /** Of the session; `after`: the last message that the agent knows, `undefined` for none. */
  readonly pen: {
    apply(steps: readonly DriveStep[]): Promise<void>
    past(after: string | undefined, most: number): Promise<Past>
  }
  /** To the agent; resolves when there is room for more. */
  send(message: object): Promise<void>
  /** The agent is to be gone. */
  end(): void
  show(event: LiveEvent): void
  note(text: string): void
  /** Undefined: declined. `done` runs when nobody needs the answer any more. */
  ask(call: CallFacts, options: readonly PermissionOption[], done: AbortLike): Promise<Answer>
}

type Answer = string | undefined

/** Tells once that a question is over. */
export interface AbortLike {
  onAbort(run: () => void): void
}

export interface TurnResult {
  readonly ended: TurnEnd
  readonly reason: string
}

export interface Host {
  /** Resolves when the agent takes prompts. `after`: the last message that it knows if it is loaded. */
  start(after: string | undefined): Promise<void>
  /** What the agent said, or how it ended; resolves when there is room for more. */
  feed(input: AcpInput): Promise<void>
  /** A turn, from the word of a person to its end. `consumes`: the input that is taken up. */
  prompt(text: string, consumes?: string): Promise<TurnResult>
  cancel(): void
  /** Why nothing more can come of it; undefined while something can. */
  failure(): Error | undefined
  /** Resolves when that is so. */
  readonly failed: Promise<void>
}

export function createHost(ports: HostPorts): Host {
  const { client, clock, pen } = ports
  const inTurn = createLanes<'inputs'>()
  const questions = new Map<RequestId, () => void>()
  const notebook: Notebook = createNotebook(pen.apply, ports.show)
  let stopTimer = () => {}
  let failure: Error | undefined
  let tellFailed = () => {}
  const failed = new Promise<void>((resolve) => {
    tellFailed = resolve
  })
  let begun: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined
  let turn: ((result: TurnResult) => void) | undefined
  let finished: TurnResult | undefined
  let knownTo: string | undefined
  let context: string | undefined
  let link: { readonly agent: string; readonly session: string } | undefined

  /** One input after the other, each with all its effects. */
  const feed = (input: AcpInput) =>
    inTurn('inputs', async () => {
      if (failure) return
      try {
        for (const effect of client.step(input)) await perform(effect)
        settle()
      } catch (error) {
        fail(error as Error)
      }
    })

  /** The session takes nothing more, or the agent gives nothing more: what is written stays. */
  function fail(error: Error): void {
    if (failure) return
    failure = error
    stopTimer()
    for (const [, over] of questions) over()
    questions.clear()
    // Not awaited: it may be dead, or never listen.
    for (const effect of client.step({ at: 'cancel' })) {
      if (effect.do === 'send') ports.send(effect.message).catch(() => undefined)
    }
    ports.end()
    begun?.reject(error)
    finished = { ended: 'failed', reason: error.message }
    settle()
    tellFailed()
  }

  async function perform(effect: AcpEffect): Promise<void> {
    switch (effect.do) {
      case 'send':
        await notebook.flush()
        return ports.send(effect.message)
      case 'text':
        return notebook.text(effect.role, effect.message, effect.text)
      case 'call':
        return notebook.call(effect.call)
      case 'plan':
        ports.show({ at: 'plan', entries: effect.entries })
        return notebook.write({ do: 'plan', entries: effect.entries })
      case 'mode':
        return notebook.write({ do: 'mode', mode: effect.mode })
      case 'ready':
        return ready(effect)
      case 'ask':
        return question(effect.request, effect.call, effect.options)
      case 'unask':
        questions.get(effect.request)?.()
        questions.delete(effect.request)
        return
      case 'turn':
        return ended(effect)
      case 'note':
        return ports.note(effect.text)
      case 'over': {
        await notebook.flush()
        throw new BatonError(effect.code, effect.message, hinted(effect.hint))
      }
      case 'timer':
        stopTimer()
        stopTimer =
          effect.ms === undefined
            ? () => {}
            : clock.after(effect.ms, () => void feed({ at: 'time' }))
    }
  }

  async function ready({ loaded, agent, session, canLoad }: AcpEffect & { do: 'ready' }) {
    const past = await pen.past(loaded ? knownTo : undefined, maxContextChars)
    context = contextOf(past)
    const count = past.messages.length + past.left
    if (count > 0) {
      ports.note(
        `${loaded ? 'what was said elsewhere' : 'the agent does not know this session: what was said'} goes along as text with the next message (${count} messages)`,
      )
    }
    if (isUnanswered(past)) ports.note('the last message has no answer: say it again for one')
    link = canLoad ? { agent, session } : undefined
    begun?.resolve()
    begun = undefined
  }

  function question(
    request: RequestId,
    call: CallFacts,
    options: readonly PermissionOption[],
  ): void {
    let over = () => {}
    questions.set(request, () => over())
    const done: AbortLike = {
      onAbort: (run) => {
        over = run
      },
    }
    ports
      .ask(call, options, done)
      .catch(() => undefined)
      .then((option) => {
        // Nobody waits for it where the question was dropped.
        if (questions.delete(request)) void feed({ at: 'answer', request, option })
      })
  }

  async function ended({ ended: how, reason }: AcpEffect & { do: 'turn' }): Promise<void> {
    await notebook.close(how === 'whole')
    if (link) await notebook.write({ do: 'known', ...link })
    await notebook.flush()
    finished = { ended: how, reason }
  }

  /** A turn is over once all that came with its end is done: it may be the end of the agent, too. */
  function settle(): void {
    if (finished === undefined) return
    turn?.(finished)
    turn = undefined
    finished = undefined
  }

  return {
    feed,
    failed,
    failure: () => failure,
    cancel: () => void feed({ at: 'cancel' }),
    start(after) {
      knownTo = after
      return new Promise((resolve, reject) => {
        begun = { resolve, reject }
        void feed({ at: 'start' })
      })
    },
    async prompt(text, consumes) {
      const step = {
        do: 'say',
        role: 'user',
        text,
        ...(consumes === undefined ? {} : { consumes }),
      } as const
      try {
        await notebook.flush()
        await pen.apply([step])
      } catch (error) {
        // Another device was first to take it up.
        const taken = consumes !== undefined && isBatonError(error) && error.code === 'not-found'
        if (taken) return { ended: 'failed', reason: error.message }
        fail(error as Error)
      }
      if (failure) return { ended: 'failed', reason: failure.message }
      const result = new Promise<TurnResult>((resolve) => {
        turn = resolve
      })
      const parts = context === undefined ? [text] : [context, text]
      context = undefined
      void feed({ at: 'prompt', parts })
      return result
    },
  }
}

const hinted = (hint: string | undefined) => (hint === undefined ? {} : { hint })
