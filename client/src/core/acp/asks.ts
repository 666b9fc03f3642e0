/**
 * Questions of an agent (rule AC7): each is a person's to answer, once, and nothing is allowed by itself.
 * The call that is asked about is in the session before the person sees the question, and approved there
 * before the agent hears of it.
 */

import type { Calls } from './calls.ts'
import { maxAcpAsks } from './limits.ts'
import type { Outbox } from './outbox.ts'
import { permissionSchema, type RequestId } from './schema.ts'

export interface Asks {
  /** `session`: whose question may be asked now; undefined when none may. */
  heard(id: RequestId, params: unknown, session: string | undefined): void
  /** Without an option, declined. True when nobody is asked any more. */
  answer(id: RequestId, option: string | undefined): boolean
  /** Nobody needs to answer; `tell`: the agent still waits. */
  drop(tell: boolean): void
}

interface Ask {
  readonly call: string
  readonly allows: ReadonlySet<string>
  readonly offered: ReadonlySet<string>
}

export function createAsks(out: Outbox, calls: Calls): Asks {
  const open = new Map<RequestId, Ask>()

  return {
    heard(id, params, session) {
      const parsed = permissionSchema.safeParse(params)
      if (!parsed.success) {
        out.send({ id, error: { code: -32602, message: 'invalid params' } })
        return
      }
      // One answer serves both.
      if (open.has(id)) return
      const { sessionId, toolCall, subject, title, options } = parsed.data
      if (sessionId !== session || open.size >= maxAcpAsks) {
        out.decline(id)
        return
      }
      const about = toolCall ?? subject?.toolCall ?? { toolCallId: `asked ${id}`, title }
      const { told, known } = calls.take(about)
      if (told) out.emit({ do: 'call', call: told })
      const allows = options.filter(({ kind }) => kind?.startsWith('allow'))
      open.set(id, {
        call: about.toolCallId,
        allows: new Set(allows.map(({ optionId }) => optionId)),
        offered: new Set(options.map(({ optionId }) => optionId)),
      })
      // A person may take their time.
      out.timer()
      out.emit({ do: 'ask', request: id, call: known, options })
    },
    answer(id, option) {
      const of = open.get(id)
      if (!of) return false
      open.delete(id)
      if (option === undefined || !of.offered.has(option)) {
        calls.refuse(of.call)
        out.decline(id)
        return open.size === 0
      }
      if (of.allows.has(option)) {
        const approved = calls.raise(of.call, 'approved')
        if (approved) out.emit({ do: 'call', call: approved })
      } else calls.refuse(of.call)
      out.send({ id, result: { outcome: { outcome: 'selected', optionId: option } } })
      return open.size === 0
    },
    drop(tell) {
      for (const [id, { call }] of open) {
        calls.refuse(call)
        out.emit({ do: 'unask', request: id })
        if (tell) out.decline(id)
      }
      open.clear()
    },
  }
}
