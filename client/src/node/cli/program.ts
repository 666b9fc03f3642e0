/**
 * The commands, their arguments and options, as data for commander (rule CL12): help, completion and
 * the README's table are all made from here. What a command does is loaded when it is run.
 */
import { interfaceModes } from '@baton/shared/model/agent/schema'
import { handoffPolicies } from '@baton/shared/protocol/handoff'
import { roles } from '@baton/shared/roster/authority'
import { Argument, Command, Help, Option } from 'commander'
import { speakers } from '../../core/driven-api.ts'
import { exitCodes, notUnderstood } from './exit.ts'

export const recoveryActions = ['list', 'make', 'check', 'use', 'replace', 'end'] as const

/** Runs one command; `args` are its arguments in order, without the options. */
export type Runner = (
  name: string,
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
) => Promise<void>

const many = (value: string, before: readonly string[] | undefined) => [...(before ?? []), value]

export function buildProgram(version: string, run: Runner): Command {
  const program = new Command('baton')
    .description('hands a live agent session from one of your devices to another, directly')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(withHint(text)),
    })
  program.addHelpText('after', '\nExit codes: baton help exit-codes')

  const add = (usage: string, description: string) => {
    const command = program.command(usage).description(description)
    command.option('--json', 'data as JSON lines, one result last; never asks')
    command.option('-q, --quiet', 'nothing but data, warnings and errors')
    command.action(async (...given: unknown[]) => {
      const options = given.at(-2) as Record<string, unknown>
      await run(command.name(), given.slice(0, -2).flat() as (string | undefined)[], options)
    })
    return command
  }
  const service = (command: Command) =>
    command
      .option('--signal <url>', 'the service devices meet at, remembered; "own": run it here again')
      .option('--lan', 'run the service here, open to this network')
      .option('--host <address>', 'run the service here, on this address')
      .option('--port <port>', 'run the service here, on this port')
      .option(
        '--tls <files...>',
        'run the service here by https, for phones too: a certificate and its key, in PEM form',
      )
      .option('--public <url>', 'run the service here, behind a tunnel with that https address')
      .option(
        '--ice <server...>',
        'stun: or turn: URLs, or a JSON file with credentials; remembered',
      )
      .addOption(
        new Option('--policy <policy>', 'how peers may connect; remembered').choices([
          'auto',
          'direct',
          'relay',
        ]),
      )
      .option('--name <name>', 'what other devices call this one; remembered')
      .option('--confirm', 'pairing waits for a yes to the pictures; remembered')
      .option('--no-confirm', 'it does not')
      .option('--notify', 'the desktop tells of requests that wait for an answer; remembered')
      .option('--no-notify', 'it does not')

  service(add('up', 'run this device')).option('-d, --daemon', 'in the background')
  add('down', 'stop this device')
  add('pair', 'pair with another device: show a code, or type one')
    .argument('[code]', 'the code of the other device, or - to read it from stdin')
    .option('--join', 'type the code that the other device shows')
    .option('--show', 'show a code, without asking')
    .option('--confirm', 'wait for a yes to the pictures')
    .option('--no-qr', 'no QR code')
    .option('--signal <url>', 'the service to start this device with, if it is not running')
  add('devices', 'list the paired devices')
  add('rename', 'call a device something else, on all of them')
    .argument('<device>', 'its name, or the first letters of its id')
    .argument('<name>', 'what it is called from now on')
  add('role', 'say what a device may do: admins add and remove, observers only read')
    .argument('<device>', 'its name, or the first letters of its id')
    .addArgument(new Argument('<role>', 'admin, member or observer').choices([...roles]))
  add('remove', 'remove a device for good, on all of them: lost, stolen or given away')
    .argument('<device>', 'its name, or the first letters of its id')
    .option('-y, --yes', 'without asking')
  add('recovery', 'a key on paper that brings back and removes any device, and makes admins')
    .addArgument(
      new Argument('[action]', 'list, make, check, use, replace or end').choices([
        ...recoveryActions,
      ]),
    )
    .argument('[what]', '- to read the words from stdin; with end, a key of the list')
    .option('--remove <device>', 'with use: a device that goes, for good; more than once', many)
    .option('--back <device>', 'with use: a removed device that comes back; more than once', many)
    .option('--words', 'with end: by its words, which nobody overrules')
    .option('--reveal', 'with make and replace: the words on stdout, also with --json')
    .option('-y, --yes', 'without asking')
  add('sessions', 'list the sessions of this device').option('-a, --all', 'all of them')
  add('new', 'begin a session that Baton drives').argument('[title]', 'what it is called')
  add('say', 'say something in a session that Baton drives')
    .argument('<session>', 'its id, or the first letters of it')
    .argument('[text...]', 'what is said; from stdin without it, or with -')
    .addOption(new Option('--role <role>', 'who says it; user without it').choices([...speakers]))
  add('run', 'drive an agent that speaks ACP in a session')
    .argument('<command...>', 'the agent and its arguments, like: opencode acp')
    .option('--session <session>', 'go on with this one instead of a new one')
    .option('--title <title>', 'what a new session is called')
    .option('--prompt <text>', 'say this first; without a terminal, only this')
    .option('--stay', 'when there is nothing more to type, wait for what others say')
    .passThroughOptions()
  add('watch', 'watch a session that Baton drives, as it goes')
    .argument('<session>', 'its id, or the first letters of it')
    .option('--last <count>', 'begin with so many messages; 20 without it')
  add('show', 'read a session')
    .argument('<session>', 'its id, or the first letters of it')
    .option('--branch <name>', 'a branch instead of the main history')
    .option('-a, --all', 'bookkeeping records too')
  add('send', 'hand a session to another device')
    .argument('[session]', 'its id, or the first letters of it')
    .option('--to <device>', 'name or id of a paired device')
    .option('--map <from=to>', 'a project path there, for one here; more than once', many)
    .option('--project <folder>', 'the project folder on the other device')
    .option('--carry-only', 'carry it, but do not put it where the agent looks')
  add('handoff', 'hand a session over: the work moves, this device lets go')
    .argument('<session>', 'its id, or the first letters of it')
    .option('--to <device>', 'name or id of a paired device')
    .option('--mirror', 'it stays here, and the other device writes along')
    .option('--observe', 'it stays here, and the other device reads along')
    .option('--map <from=to>', 'a project path there, for one here; more than once', many)
    .option('--project <folder>', 'the project folder on the other device')
    .option('--resume', 'run its agent there once it came, where that device allows it')
  add('take', 'bring a session here, from the device that holds it')
    .argument('<session>', 'its id, or the first letters of it')
    .option('--mirror', 'only write along')
    .option('--observe', 'only read along')
    .option('--force', 'without asking the device that holds it; a possible split')
    .option('--map <from=to>', 'a project path here, for one there; more than once', many)
    .option('--project <folder>', 'the project folder here')
    .option('--resume', 'run its agent here once it came')
  add('invite', 'let another device into a session, by a link')
    .argument('<session>', 'its id, or the first letters of it')
    .option('--transfer', 'the work moves there, this device lets go')
    .option('--mirror', 'it stays here, and the other device writes along')
    .option(
      '--observe',
      'it stays here, and the other device reads along; without any of them this',
    )
    .option('--to <device>', 'a paired device; without it any that opens the link, as a guest')
    .addOption(
      new Option('--mode <mode>', 'the interface mode in which it is meant to go on').choices([
        ...interfaceModes,
      ]),
    )
    .option('--no-qr', 'no QR code')
  add('join', 'open an invitation into a session').argument(
    '[link]',
    'what baton invite printed, or - to read it from stdin',
  )
  add('handoffs', 'list and answer requests to hand a session over')
    .argument('[id]', 'its id, or the first letters of it')
    .option('--accept', 'yes')
    .option('--decline', 'no')
    .option('--cancel', 'call it off')
    .addOption(
      new Option('--policy <policy>', 'what comes of requests by itself; remembered').choices([
        ...handoffPolicies,
      ]),
    )
    .addOption(
      new Option('--resume <policy>', 'whether others may have it run here; remembered').choices([
        ...['always', 'never'],
      ]),
    )
    .option('--from <device>', 'with --policy or --resume: of this device alone')
  add('branches', 'list what was said beside the history of a session, and go on with it')
    .argument('<session>', 'its id, or the first letters of it')
    .argument('[branch]', 'its number in the list, or its name')
    .option('--continue', 'as a session of its own, which this device holds')
    .option('--map <from=to>', 'a project path here, for one there; more than once', many)
    .option('--project <folder>', 'the project folder here')
  add('export', 'write a session to a sealed file')
    .argument('<session>', 'its id, or the first letters of it')
    .option('--out <file>', 'where to; session-<id>.baton here without it')
    .option('--to <device>', 'sealed to a paired device, without a passphrase')
  add('import', 'take a session from such a file')
    .argument('<file>', 'what baton export wrote')
    .option('--place', 'put it where its agent resumes it, too')
    .option('--map <from=to>', 'a project path here, for one there; more than once', many)
    .option('--project <folder>', 'the project folder here')
  add('receipts', 'list what was handed over')
  add('conflicts', 'list what two devices wrote at once, and settle it')
    .argument('[session]', 'its id, or the first letters of it')
    .argument('[conflict]', 'its id, or the first letters of it')
    .option('--take <side>', 'settle it by one side, as numbered in the list')
    .option('--value <json>', 'settle it by a value of your own')
    .option('--delete', 'settle it by deleting the field')
  add('hidden', 'list what does not count of a session, and take it over')
    .argument('<session>', 'its id, or the first letters of it')
    .argument('[entry]', 'its id, or the first letters of it')
    .option('--adopt', 'let it count again, as what this device says')
    .option('--all', 'with --adopt: all of it')
  add('lock', 'seal the keys of this device, by a passphrase')
    .option('--keychain', 'by the keychain of this system instead')
    .option('--remove', 'let them stand in files again')
  add('status', 'what this device is doing, and what to do next')
  add('doctor', 'check everything it needs, with hints').option(
    '--signal <url>',
    'check this service',
  )
  add('completion', 'print the completion script of a shell').argument(
    '<shell>',
    'bash, zsh, fish or powershell',
  )
  const help = program
    .command('help')
    .description('print help for a command, or for exit-codes')
    .argument('[topic]')
  help.action((topic: string | undefined) => {
    if (topic === 'exit-codes') return program.configureOutput().writeOut?.(exitCodeText())
    const named = program.commands.find((command) => command.name() === topic)
    if (topic !== undefined && !named) program.error(`error: unknown topic '${topic}'`)
    ;(named ?? program).outputHelp()
  })
  return program
}

/** As every other error is told: `error:`, then `hint:`. */
export function withHint(text: string, otherwise?: string): string {
  const { message, hint } = notUnderstood(text, otherwise)
  return `error: ${message}\nhint: ${hint}\n`
}

const exitCodeText = (): string =>
  exitCodes.map(([code, meaning]) => `${String(code).padStart(4)}  ${meaning}\n`).join('')

export interface CommandRow {
  readonly name: string
  /** `[session]`, `<shell>`. */
  readonly args: string
  readonly description: string
  readonly options: readonly { readonly flags: string; readonly description: string }[]
}

/** Every command, for the README and the completion scripts. */
export function listCommands(): CommandRow[] {
  const program = buildProgram('', async () => {})
  const words = new Help()
  return program.commands.map((command) => ({
    name: command.name(),
    args: command.registeredArguments
      .map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`))
      .join(' '),
    description: command.description(),
    options: command.options.map((option) => ({
      flags: option.flags,
      description: words.optionDescription(option),
    })),
  }))
}
