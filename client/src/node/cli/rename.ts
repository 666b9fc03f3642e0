/** `baton rename`: what a device is called on all of them (rule RS4). */
import { cleanText } from '@baton/shared/clean-text'
import { maxNameChars } from '@baton/shared/limits'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { usage } from './exit.ts'
import { safeLine } from './safe-text.ts'

export async function rename(
  { terminal, control }: Context,
  device: string,
  name: string,
): Promise<void> {
  if (cleanText(name, maxNameChars) !== name) {
    throw usage(
      `failed to rename: a name has 1 to ${maxNameChars} characters to be seen`,
      "give one like 'old laptop'",
    )
  }
  const row = findDevice(await control().devices(), device, { self: true })
  await control().rename({ device: row.id, name })
  terminal.object({ type: 'result', ok: true, device: row.id, name })
  terminal.tell(terminal.note.good(`${safeLine(nameOf(row))} is called ${safeLine(name)} now`))
}
