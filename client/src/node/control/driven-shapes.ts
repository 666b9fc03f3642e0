/** Driven sessions as they cross the control socket (rule CS3). */
import { toolStatuses } from '@baton/shared/model/document-entries'
import * as z from 'zod/mini'
import { type AgentLink, type DriveInput, type LiveEvent, speakers } from '../../core/driven-api.ts'

/** One request of text: what a person pastes, or what came of an agent at once. */
export const maxSaidBytes = 1024 * 1024

const text = (max: number) => z.string().check(z.maxLength(max))
const word = text(64)
const line = text(1024)
const ref = text(200)
const said = text(maxSaidBytes)
const id = text(1024)
const list = <T extends z.ZodMiniType>(of: T, max: number) => z.array(of).check(z.maxLength(max))

const role = z.enum(speakers)
const callShape = {
  call: id,
  status: z.enum(toolStatuses),
  name: line,
  input: z.optional(text(16 * 1024)),
  output: z.optional(text(16 * 1024)),
}
const planShape = list(
  z.object({ content: line, status: z.enum(['pending', 'in_progress', 'completed']) }),
  100,
)
const failedShape = z.object({
  at: z.literal('failed'),
  code: word,
  message: text(4096),
  hint: z.optional(text(4096)),
})

const flaw = z.optional(z.enum(['missing', 'different']))
const liveShape = z.discriminatedUnion('at', [
  z.object({
    ...{ at: z.literal('session'), session: word, title: z.optional(line), driven: z.boolean() },
  }),
  z.object({
    at: z.literal('message'),
    ...{ id, role: word, device: word, time: z.number(), text: said, flaw },
    state: z.enum(['whole', 'open', 'interrupted', 'retracted']),
  }),
  z.object({ at: z.literal('text'), id, text: said }),
  z.object({ at: z.literal('ended'), id, state: z.enum(['whole', 'interrupted']), flaw }),
  z.object({ at: z.literal('call'), ...callShape }),
  z.object({ at: z.literal('plan'), entries: planShape }),
  z.object({ at: z.literal('input'), id, device: word, text: said }),
  z.object({ at: z.literal('now') }),
  failedShape,
])

const stepShape = z.discriminatedUnion('do', [
  z.object({ do: z.literal('say'), role, text: said, consumes: z.optional(id) }),
  z.object({ do: z.literal('begin'), stream: word, role }),
  z.object({ do: z.literal('text'), stream: word, text: said }),
  z.object({ do: z.enum(['end', 'abort']), stream: word }),
  z.object({ do: z.literal('tool'), ...callShape }),
  z.object({ do: z.literal('plan'), entries: planShape }),
  z.object({ do: z.literal('mode'), mode: line }),
  z.object({ do: z.literal('known'), agent: line, session: line }),
])

/** `task` is what `driveSteps` names; the reading of this stream holds the pen. */
export type DriveEvent =
  | {
      readonly at: 'driving'
      readonly task: string
      readonly session: string
      /** Calls of earlier runs that are `unknown` now, by name. */
      readonly leftOpen: readonly string[]
      readonly known?: AgentLink | undefined
    }
  | ({ readonly at: 'input' } & DriveInput)
  | {
      readonly at: 'failed'
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

const driveShape = z.discriminatedUnion('at', [
  z.object({
    ...{ at: z.literal('driving'), task: word, session: word },
    leftOpen: list(line, 1000),
    known: z.optional(z.object({ agent: line, session: line, after: z.optional(id) })),
  }),
  z.object({ at: z.literal('input'), id, device: word, text: said }),
  failedShape,
])

const row = <T>(schema: z.ZodMiniType): z.ZodMiniType<T> => schema as unknown as z.ZodMiniType<T>
const nothing = row<object>(z.object({}))

export const drivenCalls = {
  create: {
    request: z.object({ title: z.optional(text(200)), agent: z.optional(word) }),
    reply: z.object({ session: word }),
  },
  say: {
    request: z.object({ ref, role, text: said }),
    reply: z.object({ session: word, id, waits: z.boolean() }),
  },
  driveSteps: { request: z.object({ task: word, steps: list(stepShape, 1000) }), reply: nothing },
  driveEnd: { request: z.object({ task: word }), reply: nothing },
  drivePast: {
    request: z.object({ task: word, after: z.optional(id), most: z.number() }),
    reply: z.object({
      messages: list(z.object({ id, role: word, text: said }), 1_000_000),
      left: z.number(),
    }),
  },
}

export const drivenStreams = {
  live: {
    request: z.object({ ref, last: z.int().check(z.minimum(1), z.maximum(10_000)) }),
    event: row<LiveEvent>(liveShape),
  },
  drive: { request: z.object({ ref }), event: row<DriveEvent>(driveShape) },
}
