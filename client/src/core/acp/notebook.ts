/**
 * What an agent says, as steps of the pen (rule AC9): text in streams that begin and end where other things
 * are said, written in batches as large as the session takes them, in order.
 */
import type { CallFacts, DriveStep, LiveEvent } from '../driven-api.ts'

export interface Notebook {
  write(step: DriveStep): Promise<void>
  text(role: 'assistant' | 'thought', message: string | undefined, text: string): Promise<void>
  call(call: CallFacts): Promise<void>
  /** The message that is open ends, whole or broken off. */
  close(whole: boolean): Promise<void>
  /** Everything so far is taken by the session. Rejects with what it refused. */
  flush(): Promise<void>
}

/** UTF-16 units of text that wait for the session before the agent has to; and those of one step. */
const windowChars = 256 * 1024
const stepChars = 64 * 1024
const maxSteps = 500

interface Open {
  readonly stream: string
  readonly role: string
  readonly message: string | undefined
}

/** `show`: what a person who sits here sees, before it is on disk. */
export function createNotebook(
  apply: (steps: readonly DriveStep[]) => Promise<void>,
  show: (event: LiveEvent) => void,
): Notebook {
  const begun = new Set<string>()
  const waiting: DriveStep[] = []
  let chars = 0
  let flight: Promise<void> | undefined
  let open: Open | undefined
  let streams = 0
  /** Once it took a step not, what comes after it would stand in the wrong place. */
  let refused: { readonly error: unknown } | undefined

  /** One batch after the other; what came meanwhile goes with the next. */
  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxSteps)
      await apply(batch)
      for (const step of batch) if (step.do === 'text') chars -= step.text.length
    }
  }

  function start(): Promise<void> {
    if (refused) return Promise.reject(refused.error)
    flight ??= drain()
      .catch((error: unknown) => {
        refused = { error }
        throw error
      })
      .finally(() => {
        flight = undefined
      })
    return flight
  }

  async function push(...steps: readonly DriveStep[]): Promise<void> {
    if (refused) throw refused.error
    waiting.push(...steps)
    const running = start()
    // Who is told of a failure is whoever asks next.
    running.catch(() => undefined)
    if (chars >= windowChars) await running
  }

  async function close(whole: boolean): Promise<void> {
    if (!open) return
    const { stream } = open
    open = undefined
    show({ at: 'ended', id: stream, state: whole ? 'whole' : 'interrupted' })
    await push({ do: whole ? 'end' : 'abort', stream })
  }

  return {
    write: async (step) => {
      await close(true)
      await push(step)
    },
    async text(role, message, text) {
      const same = open?.role === role && (message === undefined || open.message === message)
      if (!open || !same) {
        await close(true)
        streams += 1
        open = { stream: `s${streams}`, role, message }
        await push({ do: 'begin', stream: open.stream, role })
        const event = { id: open.stream, role, time: 0, text: '', state: 'open' } as const
        show({ at: 'message', device: '' as never, ...event })
      }
      const { stream } = open
      show({ at: 'text', id: stream, text })
      for (let at = 0; at < text.length; at += stepChars) {
        const part = text.slice(at, at + stepChars)
        chars += part.length
        await push({ do: 'text', stream, text: part })
      }
    },
    async call(call) {
      if (!begun.has(call.call)) {
        begun.add(call.call)
        await close(true)
      }
      show({ at: 'call', ...call })
      await push({ do: 'tool', ...call })
    },
    close,
    async flush() {
      while (refused || flight || waiting.length > 0) await start()
    },
  }
}
