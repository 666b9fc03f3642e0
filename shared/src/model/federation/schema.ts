/**
 * The status file of a federation of agents, `active-session.json` (rules FD1 to FD3): who works on
 * what. Where it stands in the document:
 *
 *   session_id, owner, ... and top-level fields of later versions    ['session', name]
 *   agents                  rows 'agents', key: the agent's name, value: a map
 *   tasks                   ['tasks', id, field], the field `id` too
 *   router                  ['router', key]
 *   order of names          ['order'], ['order', 'agents'], ['order', 'agents', name],
 *                           ['order', 'tasks'], ['order', 'tasks', id], ['order', 'router']:
 *                           lists, only where it is another than the one below
 */
import * as z from 'zod/mini'
import { type Known, timeField, type Values } from '../fields.ts'

const text = z.string()
const textOrNull = z.nullable(text)

/** Each shape's names stand in the order of the file. */
export const sessionShape = {
  session_id: text,
  created_at: timeField,
  updated_at: timeField,
  owner: textOrNull,
  sprint: textOrNull,
  status: text,
}

export const agentShape = {
  status: text,
  current_task: textOrNull,
  model: text,
  last_seen: timeField,
  workspace: textOrNull,
}

export const taskShape = {
  id: text,
  description: text,
  assigned_to: textOrNull,
  status: text,
  priority: text,
  created_at: timeField,
  completed_at: z.nullable(timeField),
}

export const routerShape = {
  version: text,
  accuracy: z.nullable(z.number()),
  tier: z.union([z.number(), text]),
  pending_eval: z.boolean(),
}

/** Fields that fit, and those that no shape names. */
export type Level<S extends Record<string, z.ZodMiniType>> = Known<S> & { readonly extra: Values }

export type FederationAgent = Level<typeof agentShape>
export type FederationTask = Level<typeof taskShape> & { readonly id: string }

export interface FederationSession extends Level<typeof sessionShape> {
  /** By name, in the order of the file. */
  readonly agents: ReadonlyMap<string, FederationAgent>
  readonly tasks: readonly FederationTask[]
  readonly router: Level<typeof routerShape>
  /** Values that fit no schema and were left out. */
  readonly malformed: number
}

/** All names of the top level, in the order of the file. */
export const topNames = [...Object.keys(sessionShape), 'agents', 'tasks', 'router'] as const
