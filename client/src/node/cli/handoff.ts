/** `baton handoff` and `baton take`: a session changes hands, stage by stage (rule CL24). */
import type { DeviceRow, HandoffKind } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { usage } from './exit.ts'
import { concludeHandoff, followHandoff } from './handing.ts'
import { choose } from './keys.ts'

interface KindOptions {
  readonly mirror?: boolean
  readonly observe?: boolean
}

export interface HandoffOptions extends KindOptions {
  readonly to?: string
}

export interface TakeOptions extends KindOptions {
  readonly force?: boolean
}

function kindOf({ mirror = false, observe = false }: KindOptions): HandoffKind {
  if (mirror && observe)
    throw usage('--mirror and --observe are two things', 'leave one of them out')
  return mirror ? 'mirror' : observe ? 'observe' : 'transfer'
}

export async function handoff(context: Context, ref: string, options: HandoffOptions) {
  const kind = kindOf(options)
  const rows = await context.control().devices()
  const device = await targetOf(context, rows, options.to)
  const task = context.control().hand({ ref, to: device.id, kind })
  concludeHandoff(context, await followHandoff(context, task, rows), rows)
}

export async function take(context: Context, ref: string, options: TakeOptions) {
  const kind = kindOf(options)
  const { force = false } = options
  if (force && kind !== 'transfer') throw usage('--force takes the session itself', 'leave it out')
  const rows = await context.control().devices()
  const task = context.control().take({ ref, kind, force })
  concludeHandoff(context, await followHandoff(context, task, rows), rows)
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
