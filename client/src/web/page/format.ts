/** Sizes, times and names as people read them. */
import type { DeviceRow } from '../../core/mesh-api.ts'

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = count / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`
}

/** "now", "5 min ago", "3 h ago", else the day. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000)
  if (minutes < 1) return 'now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`
  return new Date(at).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
}

/** What a record says of its time; empty for what is none. */
export function clock(at: string | undefined): string {
  const time = at === undefined ? Number.NaN : Date.parse(at)
  if (Number.isNaN(time)) return ''
  return minutes.format(time)
}

/** Made once: making one takes longer than all else about a row. */
const minutes = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`

/** Where a device stands, in a word of its own and not by colour alone. */
export function standing(device: DeviceRow): string {
  const path = device.path === 'direct' || device.path === 'relayed' ? `, ${device.path}` : ''
  const rtt = device.rttMs === undefined ? '' : `, ${Math.max(1, Math.round(device.rttMs))} ms`
  switch (device.state) {
    case 'self':
      return 'this page'
    case 'connected':
      return `connected${path}${rtt}`
    default:
      return device.state
  }
}

/** How long nobody could write, as an aside; empty when it is not known. */
export const took = (ms: number | undefined): string =>
  ms === undefined
    ? ''
    : `, after ${ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`}`

export const atTime = (at: number): string =>
  new Date(at).toLocaleTimeString(undefined, { timeStyle: 'short' })
