/**
 * `npm start` (rules UP4 to UP7): this device with a signaling service of its own, the sessions it
 * finds, a pairing code, and once the tour. It stays up until it is ended.
 */
import { Command, CommanderError, Option } from 'commander'
import { askCode } from '../cli/ask-code.ts'
import type { Context } from '../cli/command.ts'
import { tellable } from '../cli/exit.ts'
import { type LaunchOptions, launchOptions } from '../cli/launch.ts'
import { withContext } from '../cli/main.ts'
import { follow } from '../cli/pair.ts'
import { withHint } from '../cli/program.ts'
import { createTerminal } from '../cli/terminal.ts'
import { untilStopped } from '../cli/up.ts'
import { type Daemon, openDaemon } from '../daemon.ts'
import { createInvitation } from './invitation.ts'
import { sampleSources } from './sample.ts'
import { showHome } from './screen.ts'
import { hasToured, runTour } from './tour.ts'

export interface StartOptions extends LaunchOptions {
  readonly join?: boolean
  readonly tour?: boolean
  readonly qr?: boolean
}

/** `argv` without node and script. Resolves with the exit code; never rejects. */
export async function start(argv: readonly string[]): Promise<number> {
  let options: StartOptions
  try {
    options = parse(argv)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : 2
  }
  const { stdin, stdout, stderr, env } = process
  // All of it is the screen; errors alone go to stderr.
  const streams = { stdin, stdout, stderr, beside: stdout }
  const terminal = createTerminal({ ...streams, env, json: false, quiet: false })
  return withContext(terminal, (context) => run(context, options))
}

async function run(context: Context, options: StartOptions): Promise<void> {
  const { terminal, places } = context
  const launch = launchOptions(context, options)
  const code = options.join === true ? await askCode(terminal, terminal.asks ? undefined : '-') : ''
  const tours = options.join !== true && options.tour !== false && !hasToured(places.state)
  const sample = options.join === true ? {} : { sources: sampleSources }
  const daemon = await openDaemon({ ...launch, ...sample })
  let over = false
  const stopped = untilStopped(context, daemon).finally(() => {
    over = true
  })
  await showHome(context, daemon)
  if (options.join === true) await join(context, daemon, code)
  else await offer(context, daemon, { tours, qr: options.qr !== false, over: () => over })
  await stopped
  terminal.tell('stopped')
}

async function join(context: Context, { mesh, facts }: Daemon, code: string): Promise<void> {
  try {
    await follow(context, mesh.join(code, { confirm: facts.confirm }), { server: undefined })
  } catch (error) {
    const { message, hint } = tellable(error)
    context.terminal.warn(`${context.terminal.note.bad('error:')} ${message}`)
    if (hint !== undefined) context.terminal.warn(`${context.terminal.note.dim('hint:')} ${hint}`)
    context.terminal.tell(
      'this device stays up; another code: node client/bin/baton.mjs pair --join',
    )
  }
}

async function offer(
  context: Context,
  daemon: Daemon,
  { tours, qr, over }: { tours: boolean; qr: boolean; over(): boolean },
): Promise<void> {
  const invitation = createInvitation(context, daemon, { qr })
  const shown = await invitation.show()
  if (tours && shown && !over()) await runTour(context, daemon)
  if (!over()) invitation.wait()
}

function parse(argv: readonly string[]): StartOptions {
  const program = new Command('npm start --')
    .description('runs this device, shows a pairing code and, once, a tour')
    .option('--join', 'type the code that the other device shows')
    .option('--signal <url>', 'meet at this service, remembered; "own": run one here again')
    .option('--lan', 'open the service to this network')
    .option('--host <address>', 'address of the service')
    .option('--port <port>', 'port of the service; else 7370, or any that is free')
    .option('--tls <files...>', 'https, for phones too: a certificate and its key, in PEM form')
    .option('--public <url>', 'https address of a tunnel that leads here')
    .option('--name <name>', 'what other devices call this one; remembered')
    .option('--ice <server...>', 'stun: or turn: URLs, or a JSON file with credentials; remembered')
    .addOption(
      new Option('--policy <policy>', 'how peers may connect; remembered').choices([
        'auto',
        'direct',
        'relay',
      ]),
    )
    .option('--confirm', 'pairing waits for a yes to the pictures; remembered')
    .option('--no-confirm', 'it does not')
    .option('--notify', 'the desktop tells of requests that wait for an answer; remembered')
    .option('--no-notify', 'it does not')
    .option('--no-tour', 'no tour')
    .option('--no-qr', 'no QR code')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(withHint(text, 'npm start -- --help lists what there is')),
    })
  program.parse(argv, { from: 'user' })
  return program.opts<StartOptions>()
}
