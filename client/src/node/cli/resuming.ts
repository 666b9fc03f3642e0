/**
 * Sessions that came here and are gone on with at once where `up` runs in a terminal (rule UP14): their
 * agent has the terminal until it ends, and what would be told meanwhile waits. One at a time.
 */
import type { ResumeRunner } from '../../core/handoffs-api.ts'
import type { Context } from './command.ts'
import { goOn } from './resume.ts'
import { safeLine } from './safe-text.ts'

export interface ResumingHere {
  /** Undefined where nobody sits at a terminal. */
  readonly runner: ResumeRunner | undefined
  /** An agent has the terminal. */
  isRunning(): boolean
  /** Tells it now, or once the terminal is free again. */
  tell(line: string): void
}

/** Lines that wait at most: the rest is in the lists of what happened. */
const maxWaiting = 200

export function resumeHere(
  { terminal, env }: Pick<Context, 'terminal' | 'env'>,
  /** Takes the terminal away from whoever asks there, and gives it back. */
  hold: (on: boolean) => void,
  run: typeof goOn = goOn,
): ResumingHere {
  const waiting: string[] = []
  let running = false

  async function start(path: string, line: string): Promise<void> {
    running = true
    hold(true)
    terminal.tell(`going on with ${safeLine(path)}`)
    try {
      await run({ terminal, env }, line, true)
    } catch {
      waiting.unshift(`its agent did not start; go on with: ${safeLine(line)}`)
    } finally {
      running = false
      for (const each of waiting.splice(0)) terminal.tell(each)
      hold(false)
    }
  }

  return {
    isRunning: () => running,
    tell(line) {
      if (!running) terminal.tell(line)
      else if (waiting.length < maxWaiting) waiting.push(line)
    },
    runner:
      terminal.asks && !terminal.json
        ? ({ path, resume }) => {
            if (running) return false
            void start(path, resume)
            return true
          }
        : undefined,
  }
}
