/**
 * What the pages of one origin tell each other (rule WB29): a browser broadcasts it to all of them, so
 * whatever is not exactly ours, of this version and within its bounds, is nobody's. Values are those
 * that a structured clone gives; what a call is given is read where it is answered (calls.ts).
 */
import { interfaceModes } from '@baton/shared/model/agent/schema'
import * as z from 'zod/mini'
import {
  maxTabAnswerUnits,
  maxTabAskUnits,
  maxTabDepth,
  maxTabWordUnits,
  tabBatch,
} from './limits.ts'

/** Pages of another version leave each other alone: a number per change of what stands below. */
export const tabVersion = 1

const id = z.string().check(z.regex(/^[0-9a-f]{16}$/))
const count = z.int().check(z.minimum(0))
const text = (max: number) => z.string().check(z.maxLength(max))
const device = z.string().check(z.regex(/^[\w-]{43}$/))
const session = z.string().check(z.regex(/^[\w-]{22}$/))
const mode = z.enum(interfaceModes)
const list = z.array(z.unknown())

/** Something of the mesh changed: what all pages hear of it. */
const changeShape = z.object({
  kind: z.enum(['device', 'session', 'received', 'signaling', 'notice', 'handoff']),
  session: z.optional(session),
  message: z.optional(text(4096)),
  /** A request that waits for an answer of this device. */
  waits: z.optional(z.boolean()),
})
export type MeshChange = z.infer<typeof changeShape>

const errorShape = z.object({
  code: text(64),
  message: text(4096),
  hint: z.optional(text(4096)),
})
export type TabError = z.infer<typeof errorShape>

const kindOf = <K extends string, S extends z.core.$ZodLooseShape>(kind: K, shape: S) =>
  z.object({ baton: z.literal(tabVersion), from: id, kind: z.literal(kind), ...shape })

const shapes = z.discriminatedUnion('kind', [
  /** A page is there, or shows itself otherwise. `fresh`: it knows nobody yet. */
  kindOf('mode_change', { mode, front: z.boolean(), fresh: z.optional(z.boolean()) }),
  /** A page goes. */
  kindOf('mode_closing', { mode }),
  /** Who leads? Also how a page finds out whether the leader still answers. */
  kindOf('sync_request', {}),
  /** By the leader: it stands under this term, 0 while it opens the store, and what changed. */
  kindOf('session_update', {
    term: count,
    device: z.optional(device),
    change: z.optional(changeShape),
  }),
  /** The leader lets go, or another page takes its place: the one begins as the other ends. */
  kindOf('handoff_init', {}),
  kindOf('ask', { to: id, ask: count, name: text(32), args: list.check(z.maxLength(4)) }),
  kindOf('answer', {
    to: id,
    ask: count,
    value: z.optional(z.unknown()),
    error: z.optional(errorShape),
  }),
  /** Of something that is followed; `over` with the last. */
  kindOf('events', {
    to: id,
    ask: count,
    events: list.check(z.maxLength(tabBatch)),
    over: z.boolean(),
    error: z.optional(errorShape),
  }),
  /** There is room for the next events. */
  kindOf('more', { to: id, ask: count }),
  /** `drop`: nobody reads how it ends. */
  kindOf('cancel', { to: id, ask: count, drop: z.boolean() }),
  /** The answer of a person to something that is followed. */
  kindOf('reply', { to: id, ask: count, yes: z.boolean() }),
])

export type TabMessage = z.infer<typeof shapes>
export type TabKind = TabMessage['kind']
type Without<M, K extends PropertyKey> = M extends unknown ? Omit<M, K> : never
/** As it is said: who says it, and in which version, is put to it. */
export type TabWord = Without<TabMessage, 'baton' | 'from'>

const budgets: Partial<Record<string, number>> = {
  ask: maxTabAskUnits,
  answer: maxTabAnswerUnits,
  events: maxTabAnswerUnits,
}

/** Undefined for what is not ours. */
export function readTabMessage(raw: unknown): TabMessage | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const { baton, kind } = raw as { readonly baton?: unknown; readonly kind?: unknown }
  if (baton !== tabVersion || typeof kind !== 'string') return undefined
  const budget = Object.hasOwn(budgets, kind) ? budgets[kind] : maxTabWordUnits
  if (!isWithin(raw, budget ?? maxTabWordUnits)) return undefined
  const parsed = shapes.safeParse(raw)
  return parsed.success ? parsed.data : undefined
}

/**
 * Plain values of at most so many units, not nested beyond `maxTabDepth`: maps, lists, texts, bytes,
 * numbers, yes, no and nothing. Ends early, also for what contains itself.
 */
export function isWithin(value: unknown, units: number): boolean {
  let left = units
  const stack: [value: unknown, depth: number][] = [[value, 0]]
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [each, depth] = next
    left -= 8
    if (typeof each === 'string') left -= each.length
    else if (typeof each === 'object' && each !== null) {
      if (each instanceof Uint8Array) left -= each.length
      else {
        if (depth >= maxTabDepth) return false
        if (Array.isArray(each)) {
          // Before anything is walked: a list may be long and empty.
          if (each.length * 8 > left) return false
          for (const part of each) stack.push([part, depth + 1])
        } else {
          const kind: unknown = Object.getPrototypeOf(each)
          if (kind !== Object.prototype && kind !== null) return false
          for (const [name, part] of Object.entries(each)) {
            left -= name.length
            stack.push([part, depth + 1])
          }
        }
      }
    }
    if (left < 0) return false
  }
  return true
}
