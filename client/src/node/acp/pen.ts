/** The pen of a session at the running device (rule AC4), held by the reading of one stream. */
import { BatonError, type ErrorCode, isBatonError } from '@baton/shared/errors'
import type { Past } from '../../core/acp/context.ts'
import type { AgentLink, DriveInput, DriveStep } from '../../core/driven-api.ts'
import type { Control } from '../control/client.ts'
import type { DriveEvent } from '../control/driven-shapes.ts'

export interface Pen {
  readonly session: string
  readonly leftOpen: readonly string[]
  readonly known: AgentLink | undefined
  apply(steps: readonly DriveStep[]): Promise<void>
  past(after: string | undefined, most: number): Promise<Past>
  /** Runs for every input that waits, once each. */
  onInput(take: (input: DriveInput) => void): void
  /** Rejects when the device went away. */
  readonly lost: Promise<never>
  /** Lays it down; what was open is settled when it resolves, unless the device went away. */
  close(): Promise<void>
}

export async function takePen(control: Control, ref: string): Promise<Pen> {
  const task = control.stream('drive', { ref })
  const events = task.events[Symbol.asyncIterator]()
  const { value: first } = await events.next()
  if (first?.at === 'failed') throw failedAs(first)
  if (first?.at !== 'driving') throw wentAway()
  const { task: name, session, leftOpen, known } = first
  const kept: DriveInput[] = []
  let take: (input: DriveInput) => void = (input) => kept.push(input)
  let closed = false
  const lost = (async (): Promise<never> => {
    try {
      for (;;) {
        const { value, done } = await events.next()
        if (done) break
        if (value.at === 'input') take(value)
        if (value.at === 'failed') throw failedAs(value)
      }
    } catch (error) {
      if (isBatonError(error)) throw error
    }
    throw closed ? new BatonError('cancelled', 'cancelled') : wentAway()
  })()
  lost.catch(() => undefined)

  return {
    session,
    leftOpen,
    known,
    lost,
    async apply(steps) {
      await control.call('driveSteps', { task: name, steps: [...steps] as never })
    },
    past: (after, most) =>
      control.call('drivePast', {
        ...{ task: name, most },
        ...(after === undefined ? {} : { after }),
      }),
    onInput(run) {
      take = run
      for (const input of kept.splice(0)) run(input)
    },
    async close() {
      closed = true
      await control.call('driveEnd', { task: name }).catch(() => undefined)
      task.cancel()
    },
  }
}

const failedAs = ({ code, message, hint }: DriveEvent & { at: 'failed' }) =>
  new BatonError(code as ErrorCode, message, hint === undefined ? {} : { hint })

const wentAway = () =>
  new BatonError('not-running', 'the running device went away', {
    hint: 'what was written is kept; go on with baton run --session, once it is up again',
  })
