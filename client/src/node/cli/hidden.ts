/** `baton hidden`: what does not count of a session, and taking it over (rule CL19). */
import { BatonError } from '@baton/shared/errors'
import type { DeviceRow, HiddenRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { whoIs } from './devices.ts'
import { usage } from './exit.ts'
import { safeLine } from './safe-text.ts'
import { type Column, table } from './table.ts'
import { ago, plural } from './units.ts'
import { cutTo } from './width.ts'

interface Options {
  readonly adopt?: boolean
  readonly all?: boolean
}

const shortEntry = 6

export async function hidden(
  context: Context,
  ref: string,
  entry: string | undefined,
  { adopt = false, all = false }: Options,
): Promise<void> {
  if (all && !adopt) throw usage('--all says what --adopt takes over', 'add --adopt')
  if (adopt && all === (entry !== undefined)) {
    throw usage(
      '--adopt wants one entry, or --all',
      `list them with: baton hidden ${safeLine(ref)}`,
    )
  }
  if (!adopt) return listed(context, ref, entry)
  const { terminal, control } = context
  const what = entry === undefined ? 'all' : placeOf(fitting(await control().hidden(ref), entry))
  const taken = await control().adopt({ ref, what })
  terminal.object({ type: 'result', ok: true, taken })
  const words = `${plural(taken, 'entry counts', 'entries count')} again, as what this device says`
  terminal.tell(taken > 0 ? terminal.note.good(words) : 'nothing is left to take over')
}

const placeOf = ({ log, seq }: HiddenRow) => ({ log, seq })

function fitting(rows: readonly HiddenRow[], entry: string): HiddenRow {
  const [found, ...more] = entry === '' ? [] : rows.filter(({ id }) => id.startsWith(entry))
  if (found === undefined) {
    throw new BatonError('not-found', 'failed to take over: no hidden entry has this id', {
      hint: 'baton hidden lists them',
    })
  }
  if (more.length === 0) return found
  throw new BatonError('ambiguous', `failed to take over: ${more.length + 1} ids begin like this`)
}

async function listed(context: Context, ref: string, entry = ''): Promise<void> {
  const { terminal, control, now } = context
  const [all, devices] = await Promise.all([control().hidden(ref), control().devices()])
  const rows = all.filter(({ id }) => id.startsWith(entry))
  terminal.object({ type: 'result', ok: true, hidden: rows })
  const { paint, columns } = terminal
  for (const line of table(rows, columnsFor(context, devices, now()), columns, paint.dim)) {
    terminal.line(line)
  }
  const open = rows.filter(({ taken }) => !taken)
  if (rows.length === 0) terminal.tell('everything counts')
  else if (open[0] !== undefined) {
    const one = `baton hidden ${safeLine(ref)} ${open[0].id.slice(0, shortEntry)} --adopt`
    terminal.tell(
      terminal.note.dim(cutTo(`${one}, or --adopt --all, lets it count again`, columns)),
    )
  }
}

const reasons: Readonly<Record<HiddenRow['reason'], string>> = {
  revoked: 'its device was removed',
  observer: 'its device only reads',
  forked: 'its device ran twice from one copy',
}

function columnsFor(
  { terminal: { paint } }: Context,
  devices: readonly DeviceRow[],
  now: number,
): Column<HiddenRow>[] {
  return [
    { title: 'entry', value: ({ id }) => id.slice(0, shortEntry), paint: paint.accent },
    {
      title: 'what',
      min: 12,
      value: ({ kind, about }) => [kind, about.map(safeLine).join(' › ')].join(' ').trim(),
    },
    { title: 'by', min: 6, value: ({ device }) => whoIs(devices, device) },
    { title: 'when', drop: 1, value: ({ at }) => (at === undefined ? '' : ago(at, now)) },
    { title: 'why', min: 8, value: ({ reason }) => reasons[reason] },
    { title: '', drop: 2, value: ({ taken }) => (taken ? 'taken over' : ''), paint: paint.good },
  ]
}
