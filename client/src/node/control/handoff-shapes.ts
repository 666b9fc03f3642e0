/** Handing sessions over, as it crosses the control socket (rule CS3). */
import { interfaceModes } from '@baton/shared/model/agent/schema'
import {
  handoffKinds,
  handoffPolicies,
  handoffReasons,
  handoffStates,
} from '@baton/shared/protocol/handoff'
import * as z from 'zod/mini'
import { resumeWords } from '../../core/handoffs-api.ts'
import type {
  BesideRow,
  HandoffEvent,
  HandoffRow,
  HoldingRow,
  PlaceWhere,
} from '../../core/mesh-api.ts'

const text = (max: number) => z.string().check(z.maxLength(max))
const id = z.string().check(z.regex(/^[\w-]{1,128}$/))
const ref = text(200)
const count = z.number()
const kind = z.enum(handoffKinds)

/** The schema checks; the cast says that a key JSON left out reads as undefined. */
const row = <T>(schema: z.ZodMiniType): z.ZodMiniType<T> => schema as unknown as z.ZodMiniType<T>

export const handoffShape = z.object({
  ...{ id, kind, session: id, title: z.optional(text(1024)), from: id, to: id, askedBy: id },
  ...{ at: count, expiresAt: count, state: z.enum(handoffStates) },
  reason: z.optional(z.enum(handoffReasons)),
  waitsForUs: z.boolean(),
  mode: z.optional(z.enum(interfaceModes)),
})

const holdingShape = z.object({
  ...{ session: id, held: z.boolean(), holder: z.optional(id), epoch: count },
  ...{ passingTo: z.optional(id), split: z.boolean(), watched: z.optional(z.boolean()) },
})

const besideShape = z.object({
  ...{ device: id, epoch: count, reason: z.enum(['fenced', 'split', 'not-holder']) },
  ...{ messages: count, from: count, to: count },
})

export const handoffEvents = z.discriminatedUnion('at', [
  z.object({
    at: z.enum(['asking', 'waiting', 'accepted', 'open', 'carrying', 'signed']),
    handoff: handoffShape,
  }),
  z.object({
    at: z.literal('done'),
    handoff: z.optional(handoffShape),
    holding: holdingShape,
    pauseMs: z.optional(count),
    placed: z.optional(z.object({ path: text(8192), resume: text(32_768) })),
    unplaced: z.optional(text(8192)),
  }),
  z.object({
    ...{ at: z.literal('failed'), code: text(64), message: text(4096) },
    hint: z.optional(text(4096)),
  }),
])

const done = row<object>(z.object({}))

export const handoffCalls = {
  handoffs: {
    request: z.object({}),
    reply: row<HandoffRow[]>(z.array(handoffShape).check(z.maxLength(10_000))),
  },
  holding: { request: z.object({ ref }), reply: row<HoldingRow>(holdingShape) },
  beside: {
    request: z.object({ ref }),
    reply: row<BesideRow[]>(z.array(besideShape).check(z.maxLength(10_000))),
  },
  branchOff: {
    request: z.object({ ref, device: id, epoch: count }),
    reply: z.object({ session: id }),
  },
  continueBranch: {
    request: z.object({ ref, name: text(200), where: z.lazy(() => where) }),
    reply: z.object({ path: text(8192), resume: text(32_768) }),
  },
  handoffAnswer: { request: z.object({ id: ref, accept: z.boolean() }), reply: done },
  handoffCancel: { request: z.object({ id: ref }), reply: done },
  /** Without a policy it is told, and not set. */
  handoffPolicy: {
    request: z.object({ device: z.optional(id), policy: z.optional(z.enum(handoffPolicies)) }),
    reply: z.object({ policy: z.enum(handoffPolicies) }),
  },
  handoffResume: { request: z.object({ id: ref }), reply: z.object({ word: z.enum(resumeWords) }) },
  resumePolicy: {
    request: z.object({ device: z.optional(id), policy: z.optional(z.enum(handoffPolicies)) }),
    reply: z.object({ policy: z.enum(handoffPolicies) }),
  },
}

const path = text(4096)
const where = z.optional(
  z.object({
    maps: z.array(z.object({ from: path, to: path })).check(z.maxLength(64)),
    project: z.optional(path),
  }),
)

/** As the mesh takes it: without what JSON left out. */
export const placeWhere = (given: z.infer<typeof where>): { where?: PlaceWhere } => {
  if (!given) return {}
  const { maps, project } = given
  return { where: { maps, ...(project === undefined ? {} : { project }) } }
}

export const handoffStreams = {
  hand: {
    request: z.object({ ref, to: id, kind, where }),
    event: row<HandoffEvent>(handoffEvents),
  },
  take: {
    request: z.object({ ref, kind, force: z.boolean(), where }),
    event: row<HandoffEvent>(handoffEvents),
  },
}
