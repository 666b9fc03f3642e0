/** `baton branches`: what was said beside a session's history, and going on with it (rule CL26). */
import { BatonError } from '@baton/shared/errors'
import type { BesideRow, BranchRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { whoIs } from './devices.ts'
import { usage } from './exit.ts'
import { safeLine } from './safe-text.ts'
import { table } from './table.ts'
import { ago } from './units.ts'
import { type WhereOptions, whereOf } from './where.ts'

const reasons: Readonly<Record<BesideRow['reason'], string>> = {
  fenced: 'after it had let go',
  split: 'while another took it over',
  'not-holder': 'without holding it',
}

export interface BranchesOptions extends WhereOptions {
  readonly continue?: boolean
}

export async function branches(
  context: Context,
  ref: string,
  branch: string | undefined,
  options: BranchesOptions,
): Promise<void> {
  const { terminal, control, now } = context
  if (options.continue && branch === undefined) {
    throw usage(
      '--continue wants the number of a branch',
      `baton branches ${safeLine(ref)} lists them`,
    )
  }
  const watched = await watchedBranches(context, ref)
  if (watched && options.continue)
    return continueWatched(context, ref, branch ?? '', watched, options)
  if (options.map?.length || options.project !== undefined) {
    throw usage(
      '--map and --project say where a branch goes on',
      'add --continue and a branch of a session in the files of an agent',
    )
  }
  if (watched) return listWatched(context, ref, watched)
  const rows = await control().call('beside', { ref })
  if (options.continue) {
    const row = /^[1-9]\d{0,5}$/.test(branch ?? '') ? rows[Number(branch) - 1] : undefined
    if (!row) throw noBranch(ref)
    const { device, epoch } = row
    const { session } = await control().call('branchOff', { ref, device, epoch })
    terminal.object({ type: 'result', ok: true, session })
    terminal.tell('this goes on as a session of its own:')
    terminal.line(session)
    return
  }
  const devices = await control().devices()
  terminal.object({ type: 'result', ok: true, branches: rows })
  const numbered = rows.map((row, i) => ({ ...row, number: i + 1 }))
  const lines = table(
    numbered,
    [
      { title: '', value: ({ number }) => String(number), paint: terminal.paint.accent },
      { title: 'by', min: 6, value: ({ device }) => safeLine(whoIs(devices, device)) },
      { title: 'messages', value: ({ messages }) => String(messages), align: 'right' },
      { title: 'last', value: ({ to }) => ago(to, now()), drop: 1 },
      { title: 'epoch', value: ({ epoch }) => String(epoch), align: 'right', drop: 2 },
      { title: 'said', min: 8, value: ({ reason }) => reasons[reason] },
    ],
    terminal.columns,
    terminal.paint.dim,
  )
  for (const line of lines) terminal.line(line)
  if (rows.length === 0) terminal.tell('everything that was said is in its history')
  else terminal.tell(terminal.note.dim(`baton branches ${safeLine(ref)} 1 --continue`))
}

/** Of a session in the files of an agent; undefined for one that Baton drives. */
async function watchedBranches({ control }: Context, ref: string) {
  const rows = await control().sessions()
  const named = (id: string | undefined) => id?.startsWith(ref) ?? false
  const row = rows.find(({ id, agentSession }) => named(id) || named(agentSession))
  return row === undefined || row.driven ? undefined : row.branches
}

/** By its name, or its number in the list; the line that goes on there is alone on stdout. */
async function continueWatched(
  { terminal, control }: Context,
  ref: string,
  branch: string,
  rows: readonly BranchRow[],
  options: WhereOptions,
): Promise<void> {
  const numbered = /^[1-9]\d{0,5}$/.test(branch) ? rows[Number(branch) - 1] : undefined
  const row = rows.find(({ name }) => name === branch) ?? numbered
  if (!row) throw noBranch(ref)
  const placed = await control().call('continueBranch', {
    ...{ ref, name: row.name },
    ...whereOf(options),
  })
  terminal.object({ type: 'result', ok: true, placed })
  terminal.tell(`  ${terminal.note.good('✓')} placed    ${safeLine(placed.path)}`)
  terminal.tell('a session of its own; go on with:')
  terminal.tell()
  terminal.line(safeLine(placed.resume))
}

async function listWatched(
  { terminal, control, now }: Context,
  ref: string,
  rows: readonly BranchRow[],
): Promise<void> {
  const devices = await control().devices()
  terminal.object({ type: 'result', ok: true, branches: rows })
  const lines = table(
    rows,
    [
      { title: 'branch', value: ({ name }) => name, paint: terminal.paint.accent },
      { title: 'by', min: 6, value: ({ device }) => safeLine(whoIs(devices, device)) },
      { title: 'records', value: ({ records }) => String(records), align: 'right' },
      { title: 'last', value: ({ modified }) => ago(modified, now()), drop: 1 },
    ],
    terminal.columns,
    terminal.paint.dim,
  )
  for (const line of lines) terminal.line(line)
  const [first] = rows
  if (!first) terminal.tell('everything that was said is in its history')
  else {
    const show = `baton show ${safeLine(ref)} --branch ${safeLine(first.name)}`
    terminal.tell(terminal.note.dim(show))
    const goOn = `baton branches ${safeLine(ref)} ${safeLine(first.name)} --continue`
    terminal.tell(terminal.note.dim(goOn))
  }
}

const noBranch = (ref: string) =>
  new BatonError('not-found', 'failed to go on with it: there is no branch of that number', {
    hint: `baton branches ${safeLine(ref)} lists them`,
  })
