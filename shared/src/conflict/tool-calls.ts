/**
 * Tool calls (rules TC1 to TC3): a status only rises, and an end is never left. Two different ends of one
 * call are both kept: it may have run twice.
 */
import { isHeld } from '../model/beginning.ts'
import { type ToolPayload, type ToolStatus, toolStatuses } from '../model/document-entries.ts'
import type { DocumentState } from './document.ts'
import { sameHeld } from './held.ts'
import { holderOf } from './leases.ts'
import { compareWrites, type Write } from './register.ts'

interface Told {
  readonly status: ToolStatus
  readonly write: Write
}

export interface ToolCall {
  readonly call: string
  /** The highest status that was told; of ends, the one shown. */
  readonly status: ToolStatus
  readonly told: Told
  /** Different ends, the one shown first; more than one: it may have run twice. */
  readonly ends: readonly Told[]
}

/**
 * What a call has come to: its status, but `unknown` without an end once the process that told of it
 * tells no more, or another device holds the session. It may have run; nothing runs it again by itself.
 */
export function toolOutcome(
  { followed, cuts, descriptor, holding }: OutcomeFacts,
  { status, ends, told: { write } }: ToolCall,
): ToolStatus {
  if (ends.length > 0) return status
  if (isHeld(descriptor) && holderOf(holding) !== write.device) return 'unknown'
  // Said again, it is the word of a later process about an earlier one.
  const goesOn = !write.again && !followed.has(write.log) && cuts(write.log) === undefined
  return goesOn ? status : 'unknown'
}

type OutcomeFacts = Pick<DocumentState, 'followed' | 'cuts' | 'descriptor' | 'holding'>

const firstEnd = toolStatuses.indexOf('ok')
const rank = (status: ToolStatus): number => Math.min(toolStatuses.indexOf(status), firstEnd)

export function foldTool(tools: Map<string, ToolCall>, payload: ToolPayload, write: Write): void {
  const { call, status } = payload
  const told: Told = { status, write }
  const known = tools.get(call)
  const ends = rank(status) < firstEnd ? (known?.ends ?? []) : withEnd(known?.ends ?? [], told)
  const best = ends[0] ?? higher(known?.told, told)
  tools.set(call, { call, status: best.status, told: best, ends })
}

/** Equal ends are one, told by the earliest. */
function withEnd(ends: readonly Told[], told: Told): readonly Told[] {
  const same = ends.find((each) => sameEnd(each, told))
  if (same && !earlier(told, same)) return ends
  return [...ends.filter((each) => each !== same), told].sort(byTime)
}

const sameEnd = (a: Told, b: Told): boolean =>
  a.status === b.status && sameHeld(a.write.held, b.write.held)

function higher(a: Told | undefined, b: Told): Told {
  if (a === undefined || rank(b.status) > rank(a.status)) return b
  // The same word again: the earliest to say it.
  return rank(b.status) === rank(a.status) && earlier(b, a) ? b : a
}

const earlier = (a: Told, b: Told): boolean => compareWrites(a.write, b.write) > 0
const byTime = (a: Told, b: Told): number => compareWrites(b.write, a.write)
