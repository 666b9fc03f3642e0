/**
 * Tells of a device when its row says another thing than the one told last (rule ME8): it is looked at
 * with every word of its own, and could say any number of them that change nothing.
 */
import type { DeviceId } from '@baton/shared/ids'
import type { DeviceRow } from './mesh-api.ts'

export function createDeviceNews(
  rowOf: (device: DeviceId) => DeviceRow | undefined,
  tell: (row: DeviceRow) => void,
): (device: DeviceId) => void {
  const told = new Map<DeviceId, string>()
  return (device) => {
    const row = rowOf(device)
    if (row === undefined) {
      told.delete(device)
      return
    }
    // These two are measured, and change by themselves.
    const news = JSON.stringify({ ...row, rttMs: undefined, lastSeen: undefined })
    if (told.get(device) === news) return
    told.set(device, news)
    tell(row)
  }
}
