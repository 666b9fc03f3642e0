/** `baton role` and `baton remove`: what devices may do, and which are gone for good (rules CL15, CL16). */
import { BatonError } from '@baton/shared/errors'
import { type Role, roles } from '@baton/shared/roster/authority'
import type { DeviceRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { usage } from './exit.ts'
import { confirm } from './keys.ts'
import { safeLine } from './safe-text.ts'

export async function role(context: Context, device: string, text: string): Promise<void> {
  const { terminal, control } = context
  const wanted: Role | undefined = roles.find((each) => each === text)
  if (wanted === undefined) throw usage(`a role is ${roles.join(', ')}`)
  const row = findDevice(await control().devices(), device, { self: true })
  await control().role({ device: row.id, role: wanted })
  terminal.object({ type: 'result', ok: true, device: row.id, role: wanted })
  terminal.tell(terminal.note.good(`${safeLine(nameOf(row))} is ${article[wanted]} now`))
}

const article = { admin: 'an admin', member: 'a member', observer: 'an observer' } as const

export async function remove(
  context: Context,
  device: string,
  { yes = false }: { readonly yes?: boolean },
): Promise<void> {
  const { terminal, control } = context
  const row = findDevice(await control().devices(), device, { self: true, removed: true })
  const name = safeLine(nameOf(row))
  if (isGuest(row)) return endVisit(context, row)
  if (!yes) {
    if (!terminal.asks) throw usage('removing a device is for good', 'say so with --yes')
    const question = row.self
      ? 'Remove this device, for good?'
      : `Remove ${name} (${row.short}), for good?`
    if (!(await confirm(terminal, question)))
      throw new BatonError('cancelled', 'nothing was removed')
  }
  await control().remove({ device: row.id })
  terminal.object({ type: 'result', ok: true, device: row.id })
  terminal.tell(terminal.note.good(`${name} is removed`))
  terminal.tell('  what it wrote that this device does not hold counts nowhere any more')
  terminal.tell('  what it holds it keeps: change what it could log in to')
}

const isGuest = ({ self, trust, state }: DeviceRow) => !self && trust < 0.5 && state !== 'removed'

/** One that is here for one session, or where this one is: nothing of it is for good. */
async function endVisit({ terminal, control }: Context, row: DeviceRow): Promise<void> {
  await control().remove({ device: row.id })
  terminal.object({ type: 'result', ok: true, device: row.id })
  terminal.tell(terminal.note.good(`the visit with ${safeLine(nameOf(row))} is ended`))
  terminal.tell('  its link is closed on both ends; what came over it stays where it is')
}
