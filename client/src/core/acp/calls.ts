/**
 * Tool calls of an agent as they change (rule AC8): each by a name of its own in the session, with all
 * that is known of it, told again only when its status rises.
 */
import { maxCallChars } from '@baton/shared/limits'
import { type ToolStatus, toolStatuses } from '@baton/shared/model/document-entries'
import { clipped } from '../driven/reading.ts'
import type { CallFacts } from '../driven-api.ts'
import type { Block, CallUpdate } from './schema.ts'

export interface Calls {
  /** What to tell of it; undefined when nothing is new. `known`: the call, however it stands. */
  take(update: CallUpdate): { readonly told: CallFacts | undefined; readonly known: CallFacts }
  append(id: string, content: Block | undefined): void
  /** The same with a status of ours, where that is a rise. */
  raise(id: string, status: ToolStatus): CallFacts | undefined
  /** A person said no: it did not run. */
  refuse(id: string): void
  /** Ends what has no end: what surely did not run was cancelled, of the rest nobody knows. */
  settle(): readonly CallFacts[]
  /** How many were begun since the last `settle`. */
  count(): number
}

interface Known {
  facts: CallFacts
  refused: boolean
}

const statuses: Readonly<Record<string, ToolStatus>> = {
  pending: 'proposed',
  in_progress: 'running',
  completed: 'ok',
  failed: 'error',
  cancelled: 'cancelled',
}
const firstEnd = toolStatuses.indexOf('ok')
const rank = (status: ToolStatus) => toolStatuses.indexOf(status)
const isEnd = (status: ToolStatus) => rank(status) >= firstEnd

/** `prefix`: of this run, since an agent counts its calls anew each time. */
export function createCalls(prefix: string): Calls {
  const known = new Map<string, Known>()

  function rise({ facts }: Known, status: ToolStatus): boolean {
    return !isEnd(facts.status) && rank(status) > rank(facts.status)
  }

  return {
    take(update) {
      const id = update.toolCallId
      const before = known.get(id)
      const status = statuses[update.status ?? ''] ?? before?.facts.status ?? 'proposed'
      if (before && isEnd(before.facts.status)) return { told: undefined, known: before.facts }
      const fresh: CallFacts = {
        call: before?.facts.call ?? `${prefix}:${id}`,
        status: before && !rise(before, status) ? before.facts.status : status,
        name: clipped(update.title || update.name || before?.facts.name || 'tool', 200),
        ...part('input', inputOf(update) ?? before?.facts.input),
        ...part('output', outputOf(update) ?? before?.facts.output),
      }
      const told = before === undefined || fresh.status !== before.facts.status
      known.set(id, { facts: fresh, refused: before?.refused ?? false })
      return { told: told ? fresh : undefined, known: fresh }
    },
    append(id, content) {
      const of = known.get(id)
      const more = content && blockText(content)
      if (!of || !more || isEnd(of.facts.status)) return
      const output = clipped((of.facts.output ?? '') + more)
      of.facts = { ...of.facts, output }
    },
    raise(id, status) {
      const of = known.get(id)
      if (!of || !rise(of, status)) return undefined
      of.facts = { ...of.facts, status }
      return of.facts
    },
    refuse(id) {
      const of = known.get(id)
      if (of) of.refused = true
    },
    settle() {
      const ended: CallFacts[] = []
      for (const { facts, refused } of known.values()) {
        if (isEnd(facts.status)) continue
        const idle = refused || facts.status === 'proposed'
        ended.push({ ...facts, status: idle ? 'cancelled' : 'unknown' })
      }
      known.clear()
      return ended
    },
    count: () => known.size,
  }
}

const part = <K extends string>(name: K, text: string | undefined) =>
  (text === undefined ? {} : { [name]: text }) as { readonly [N in K]?: string }

const inputOf = ({ rawInput }: CallUpdate): string | undefined => textOf(rawInput)

/** What it shows, else what it gave back. */
function outputOf({ content, rawOutput }: CallUpdate): string | undefined {
  const shown = (content ?? [])
    .map(({ type, content: block, path }) => {
      if (block !== undefined) return blockText(block)
      return type === 'diff' && path !== undefined ? `changed ${path}` : ''
    })
    .filter((each) => each !== '')
    .join('\n')
  return shown === '' ? textOf(rawOutput) : clipped(shown)
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return clipped(typeof value === 'string' ? value : JSON.stringify(value), maxCallChars)
}

/** What a block says to somebody who reads; of what is no text its name. */
export function blockText({ type, text, uri, name, resource }: Block): string {
  if (text !== undefined) return text
  if (resource !== undefined) return resource.text ?? `[${resource.uri ?? type}]`
  return `[${name ?? uri ?? type}]`
}
