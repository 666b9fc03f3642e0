/** `baton devices`, and which device a person means. */
import { cleanText } from '@baton/shared/clean-text'
import { BatonError } from '@baton/shared/errors'
import type { DeviceRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { type Column, table } from './table.ts'
import { ago, took } from './units.ts'

export async function devices({ terminal, control, now }: Context): Promise<void> {
  const rows = await control().devices()
  terminal.object({ type: 'result', ok: true, devices: rows })
  const columns: Column<DeviceRow>[] = [
    { title: 'name', value: nameOf, min: 8, paint: (text, row) => paintName(terminal, text, row) },
    {
      title: 'state',
      value: (row) => stateOf(row, rows, now()),
      paint: (text, row) => paintState(terminal, text, row),
    },
    // Only where somebody does anything: mostly nobody does.
    ...(rows.some((row) => doing(row) !== '')
      ? [{ title: 'now', value: doing, min: 12, drop: 7 } satisfies Column<DeviceRow>]
      : []),
    { title: 'role', value: ({ role }) => role ?? '', drop: 5 },
    { title: 'known', value: knownBy, drop: 6 },
    { title: 'id', value: ({ short }) => short, drop: 2 },
    { title: 'seen', value: (row) => seen(row, now()), drop: 3 },
    { title: 'runs on', value: ({ platform }) => cleanText(platform, 64) ?? '', min: 10, drop: 4 },
  ]
  for (const line of table(rows, columns, terminal.columns, terminal.paint.dim)) terminal.line(line)
  for (const row of rows) for (const line of troubleLines(row)) terminal.tell(line)
  const living = rows.filter(({ state }) => state !== 'removed')
  const admins = living.filter((row) => row.role === 'admin')
  const [only] = admins.length === 1 ? admins : []
  if (only?.self && living.some(({ role }) => role === 'member')) {
    terminal.tell('only this device can remove others: baton role <device> admin')
  }
  if (rows.every(({ self }) => self)) terminal.tell('no other device yet: baton pair')
}

export const nameOf = ({ name, short }: DeviceRow): string => cleanText(name, 64) ?? short

/** Who wrote something: a device that is not known by a part of its id. */
export function whoIs(devices: readonly DeviceRow[], id: string): string {
  const row = devices.find((device) => device.id === id)
  if (row === undefined) return id.slice(0, 8)
  return row.self ? 'this device' : nameOf(row)
}

function stateOf(row: DeviceRow, rows: readonly DeviceRow[], now: number): string {
  const { state, path, rttMs, removed } = row
  if (state === 'self') return 'this device'
  if (removed) {
    const by = rows.find(({ id }) => id === removed.by)
    const who = removed.by === row.id ? 'itself' : by ? nameOf(by) : 'a recovery key'
    return `removed ${ago(removed.at, now)} by ${who}`
  }
  if (state !== 'connected') return state
  const how = path === undefined || path === 'unknown' ? '' : ` ${path}`
  return `connected${how}${rttMs === undefined ? '' : ` ${took(rttMs)}`}`
}

/** What its people are at, as it says; sessions by the beginning of their id. */
export function doing({ presence = [] }: DeviceRow): string {
  const [first, ...more] = [
    ...presence.filter(({ writing }) => writing).map(({ session }) => `writes ${short(session)}`),
    ...presence.filter(({ writing }) => !writing).map(({ session }) => `watches ${short(session)}`),
  ]
  if (first === undefined) return ''
  return more.length === 0 ? first : `${first}, ${more.length} more`
}

const short = (session: string): string => session.slice(0, 8)

/** Why a device is not connected, once its own attempts have told. */
export function troubleLines(row: DeviceRow): string[] {
  const { trouble, state } = row
  if (trouble === undefined || state === 'connected' || state === 'removed') return []
  // A device that is merely away is `offline`, and that stands in the table.
  if (trouble.message === undefined && trouble.hint === undefined) return []
  const why = cleanText(trouble.message ?? trouble.code, 400) ?? trouble.code
  const hint = cleanText(trouble.hint ?? '', 400)
  return [`${nameOf(row)}: ${why}`, ...(hint ? [`  ${hint}`] : [])]
}

/** How it came to be known; what a removed device was counts no longer. */
function knownBy({ self, trust, removed }: DeviceRow): string {
  if (self || removed) return ''
  if (trust >= 1) return 'in person'
  return trust >= 0.7 ? 'introduced' : 'guest'
}

function seen({ self, state, lastSeen }: DeviceRow, now: number): string {
  if (self || state === 'connected') return ''
  return lastSeen === undefined ? 'never' : ago(lastSeen, now)
}

const paintName = ({ paint }: Context['terminal'], text: string, { self }: DeviceRow) =>
  self ? paint.dim(text) : paint.bold(text)

function paintState({ paint }: Context['terminal'], text: string, { state }: DeviceRow): string {
  if (state === 'connected') return paint.good(text)
  if (state === 'removed') return paint.bad(text)
  return state === 'self' ? paint.dim(text) : paint.warn(text)
}

export interface Findable {
  /** Removed devices too. */
  readonly removed?: boolean
  /** This device too. */
  readonly self?: boolean
}

/**
 * By the whole id, by name, or by the beginning of an id or, when nothing else fits, of a name (rule
 * CL20). Any device may name any other, so that a name is never preferred to an id that begins like
 * it. Throws `not-paired`, `ambiguous`, or `usage` for this device where it is none to choose from.
 */
export function findDevice(
  rows: readonly DeviceRow[],
  text: string,
  { removed = false, self = false }: Findable = {},
): DeviceRow {
  const known = rows.filter(({ state }) => removed || state !== 'removed')
  const others = known.filter((row) => !row.self)
  const [first, ...more] = fitting(self ? known : others, text)
  if (
    !self &&
    first === undefined &&
    fitting(
      rows.filter((row) => row.self),
      text,
    ).length > 0
  ) {
    throw usage('that is this device', 'name another one: baton devices lists them')
  }
  if (first === undefined) {
    throw new BatonError('not-paired', 'no paired device has this name', {
      hint: others.length === 0 ? 'pair one first: baton pair' : 'baton devices lists them',
    })
  }
  if (more.length === 0) return first
  const which = [first, ...more].map(
    (row) => `${nameOf(row)} (${row.short}${row.self ? ', this device' : ''})`,
  )
  throw new BatonError('ambiguous', `${which.length} devices fit this: ${which.join(', ')}`, {
    hint: 'give the id instead, all of it if need be: baton devices --json has it',
  })
}

function fitting(rows: readonly DeviceRow[], text: string): DeviceRow[] {
  const wanted = text.trim().toLowerCase()
  // An empty name is a variable of a script that was not set, and no device.
  if (wanted === '') return []
  const whole = rows.filter(({ id }) => id === text)
  if (whole.length > 0) return whole
  const exact = rows.filter(
    (row) => nameOf(row).toLowerCase() === wanted || (text.length >= 4 && row.id.startsWith(text)),
  )
  return exact.length > 0 ? exact : rows.filter(({ name }) => name.toLowerCase().startsWith(wanted))
}
