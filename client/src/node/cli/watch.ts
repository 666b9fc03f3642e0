/** `baton watch`: the last screen of a session, then what comes as it comes (rules WA4 to WA6). */
import { cleanText } from '@baton/shared/clean-text'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { Context } from './command.ts'
import { failedAs, usage } from './exit.ts'
import { createLiveScreen } from './live-screen.ts'

const defaultLast = 20
const maxLast = 10_000

export async function watch(
  context: Context,
  ref: string,
  options: { readonly last?: string },
): Promise<void> {
  const { terminal } = context
  const task = context.control().stream('live', { ref, last: lastOf(options.last) })
  let stopped = false
  const undo = context.onInterrupt(() => {
    stopped = true
    task.cancel()
  })
  const screen = createLiveScreen(terminal)
  try {
    for await (const event of task.events) {
      if (event.at === 'failed') throw failedAs(event)
      terminal.object({ type: 'event', ...event })
      if (event.at === 'session') {
        const title = cleanText(event.title ?? '', 120) ?? 'untitled'
        terminal.tell(terminal.note.dim(`${title}, as it goes; Ctrl-C leaves it`))
      }
      screen.show(event)
    }
    if (!stopped) throw wentAway()
  } catch (error) {
    if (!stopped) throw isBatonError(error) ? error : wentAway()
  } finally {
    screen.end()
    undo()
  }
  terminal.object({ type: 'result', ok: true })
}

function lastOf(text: string | undefined): number {
  if (text === undefined) return defaultLast
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= maxLast) return count
  throw usage('failed to read --last: it is a number from 1 on', 'like --last 50')
}

const wentAway = () =>
  new BatonError('not-running', 'the running device went away', {
    hint: 'start it again: baton up; the session is kept',
  })
