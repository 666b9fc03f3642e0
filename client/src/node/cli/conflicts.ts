/** `baton conflicts`: what two devices wrote without seeing each other, and its settling (rule CL14). */
import { BatonError } from '@baton/shared/errors'
import type { ConflictedSession, ConflictRow, DeviceRow, Settling } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { whoIs } from './devices.ts'
import { safeLine } from './safe-text.ts'
import { ago, plural } from './units.ts'
import { cutTo } from './width.ts'

interface Options {
  readonly take?: string
  readonly value?: string
  readonly delete?: boolean
}

const shortSession = 8
const shortConflict = 6

export async function conflicts(
  context: Context,
  ref: string | undefined,
  conflict: string | undefined,
  options: Options,
): Promise<void> {
  const settling = settlingOf(options)
  if (settling === undefined) return listed(context, ref, conflict)
  if (ref === undefined || conflict === undefined) throw which()
  await context.control().settle({ ref, conflict, settling })
  context.terminal.object({ type: 'result', ok: true })
  context.terminal.tell(context.terminal.note.good('settled, and so on every device that holds it'))
}

function settlingOf({ take, value, delete: deletes }: Options): Settling | undefined {
  const given = [take, value, deletes].filter((each) => each !== undefined)
  if (given.length > 1) throw usage('only one of --take, --value and --delete can be given')
  if (deletes) return { by: 'deletion' }
  if (value !== undefined) return { by: 'value', value: jsonOf(value) }
  if (take === undefined) return undefined
  const side = Number(take)
  if (!Number.isInteger(side) || side < 1) throw usage('--take wants the number of a side')
  return { by: 'side', side: side - 1 }
}

function jsonOf(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    throw usage('--value wants JSON: a text stands in double quotes')
  }
}

async function listed(context: Context, ref?: string, conflict?: string): Promise<void> {
  const { terminal, control } = context
  const [sessions, devices] = await Promise.all([control().conflicts(ref), control().devices()])
  const chosen = sessions.map((each) => ({
    ...each,
    conflicts: each.conflicts.filter(({ id }) => id.startsWith(conflict ?? '')),
  }))
  terminal.object({ type: 'result', ok: true, sessions: chosen })
  const found = chosen.filter((each) => each.conflicts.length > 0)
  for (const session of found) {
    for (const line of linesOf(context, session, devices)) terminal.line(line)
  }
  if (found.length === 0) terminal.tell('nothing conflicts')
}

function linesOf(
  context: Context,
  { session, title, conflicts: open }: ConflictedSession,
  devices: readonly DeviceRow[],
): string[] {
  const { paint, columns } = context.terminal
  const short = session.slice(0, shortSession)
  const head = `${short}  ${safeLine(title ?? 'untitled')}  ${plural(open.length, 'conflict')}`
  const lines = [paint.bold(cutTo(head, columns))]
  for (const each of open) {
    const id = each.id.slice(0, shortConflict)
    const path = each.path.map((segment) => safeLine(segment)).join(' › ')
    lines.push(cutTo(`${paint.accent(id)}  ${path}  ${paint.dim(words[each.strategy])}`, columns))
    for (const [i, side] of each.sides.entries()) {
      const who = whoIs(devices, side.device)
      const when = ago(side.at, context.now())
      const mark = same(side.value, each.shown) ? paint.dim('  shown meanwhile') : ''
      lines.push(
        cutTo(`  ${i + 1}  ${shown(side.value)}  ${paint.dim(`${who}, ${when}`)}${mark}`, columns),
      )
    }
    if (!each.sides.some(({ value }) => same(value, each.shown))) {
      lines.push(cutTo(`     ${shown(each.shown)}  ${paint.dim('shown meanwhile')}`, columns))
    }
    lines.push(cutTo(paint.dim(`  baton conflicts ${short} ${id} ${howTo(each)}`), columns))
  }
  return lines
}

const words: Readonly<Record<ConflictRow['strategy'], string>> = {
  timestamp: 'latest wins',
  merge: 'merged',
  manual: 'to be settled by hand',
  user_choice: 'one side to be chosen',
}

const howTo = ({ strategy, kind }: ConflictRow): string =>
  kind === 'field' && strategy !== 'user_choice' ? '--take 1, or --value JSON' : '--take 1'

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const shown = (value: unknown): string =>
  value === undefined ? '(deleted)' : safeLine(JSON.stringify(value))

const usage = (message: string) => new BatonError('usage', message)

const which = () =>
  new BatonError('usage', 'settling wants a session and a conflict', {
    hint: 'baton conflicts lists them',
  })
