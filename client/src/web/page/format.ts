/** Sizes, times and names as people read them. */
import type { DeviceRow } from '../../core/mesh-api.ts'
import { w } from './words/words.ts'

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = count / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = value < 10 ? 1 : 0
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return `${value.toLocaleString(w().language, options)} ${units[unit]}`
}

/** "now", "5 min. ago", "3 hr. ago", else the day. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000)
  const relative = new Intl.RelativeTimeFormat(w().language, { numeric: 'auto', style: 'short' })
  if (minutes < 1) return relative.format(0, 'second')
  if (minutes < 60) return relative.format(-minutes, 'minute')
  if (minutes < 24 * 60) return relative.format(-Math.floor(minutes / 60), 'hour')
  return new Date(at).toLocaleDateString(w().language, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
}

/** What a record says of its time; empty for what is none. */
export function clock(at: string | undefined): string {
  const time = at === undefined ? Number.NaN : Date.parse(at)
  if (Number.isNaN(time)) return ''
  return minutes().format(time)
}

/** Made once for a language: making one takes longer than all else about a row. */
const made = new Map<string, Intl.DateTimeFormat>()
function minutes(): Intl.DateTimeFormat {
  const { language } = w()
  const known =
    made.get(language) ?? new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
  made.set(language, known)
  return known
}

/** Where a device stands, in a word of its own and not by colour alone. */
export function standing(device: DeviceRow): string {
  const t = w().devices
  const { state, path, rttMs } = device
  const word = (t.states as Readonly<Record<string, string>>)[state] ?? state
  if (state !== 'connected') return word
  const way = path === 'direct' || path === 'relayed' ? `, ${t.paths[path]}` : ''
  return `${word}${way}${rttMs === undefined ? '' : `, ${Math.max(1, Math.round(rttMs))} ms`}`
}

/** How long nobody could write, as an aside; empty when it is not known. */
export const took = (ms: number | undefined): string =>
  ms === undefined ? '' : w().holding.after(spanOf(ms))

function spanOf(ms: number): string {
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`
  const options = { minimumFractionDigits: 1, maximumFractionDigits: 1 }
  return `${(ms / 1000).toLocaleString(w().language, options)} s`
}

export const atTime = (at: number): string =>
  new Date(at).toLocaleTimeString(w().language, { timeStyle: 'short' })
