/** `baton rename`: what a device is called on all of them (rule RS4). */
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { safeLine } from './safe-text.ts'

export async function rename(
  { terminal, control }: Context,
  device: string,
  name: string,
): Promise<void> {
  const rows = await control().devices()
  const own = rows.find((row) => row.self && nameOf(row).toLowerCase() === device.toLowerCase())
  const row = own ?? findDevice(rows, device)
  await control().rename({ device: row.id, name })
  terminal.object({ type: 'result', ok: true, device: row.id, name })
  terminal.tell(terminal.note.good(`${safeLine(nameOf(row))} is called ${safeLine(name)} now`))
}
