/**
 * The `baton` command: reads the arguments, runs one command, and ends with its exit code (rules CL1
 * to CL3). Commands are loaded when they are run.
 */
import { CommanderError } from 'commander'
import { packageVersion } from '../version.ts'
import { type Context, createContext } from './command.ts'
import { exitOf, notUnderstood, type Told, tellable } from './exit.ts'
import { asTyped, disguise } from './operands.ts'
import { buildProgram } from './program.ts'
import { createTerminal, type Terminal } from './terminal.ts'

type Args = readonly (string | undefined)[]
type Options = Readonly<Record<string, never>>
/** Resolves with an exit code other than 0, or nothing. */
type Run = (context: Context, args: Args, options: Options) => Promise<unknown>

const commands: Readonly<Record<string, Run>> = {
  up: async (context, _, options) => (await import('./up.ts')).up(context, options),
  run: async (context, command, options) =>
    (await import('./run.ts')).run(context, command as string[], options),
  down: async (context) => (await import('./up.ts')).down(context),
  pair: async (context, [code], options) =>
    (await import('./pair.ts')).pair(context, code, options),
  devices: async (context) => (await import('./devices.ts')).devices(context),
  rename: async (context, [device = '', name = '']) =>
    (await import('./rename.ts')).rename(context, device, name),
  role: async (context, [device = '', role = '']) =>
    (await import('./authority.ts')).role(context, device, role),
  remove: async (context, [device = ''], options) =>
    (await import('./authority.ts')).remove(context, device, options),
  recovery: async (context, [action, what], options) =>
    (await import('./recovery.ts')).recovery(context, action, what, options),
  sessions: async (context, _, options) =>
    (await import('./sessions.ts')).sessions(context, options),
  new: async (context, [title]) => (await import('./new.ts')).newSession(context, title),
  say: async (context, [ref = '', ...words], options) =>
    (await import('./say.ts')).say(context, ref, words, options),
  watch: async (context, [ref = ''], options) =>
    (await import('./watch.ts')).watch(context, ref, options),
  show: async (context, [ref = ''], options) =>
    (await import('./show.ts')).show(context, ref, options),
  send: async (context, [ref], options) => (await import('./send.ts')).send(context, ref, options),
  handoff: async (context, [ref = ''], options) =>
    (await import('./handoff.ts')).handoff(context, ref, options),
  take: async (context, [ref = ''], options) =>
    (await import('./handoff.ts')).take(context, ref, options),
  invite: async (context, [ref = ''], options) =>
    (await import('./invite.ts')).invite(context, ref, options),
  join: async (context, [link]) => (await import('./join.ts')).join(context, link),
  branches: async (context, [ref = '', branch], options) =>
    (await import('./branches.ts')).branches(context, ref, branch, options),
  handoffs: async (context, [id], options) =>
    (await import('./handoffs.ts')).handoffs(context, id, options),
  receipts: async (context) => (await import('./receipts.ts')).receipts(context),
  export: async (context, [ref = ''], options) =>
    (await import('./archive.ts')).exportSession(context, ref, options),
  import: async (context, [file = ''], options) =>
    (await import('./archive.ts')).importSession(context, file, options),
  lock: async (context, _, options) => (await import('./lock.ts')).lock(context, options),
  conflicts: async (context, [ref, conflict], options) =>
    (await import('./conflicts.ts')).conflicts(context, ref, conflict, options),
  hidden: async (context, [ref = '', entry], options) =>
    (await import('./hidden.ts')).hidden(context, ref, entry, options),
  status: async (context) => (await import('./status.ts')).status(context),
  doctor: async (context, _, options) => (await import('./doctor.ts')).doctor(context, options),
  completion: async (context, [shell = '']) =>
    (await import('./completion.ts')).completion(context, shell),
}

/** `argv` without node and script. Resolves with the exit code; never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = buildProgram(packageVersion(), async (name, args, options) => {
    code = await runCommand(
      name,
      args.map((word) => word && asTyped(word)),
      options,
    )
  })
  if (argv.length === 0) {
    program.outputHelp()
    return 0
  }
  try {
    await program.parseAsync(disguise(argv), { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    // Commander has told people on stderr; who reads JSON is told too, though no option was parsed.
    const json = argv.includes('--json')
    processTerminal(json, false).object(failure(2, notUnderstood(error.message)))
    return 2
  }
}

async function runCommand(name: string, args: Args, options: Readonly<Record<string, unknown>>) {
  const { json, quiet } = options
  const terminal = processTerminal(json === true, quiet === true)
  return withContext(terminal, (context) => commands[name]?.(context, args, options as Options))
}

function processTerminal(json: boolean, quiet: boolean): Terminal {
  const { stdin, stdout, stderr, env } = process
  return createTerminal({ stdin, stdout, stderr, env, json, quiet })
}

/** Runs `work` with everything a command needs; resolves with the exit code, never rejects. */
export async function withContext(
  terminal: Terminal,
  work: (context: Context) => Promise<unknown> | undefined,
): Promise<number> {
  const interrupts = listenForInterrupts(terminal)
  // A pager or `head` that has seen enough: there is nobody left to write to.
  process.stdout.on('error', () => process.exit(0))
  try {
    const code = await work(createContext(terminal, process.env, interrupts.onInterrupt))
    return typeof code === 'number' ? code : 0
  } catch (error) {
    return interrupts.came() ? end(terminal, 130, undefined) : end(terminal, undefined, error)
  } finally {
    interrupts.stop()
  }
}

function end(terminal: Terminal, code: number | undefined, error: unknown): number {
  terminal.wipe()
  const told = error === undefined ? cancelled : tellable(error)
  const exit = code ?? exitOf(told.code)
  terminal.object(failure(exit, told))
  if (error !== undefined) {
    terminal.warn(`${terminal.note.bad('error:')} ${told.message}`)
    if (told.hint !== undefined) terminal.warn(`${terminal.note.dim('hint:')} ${told.hint}`)
  }
  return exit
}

const failure = (exit: number, error: Told) => ({ type: 'result', ok: false, exit, error })

const cancelled = { code: 'cancelled', message: 'interrupted', hint: undefined }

/** The first Ctrl-C lets a command end in order; a second, or one nobody waits for, ends it now. */
function listenForInterrupts(terminal: Terminal) {
  const waiting = new Set<(signal: NodeJS.Signals) => unknown>()
  let came = false
  function onSignal(signal: NodeJS.Signals): void {
    if (signal === 'SIGINT' && (came || waiting.size === 0)) {
      process.exit(end(terminal, 130, undefined))
    }
    came = signal === 'SIGINT'
    for (const run of [...waiting]) if (run(signal) === true) came = false
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  if (process.platform !== 'win32') process.on('SIGHUP', onSignal)
  return {
    came: () => came,
    onInterrupt(run: (signal: NodeJS.Signals) => unknown): () => void {
      waiting.add(run)
      return () => waiting.delete(run)
    },
    stop() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      process.off('SIGHUP', onSignal)
    },
  }
}
