/** `baton recovery`: a key on paper (rules CL17, CL18). What it may do stands in shared/roster. */
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import type { DeviceRow, RecoveryRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { usage } from './exit.ts'
import { confirm } from './keys.ts'
import { askPaper, makePaper, type Paper, showPaper } from './recovery-words.ts'
import { safeLine } from './safe-text.ts'
import { table } from './table.ts'
import { ago } from './units.ts'

export interface RecoveryOptions {
  readonly remove?: readonly string[]
  readonly back?: readonly string[]
  readonly words?: boolean
  readonly reveal?: boolean
  readonly yes?: boolean
}

type Run = (context: Context, what: string | undefined, options: RecoveryOptions) => Promise<void>

export async function recovery(
  context: Context,
  action: string | undefined,
  what: string | undefined,
  options: RecoveryOptions,
): Promise<void> {
  const run = actions[action ?? 'list']
  if (run === undefined) throw usage(`a recovery key is for: ${Object.keys(actions).join(', ')}`)
  const takes = action === 'list' || action === undefined || action === 'make' ? 0 : 1
  if (what !== undefined && takes === 0) throw usage(`${action ?? 'list'} takes nothing more`)
  if (action !== 'use' && (options.remove ?? options.back))
    throw usage('--remove and --back go with use')
  await run(context, what, options)
}

const keysOf = (context: Context): Promise<RecoveryRow[]> =>
  context.control().call('recoveryKeys', {})

async function list(context: Context): Promise<void> {
  const { terminal, now } = context
  const [keys, rows] = [await keysOf(context), await context.control().devices()]
  terminal.object({ type: 'result', ok: true, keys })
  const who = (id: DeviceId, key: DeviceId) =>
    id === key ? 'its own words' : (nameBy(rows, id) ?? `key ${id.slice(0, 8)}`)
  const columns = [
    { title: 'id', value: ({ short }: RecoveryRow) => short },
    { title: 'made by', value: ({ by, id }: RecoveryRow) => who(by, id), min: 8 },
    { title: 'when', value: ({ at }: RecoveryRow) => ago(at, now()) },
    {
      title: 'state',
      value: ({ ended, id }: RecoveryRow) =>
        ended ? `ended ${ago(ended.at, now())} by ${who(ended.by, id)}` : 'counts',
    },
  ]
  for (const line of table(keys, columns, terminal.columns, terminal.paint.dim)) terminal.line(line)
  if (keys.every(({ ended }) => ended)) terminal.tell('no recovery key: baton recovery make')
}

const nameBy = (rows: readonly DeviceRow[], id: DeviceId): string | undefined => {
  const row = rows.find((each) => each.id === id)
  return row && safeLine(nameOf(row))
}

/** Shows fresh words, unless they are to go to stdout once all is done. */
async function freshPaper(
  { terminal }: Context,
  { reveal = false }: RecoveryOptions,
): Promise<Paper> {
  if (!reveal && !terminal.asks) {
    throw usage(
      'the words are shown to a person, and here is none',
      'in a terminal, or on stdout with --reveal: whoever reads that can remove any device',
    )
  }
  const paper = makePaper()
  if (!reveal) await showPaper(terminal, paper)
  return paper
}

function tellMade(
  { terminal }: Context,
  { words, link, key }: Paper,
  { reveal = false }: RecoveryOptions,
) {
  terminal.object({ type: 'result', ok: true, key, ...(reveal ? { words, link } : {}) })
  if (reveal) terminal.line(words.join(' '))
  terminal.tell(
    terminal.note.good(`recovery key ${key.slice(0, 8)} counts on every device that hears of it`),
  )
  terminal.tell('  try what you wrote: baton recovery check')
}

async function make(context: Context, _: unknown, options: RecoveryOptions): Promise<void> {
  const [self] = (await context.control().devices()).filter((row) => row.self)
  if (self?.role !== 'admin') {
    const code = self?.role === undefined ? 'not-paired' : 'not-permitted'
    throw new BatonError(code, 'failed to make a recovery key: this device is no admin', {
      hint: self?.role === undefined ? 'pair it first: baton pair' : 'make it on an admin',
    })
  }
  if ((await keysOf(context)).some(({ by, ended }) => by === self.id && !ended)) {
    throw new BatonError('not-permitted', 'failed to make a recovery key: this device made one', {
      hint: 'with its words: baton recovery replace; without: baton recovery end, then make another',
    })
  }
  const paper = await freshPaper(context, options)
  await context.control().call('recoveryName', { key: paper.key })
  tellMade(context, paper, options)
}

async function check(context: Context, what: string | undefined): Promise<void> {
  const { terminal } = context
  const { key } = await askPaper(terminal, what)
  const row = await known(context, key)
  terminal.object({ type: 'result', ok: true, key, ended: row.ended ?? null })
  const how = row.ended ? 'these are the words of a key that was ended' : 'these are the words'
  terminal.tell(terminal.note.good(`${how}: recovery key ${row.short}`))
}

async function known(context: Context, key: DeviceId): Promise<RecoveryRow> {
  const row = (await keysOf(context)).find(({ id }) => id === key)
  if (row) return row
  throw new BatonError(
    'not-found',
    'these words are in order, and are no recovery key of these devices',
    {
      hint: 'is it the right paper? what was made lately may not have come here yet',
    },
  )
}

async function use(
  context: Context,
  what: string | undefined,
  options: RecoveryOptions,
): Promise<void> {
  const { terminal, control } = context
  const rows = await control().devices()
  const { secret, key } = await askPaper(terminal, what)
  const find = (text: string) => findDevice(rows, text, { removed: true, self: true })
  const remove = (options.remove ?? []).map(find)
  const back = (options.back ?? []).map(find)
  if (!options.remove && !options.back) await askWho(context, rows, remove, back)
  if (remove.length > 0 && !options.yes) {
    if (!terminal.asks) throw usage('removing a device is for good', 'say so with --yes')
    const names = remove.map((row) => `${safeLine(nameOf(row))} (${row.short})`).join(', ')
    if (!(await confirm(terminal, `Remove ${names}, for good?`))) {
      throw new BatonError('cancelled', 'nothing was changed')
    }
  }
  const ids = (list: readonly DeviceRow[]) => list.map(({ id }) => id)
  await control().call('recoveryUse', {
    secret,
    raise: true,
    remove: ids(remove),
    back: ids(back),
    end: false,
  })
  terminal.object({ type: 'result', ok: true, key, removed: ids(remove), back: ids(back) })
  terminal.tell(terminal.note.good('this device is an admin'))
  for (const row of remove) terminal.tell(`  ${safeLine(nameOf(row))} is removed`)
  for (const row of back) terminal.tell(`  ${safeLine(nameOf(row))} is back`)
  terminal.tell('  a device that does not hear of it by itself: say the words there, too')
}

/** Who removed this device goes, if a person says so; and who else it removed comes back, one by one. */
async function askWho(
  { terminal, now }: Context,
  rows: readonly DeviceRow[],
  remove: DeviceRow[],
  back: DeviceRow[],
): Promise<void> {
  const self = rows.find((row) => row.self)
  const by = rows.find(({ id, state }) => id === self?.removed?.by && state !== 'removed')
  if (!terminal.asks || !by || by.self) return
  const name = `${safeLine(nameOf(by))} (${by.short})`
  if (!(await confirm(terminal, `${name} removed this device. Does it go, for good?`))) return
  remove.push(by)
  for (const row of rows) {
    if (row.self || row.removed?.by !== by.id) continue
    const when = ago(row.removed.at, now())
    const question = `${safeLine(nameOf(row))} (${row.short}) was removed by it ${when}. Is it back?`
    if (await confirm(terminal, question)) back.push(row)
  }
}

async function replace(
  context: Context,
  what: string | undefined,
  options: RecoveryOptions,
): Promise<void> {
  const { secret, key } = await askPaper(context.terminal, what)
  await known(context, key)
  const paper = await freshPaper(context, options)
  const asked = { secret, raise: false, remove: [], back: [], end: true }
  await context.control().call('recoveryUse', { ...asked, successor: paper.key })
  tellMade(context, paper, options)
}

async function end(
  context: Context,
  what: string | undefined,
  options: RecoveryOptions,
): Promise<void> {
  const { terminal, control } = context
  if (options.words || what === '-') {
    const { secret, key } = await askPaper(terminal, what)
    await control().call('recoveryUse', { secret, raise: false, remove: [], back: [], end: true })
    terminal.object({ type: 'result', ok: true, key })
    terminal.tell(terminal.note.good('the key is given up: its words are worth nothing any more'))
    return
  }
  const living = (await keysOf(context)).filter(({ ended }) => !ended)
  const [key, ...more] = living.filter(({ id }) => what === undefined || id.startsWith(what))
  if (!key) throw new BatonError('not-found', 'no recovery key counts that is called so')
  if (more.length > 0) {
    throw new BatonError('ambiguous', 'more than one recovery key counts', {
      hint: 'say which: baton recovery lists them',
    })
  }
  if (!options.yes) {
    if (!terminal.asks) throw usage('ending a recovery key is asked for', 'say so with --yes')
    const question = `End recovery key ${key.short}?`
    if (!(await confirm(terminal, question)))
      throw new BatonError('cancelled', 'nothing was changed')
  }
  await control().call('recoveryEnd', { key: key.id })
  terminal.object({ type: 'result', ok: true, key: key.id })
  terminal.tell(terminal.note.good(`recovery key ${key.short} is ended`))
  terminal.tell(
    '  whoever has its words can still overrule that; by the words it is for good: --words',
  )
}

const actions: Readonly<Record<string, Run>> = { list, make, check, use, replace, end }
