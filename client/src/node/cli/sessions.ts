/** `baton sessions`: those of this device's agents and those that came from another. */
import { cleanText } from '@baton/shared/clean-text'
import type { DeviceRow, SessionRow } from '../../core/mesh-api.ts'
import { isSample } from '../start/sample.ts'
import type { Context } from './command.ts'
import { whoIs } from './devices.ts'
import { type Column, table } from './table.ts'
import { ago, bytes, plural, shortPath } from './units.ts'

/** Rows shown without --all. */
const shownRows = 20

export async function sessions(context: Context, options: { all?: boolean }): Promise<void> {
  const { terminal, control } = context
  const [found, devices] = await Promise.all([control().sessions(), control().devices()])
  const rows = options.all ? found : found.filter((row) => !isSample(row))
  terminal.object({ type: 'result', ok: true, sessions: rows })
  const shown = options.all ? rows : rows.slice(0, shownRows)
  for (const line of sessionTable(context, shown, devices)) terminal.line(line)
  if (shown.length < rows.length) {
    terminal.tell(
      terminal.note.dim(`and ${rows.length - shown.length} older: baton sessions --all`),
    )
  }
  if (rows.length > 0) return
  const { sources } = await control().status()
  terminal.tell('no sessions found; looked in')
  for (const { agent, roots } of sources) {
    for (const root of roots) terminal.tell(`  ${shortPath(root, context.home)}  (${agent})`)
  }
}

export function sessionTable(
  context: Context,
  rows: readonly SessionRow[],
  devices: readonly DeviceRow[] = [],
): string[] {
  const { paint, columns: room } = context.terminal
  const now = context.now()
  const columns: Column<SessionRow>[] = [
    {
      title: 'session',
      value: (row) => refOf(row).slice(0, 8),
      paint: paint.accent,
    },
    { title: 'title', value: titleOf, min: 12 },
    {
      title: 'project',
      value: (row) => projectOf(row, context.home),
      min: 10,
      drop: 3,
      paint: paint.dim,
    },
    { title: 'changed', value: ({ modified }) => ago(modified, now), align: 'right', drop: 1 },
    { title: 'size', value: (row) => bytes(row.bytes), align: 'right', drop: 2 },
    {
      title: 'kind',
      value: ({ driven }) => (driven ? 'driven' : 'watched'),
      drop: 3,
      paint: paint.dim,
    },
    { title: '', value: (row) => marksOf(row, devices), drop: 4, paint: paint.dim },
  ]
  return table(rows, columns, room, paint.dim)
}

/** What a session goes by: of one that is no agent's, its own id. */
export const refOf = ({ id, agentSession, driven }: SessionRow): string =>
  driven || agentSession === '' ? (id ?? agentSession) : agentSession

export const titleOf = ({ title }: SessionRow): string => cleanText(title ?? '', 120) ?? 'untitled'

export const projectOf = ({ project }: SessionRow, home: string): string =>
  cleanText(shortPath(project ?? '', home), 400) ?? ''

function marksOf(
  { live, placed, holder, sharedWith, branches }: SessionRow,
  devices: readonly DeviceRow[],
): string {
  const marks = [
    holder === undefined ? '' : `held by ${whoIs(devices, holder)}`,
    live ? 'open now' : '',
    placed === undefined ? '' : 'received',
    sharedWith.length > 0 ? `on ${plural(sharedWith.length + 1, 'device')}` : '',
    branches.length > 0 ? plural(branches.length, 'branch', 'branches') : '',
  ]
  return marks.filter((mark) => mark !== '').join(', ')
}
