/** `baton handoff` and `baton take`: a session changes hands, stage by stage (rule CL24). */
import { isBatonError } from '@baton/shared/errors'
import type { ResumeWord } from '../../core/handoffs-api.ts'
import type { DeviceRow, HandoffKind } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { usage } from './exit.ts'
import { concludeHandoff, followHandoff } from './handing.ts'
import { choose } from './keys.ts'
import { goOn } from './resume.ts'
import { safeLine } from './safe-text.ts'
import { type WhereOptions, whereOf } from './where.ts'

interface KindOptions extends WhereOptions {
  readonly mirror?: boolean
  readonly observe?: boolean
}

export interface HandoffOptions extends KindOptions {
  readonly to?: string
  readonly resume?: boolean
}

type Resumed = ResumeWord | 'unheard'

export interface TakeOptions extends KindOptions {
  readonly force?: boolean
  readonly resume?: boolean
}

function kindOf({ mirror = false, observe = false }: KindOptions): HandoffKind {
  if (mirror && observe)
    throw usage('--mirror and --observe are two things', 'leave one of them out')
  return mirror ? 'mirror' : observe ? 'observe' : 'transfer'
}

export async function handoff(context: Context, ref: string, options: HandoffOptions) {
  const kind = kindOf(options)
  const { resume = false } = options
  if (resume && kind !== 'transfer') throw usage('--resume goes on with it there', 'leave it out')
  const rows = await context.control().devices()
  const device = await targetOf(context, rows, options.to)
  const task = context.control().hand({ ref, to: device.id, kind, ...whereOf(options) })
  const done = await followHandoff(context, task, rows)
  const id = done.handoff?.id
  const resumed = resume && id !== undefined ? await resumeThere(context, id) : undefined
  concludeHandoff(context, done, rows, resumed)
  if (resumed) tellResumed(context, resumed, safeLine(nameOf(device)), done.holding.session)
  if (!done.placed || resumed === 'started') return
  context.terminal.tell()
  context.terminal.tell(`go on on ${safeLine(nameOf(device))} with:`)
  context.terminal.tell()
  context.terminal.line(safeLine(done.placed.resume))
}

/** It is there, whatever comes of this. */
async function resumeThere({ control }: Context, id: string): Promise<Resumed> {
  try {
    return (await control().call('handoffResume', { id })).word
  } catch (error) {
    if (!isBatonError(error)) throw error
    return 'unheard'
  }
}

function tellResumed({ terminal }: Context, word: Resumed, name: string, session: string): void {
  if (word === 'started') {
    terminal.tell(`  ${terminal.note.good('✓')} ${'running'.padEnd(9)} its agent, on ${name}`)
    return
  }
  const why: Record<Exclude<Resumed, 'started'>, string> = {
    'not-allowed': `its person has to allow that there: baton handoffs --resume always`,
    'no-terminal': 'baton up runs in no terminal there',
    busy: 'another agent has the terminal there',
    'no-agent': `Baton drives it: baton run --session ${session} AGENT goes on there`,
    'not-here': 'it is not in its place there, or went on already',
    unheard: 'that device did not answer, or knows no such thing',
  }
  terminal.warn(`not gone on with on ${name}: ${why[word]}`)
}

/** Resolves with the exit code: that of the agent, with --resume. */
export async function take(context: Context, ref: string, options: TakeOptions): Promise<number> {
  const kind = kindOf(options)
  const { force = false, resume = false } = options
  if (resume && kind !== 'transfer') throw usage('--resume goes on with it here', 'leave it out')
  if (force && kind !== 'transfer') throw usage('--force takes the session itself', 'leave it out')
  if (resume && context.terminal.json) throw usage('--resume wants a terminal', 'leave out --json')
  const rows = await context.control().devices()
  const task = context.control().take({ ref, kind, force, ...whereOf(options) })
  const done = await followHandoff(context, task, rows)
  concludeHandoff(context, done, rows)
  if (done.placed) return goOn(context, done.placed.resume, resume)
  // One that Baton drives has no command of its own: which agent goes on with it is for its person to say.
  if (kind !== 'transfer' || done.holding.watched) return 0
  const again = `baton run --session ${done.holding.session} AGENT`
  if (resume) context.terminal.warn(`a driven session is gone on with by an agent: ${again}`)
  else context.terminal.tell(context.terminal.note.dim(again))
  return 0
}

async function targetOf({ terminal }: Context, rows: readonly DeviceRow[], to: string | undefined) {
  if (to !== undefined) return findDevice(rows, to)
  const others = rows.filter(({ self, state }) => !self && state !== 'removed')
  if (others.length === 0) return findDevice(rows, '')
  if (!terminal.asks) throw usage('failed to hand over: no device was named', 'give one: --to NAME')
  return choose(
    terminal,
    'To which device?',
    others.map((row) => ({ value: row, label: nameOf(row), hint: row.state })),
  )
}
