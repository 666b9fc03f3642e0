/** Sizes, times and paths as people read them. */
import { sep } from 'node:path'

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = count / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

/** A stage's time: `240 ms`, `1.4 s`, `3 min`. */
export function took(ms: number): string {
  if (ms < 995) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}

/** `4:05` until something ends. */
export function clockLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export function ago(then: number, now: number): string {
  const seconds = Math.max(0, (now - then) / 1000)
  if (seconds < 60) return 'just now'
  const steps: [number, string][] = [
    [3600, 'min'],
    [86_400, 'h'],
    [Number.POSITIVE_INFINITY, 'd'],
  ]
  const sizes = [60, 3600, 86_400]
  const at = steps.findIndex(([limit]) => seconds < limit)
  return `${Math.floor(seconds / (sizes[at] as number))} ${steps[at]?.[1]} ago`
}

export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : many}`

/** `~` for the home folder. */
export function shortPath(path: string, home: string): string {
  if (path === home) return '~'
  return home !== '' && path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path
}
