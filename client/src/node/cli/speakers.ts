/**
 * Who says something to an agent that is driven here (rule AC12): a person at this terminal, lines of a
 * pipe, and the inbox. One message at a time, those of the inbox first.
 */
import { createInterface } from 'node:readline'
import type { DriveInput } from '../../core/driven-api.ts'
import { askLine } from './ask-line.ts'
import type { Context } from './command.ts'

export interface Heard {
  readonly text: string
  /** The input of the inbox that it is. */
  readonly consumes?: string
  /** It stands on the screen already. */
  readonly typed?: boolean
}

export interface Speakers {
  /** Undefined when nobody says anything more. Rejects with what `fail` was given. */
  next(): Promise<Heard | undefined>
  hear(input: DriveInput): void
  /** A turn begins, and ends: what an interruption means depends on it. */
  begin(): void
  end(): void
  /** True for the first of a turn. */
  interrupt(): boolean
  /** Nobody says anything more. */
  stop(): void
  stopped(): boolean
  fail(error: Error): void
  close(): void
}

export function createSpeakers(
  { terminal }: Context,
  options: { readonly prompt?: string; readonly stay?: boolean },
): Speakers {
  const inbox: DriveInput[] = []
  let given = options.prompt
  let typing = terminal.asks
  let draft = ''
  let failure: Error | undefined
  let over = false
  let interrupted = false
  let wake = () => {}
  const piped = typing || options.prompt !== undefined ? undefined : linesOf(terminal.stdin)

  /** What is said next by whoever types; undefined for nobody, and for what came first. */
  async function typed(): Promise<Heard | undefined> {
    const abort = new AbortController()
    wake = () => abort.abort()
    const answer = await askLine(terminal, draft, abort.signal)
    draft = answer.at === 'interrupted' ? answer.text : ''
    if (answer.at === 'end') typing = false
    return answer.at === 'line' && answer.text.trim() !== ''
      ? { text: answer.text, typed: true }
      : undefined
  }

  function fromInbox(): Heard | undefined {
    const input = inbox.shift()
    return input && { text: input.text, consumes: input.id }
  }

  async function next(): Promise<Heard | undefined> {
    for (;;) {
      if (failure) throw failure
      if (over) return undefined
      const waiting = fromInbox()
      if (waiting) return waiting
      if (given !== undefined) {
        const text = given
        given = undefined
        return { text }
      }
      const line = piped?.take()
      if (line !== undefined) return { text: line }
      if (typing) {
        const said = await typed()
        if (said) return said
      } else if (piped?.ended() === false || options.stay === true) {
        await new Promise<void>((resolve) => {
          wake = resolve
          piped?.onLine(resolve)
        })
      } else return undefined
    }
  }

  return {
    next,
    hear(input) {
      inbox.push(input)
      wake()
    },
    begin() {
      interrupted = false
    },
    end() {
      interrupted = false
    },
    interrupt() {
      const first = !interrupted
      interrupted = true
      return first
    },
    stop() {
      over = true
      wake()
    },
    stopped: () => over,
    fail(error) {
      failure ??= error
      wake()
    },
    close() {
      over = true
      piped?.close()
      terminal.stdin.pause()
    },
  }
}

/** Lines of a pipe, each a message; what is blank is none. */
function linesOf(stdin: NodeJS.ReadStream) {
  const kept: string[] = []
  let done = false
  let tell = () => {}
  const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })
  lines.on('line', (line) => {
    if (line.trim() !== '') kept.push(line)
    tell()
  })
  lines.once('close', () => {
    done = true
    tell()
  })
  return {
    take: () => kept.shift(),
    ended: () => done && kept.length === 0,
    onLine(run: () => void) {
      tell = run
      if (done || kept.length > 0) run()
    },
    close: () => lines.close(),
  }
}
