/** One line for what happens while a device is up. */
import { cleanText } from '@baton/shared/clean-text'
import type { DeviceRow, MeshEvent } from '../../core/mesh-api.ts'
import { nameOf } from './devices.ts'
import type { Paint } from './paint.ts'
import { bytes, plural, shortPath } from './units.ts'

export const devicePhrase = (row: DeviceRow): string => `${nameOf(row)} (${row.short})`

/** Undefined for what nobody needs to read. */
export function eventLine(
  event: MeshEvent,
  { dim, good }: Paint,
  context: { readonly home: string; now(): number },
): string | undefined {
  const at = dim(new Date(context.now()).toTimeString().slice(0, 8))
  switch (event.kind) {
    case 'device': {
      const { device } = event
      if (device.state === 'connecting' || device.state === 'self') return undefined
      const path = device.path === undefined || device.path === 'unknown' ? '' : ` ${device.path}`
      return `${at}  ${devicePhrase(device)} ${device.state}${path}`
    }
    case 'received': {
      const { records, bytes: size } = event.receipt
      const where =
        event.placed === undefined ? '' : `, placed at ${shown(event.placed, context.home)}`
      return `${at}  ${good('received')} ${plural(records, 'record')}, ${bytes(size)}${where}`
    }
    case 'notice':
      return `${at}  ${cleanText(event.message, 300) ?? ''}`
    case 'session':
      return undefined
  }
}

const shown = (path: string, home: string): string => cleanText(shortPath(path, home), 400) ?? ''
