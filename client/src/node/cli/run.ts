/**
 * `baton run`: an agent that speaks ACP, driven in a session (rules AC12 to AC14). Who types is whoever
 * sits here, and whoever writes into the session's inbox from another device.
 */
import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { cleanText } from '@baton/shared/clean-text'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { createAcpClient } from '../../core/acp/client.ts'
import { createHost, type Host } from '../../core/acp/host.ts'
import { type Pen, takePen } from '../acp/pen.ts'
import { startAgent } from '../acp/process.ts'
import { createClock } from '../platform.ts'
import { packageVersion } from '../version.ts'
import type { Context } from './command.ts'
import { exitField } from './exit.ts'
import { createLiveScreen } from './live-screen.ts'
import { titleOf } from './new.ts'
import { askPermission } from './permission.ts'
import { ensureRunning } from './running.ts'
import { createSpeakers, type Heard } from './speakers.ts'
import { plural } from './units.ts'

export interface RunOptions {
  readonly session?: string
  readonly title?: string
  readonly prompt?: string
  readonly stay?: boolean
}

/** Resolves with the exit code: 1 when the last turn failed. */
export async function run(
  context: Context,
  command: readonly string[],
  options: RunOptions,
): Promise<number> {
  const { terminal, control, cwd } = context
  const [program = '', ...args] = command
  const named = titleOf(options.title)
  await ensureRunning(context)
  const agentName = cleanText(basename(program), 60) ?? 'agent'
  const title = named.title ?? `${agentName} in ${basename(cwd)}`.slice(0, 120)
  const made = options.session === undefined
  const ref = made
    ? (await control().call('create', { title, agent: agentName })).session
    : (options.session as string)
  const pen = await takePen(control(), ref)
  const { session } = pen
  terminal.object({ type: 'event', at: 'session', session, driven: true })
  const { dim } = terminal.note
  terminal.tell(dim(`session ${session}: baton watch ${session.slice(0, 8)} reads along`))
  tellLeft(context, pen)

  const screen = createLiveScreen(terminal)
  const show: Parameters<typeof createHost>[0]['show'] = (event) => {
    terminal.object({ type: 'event', ...event })
    screen.show(event)
  }
  const note = (text: string) => {
    terminal.object({ type: 'event', at: 'note', text })
    terminal.tell(dim(`  ${text}`))
  }
  const load = pen.known && { session: pen.known.session, agent: pen.known.agent }
  const runId = randomBytes(4).toString('hex')
  const client = createAcpClient({ cwd, version: packageVersion(), run: runId, load })
  let feed: Host['feed'] = async () => undefined
  const agent = await startAgent({ command: program, args, cwd, env: context.env }, (input) =>
    feed(input),
  ).catch(async (error: unknown) => {
    await pen.close()
    throw error
  })
  const host = createHost({
    ...{ client, pen, show, note, clock: createClock(), send: agent.send },
    end: () => void agent.end(),
    ask: (call, offered, done) => askPermission(terminal, { call, options: offered, note }, done),
  })
  feed = host.feed
  const speakers = createSpeakers(context, options)
  pen.onInput(speakers.hear)
  const undo = context.onInterrupt((signal) => {
    if (signal === 'SIGINT' && client.phase() === 'turn' && speakers.interrupt()) {
      host.cancel()
      return true
    }
    speakers.stop()
    if (client.phase() !== 'idle') void agent.end()
    return signal !== 'SIGINT' || client.phase() === 'idle'
  })
  try {
    const lost = pen.lost.catch((error: unknown) => speakers.fail(error as Error))
    void lost
    void host.failed.then(() => speakers.fail(host.failure() as Error))
    await host.start(pen.known?.after)
    const last = await converse(host, speakers, show, note)
    screen.end()
    const exit = last === 'failed' ? 1 : 0
    terminal.object({ type: 'result', ok: true, ...exitField(exit), session })
    return exit
  } catch (error) {
    screen.end()
    throw speakers.stopped() ? error : withWay(error, session, command)
  } finally {
    undo()
    speakers.close()
    await agent.end()
    await pen.close()
  }
}

/** One turn after the other, until nobody says anything more. How the last one ended. */
async function converse(
  host: Host,
  speakers: ReturnType<typeof createSpeakers>,
  show: Parameters<typeof createHost>[0]['show'],
  note: (text: string) => void,
): Promise<string> {
  let last = 'whole'
  for (;;) {
    const heard: Heard | undefined = await speakers.next()
    if (heard === undefined) return last
    const { text, consumes, typed } = heard
    if (!typed) {
      const said = { id: consumes ?? 'typed', role: 'user', text, state: 'whole' } as const
      show({ at: 'message', device: '' as never, time: 0, ...said })
    }
    speakers.begin()
    const { ended, reason } = await host.prompt(text, consumes)
    speakers.end()
    const failure = host.failure()
    if (failure) throw failure
    last = ended
    if (ended === 'cancelled') note('the turn was cancelled')
    if (ended === 'failed') note(`the turn came to no end: ${reason}`)
  }
}

function tellLeft({ terminal }: Context, { leftOpen }: Pen): void {
  if (leftOpen.length === 0) return
  const names = leftOpen.slice(0, 3).map((name) => cleanText(name, 60) ?? 'tool')
  const more = leftOpen.length > names.length ? ', …' : ''
  const calls = plural(leftOpen.length, 'tool call')
  terminal.warn(
    `warning: ${calls} of an earlier run (${names.join(', ')}${more}) may or may not have run: nobody told. They are not run again.`,
  )
}

/** How to go on with what is kept. */
function withWay(error: unknown, session: string, command: readonly string[]): unknown {
  const known = isBatonError(error) && error.hint === undefined && error.code !== 'cancelled'
  if (!known) return error
  const line = cleanText(command.join(' '), 200) ?? ''
  return new BatonError(error.code, error.message, {
    hint: `what was said is kept; go on with: baton run --session ${session.slice(0, 8)} ${line}`,
  })
}
