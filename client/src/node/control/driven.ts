/**
 * Driven sessions over the control socket (rule AC4): the pen is held by whoever reads the stream
 * of `drive`, and is laid down the moment that reader goes, however it went.
 */
import { randomUUID } from 'node:crypto'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { Drive, DrivenDesk, DriveStep, LiveEvent, PastMessage } from '../../core/driven-api.ts'
import type { EventOf, ReplyOf, RequestOf } from './contract.ts'
import type { DriveEvent } from './driven-shapes.ts'
import type { Lines } from './lines.ts'

type Calls = 'create' | 'say' | 'driveSteps' | 'driveEnd' | 'drivePast'
type DrivenAnswers = { [N in Calls]: (request: RequestOf<N>) => Promise<ReplyOf<N>> }

export interface DrivenControl {
  readonly answers: DrivenAnswers
  live(request: RequestOf<'live'>): Lines<EventOf<'live'>>
  drive(request: RequestOf<'drive'>): Lines<EventOf<'drive'>>
}

export function createDrivenControl(desk: DrivenDesk): DrivenControl {
  const pens = new Map<string, Drive>()
  const penOf = (task: string) => {
    const pen = pens.get(task)
    if (pen) return pen
    throw new BatonError('not-found', 'failed to write: nobody holds the pen')
  }

  return {
    answers: {
      create: async ({ title, agent }) => ({
        session: await desk.create({
          ...(title === undefined ? {} : { title }),
          ...(agent === undefined ? {} : { agent }),
        }),
      }),
      say: ({ ref, role, text }) => desk.say(ref, { role, text }),
      async driveSteps({ task, steps }) {
        await penOf(task).apply(steps as readonly DriveStep[])
        return {}
      },
      async driveEnd({ task }) {
        await penOf(task).close()
        return {}
      },
      async drivePast({ task, after, most }) {
        const past = await penOf(task).past(after === undefined ? {} : { after })
        return lastOf(past, most)
      },
    },
    live({ ref, last }) {
      const { events, cancel } = desk.live(ref, { last })
      return { events: events as AsyncIterable<LiveEvent>, cancel }
    },
    drive({ ref }) {
      const task = randomUUID()
      let gone = false
      const layDown = async () => {
        gone = true
        const pen = pens.get(task)
        pens.delete(task)
        await pen?.close()
      }
      async function* events(): AsyncGenerator<DriveEvent> {
        try {
          const pen = await desk.drive(ref)
          pens.set(task, pen)
          // Its reader went while the session was opened.
          if (gone) return
          const leftOpen = pen.leftOpen.slice(0, 1000).map(({ name }) => name)
          yield { at: 'driving', task, session: pen.session, leftOpen, known: pen.known }
          for await (const input of pen.inputs) yield { at: 'input', ...input }
        } catch (error) {
          const known = isBatonError(error)
          const hint = known && error.hint !== undefined ? { hint: error.hint } : {}
          yield {
            at: 'failed',
            code: known ? error.code : 'invalid',
            message: known ? error.message : 'an unexpected error',
            ...hint,
          }
        } finally {
          await layDown()
        }
      }
      return { events: events(), cancel: () => void layDown() }
    },
  }
}

/** The newest messages that fit into `most` UTF-16 units, and how many do not. */
export function lastOf(past: readonly PastMessage[], most: number) {
  let chars = 0
  let from = past.length
  while (from > 0 && chars + (past[from - 1]?.text.length ?? 0) <= most) {
    from -= 1
    chars += past[from]?.text.length ?? 0
  }
  return { messages: past.slice(from), left: from }
}
