/** The verdict of one check, and the verdicts that need nothing but numbers (rule DR1). */
import { isBatonError } from '@baton/shared/errors'
import { took } from '../cli/units.ts'

export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was found: lower case, without a secret. */
  readonly text: string
  /** What to do, when it is not ok. */
  readonly hint?: string
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text })
export const warn = (name: string, text: string, hint: string): Check => ({
  name,
  state: 'warn',
  text,
  hint,
})
export const fail = (name: string, text: string, hint: string): Check => ({
  name,
  state: 'fail',
  text,
  hint,
})

export function nodeVerdict(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return ok('node', version)
  return fail('node', `${version} is too old`, 'install Node 20.19 or newer: https://nodejs.org')
}

const hourMs = 3_600_000
const fineMs = 60_000

/** `skewMs`: this device's clock minus the service's; half of `roundMs` of it may be the way. */
export function clockVerdict(skewMs: number, roundMs: number): Check {
  const off = Math.abs(skewMs)
  const way = skewMs > 0 ? 'ahead of' : 'behind'
  // A Date header has whole seconds.
  if (off <= fineMs + 1000 + roundMs) return ok('clock', 'agrees with the service')
  const text = `${took(off)} ${way} the service`
  const hint = 'set the clock of this device; codes and the hours devices meet at depend on it'
  return off < hourMs ? warn('clock', text, hint) : fail('clock', text, hint)
}

/** What is wrong with a home that was tried to be written. */
export function homeFault(shown: string, error: unknown): Check {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return fail('home', `${shown} is on a full disk`, 'make some room')
  const why = isBatonError(error) ? error.message : code
  return fail('home', `${shown} cannot be written (${why})`, 'name another one with BATON_HOME')
}
