/**
 * What a log may hold of a failure (rule PF7): the code of an expected one; of any other its name and
 * the file and line it came from. Never its text, which may quote what a person wrote.
 */
import { isBatonError } from '@baton/shared/errors'
import type { Trace } from './ports/platform.ts'

const place = /([A-Za-z][\w-]*)\.[cm]?[jt]sx?(?:\?[^\s:)]*)?:(\d+):\d+/

export function traceFault(trace: Trace, event: string, error: unknown): void {
  if (isBatonError(error)) {
    trace(event, { error: error.code })
    return
  }
  const { name = 'unknown', message = '', stack = '' } = error instanceof Error ? error : {}
  const [, file, line] = place.exec(stack.replace(message, '')) ?? []
  trace(event, { error: word(codeOf(error) ?? name), file, line: line ? Number(line) : undefined })
}

/** `ENOENT` and the like, of errors that come from the system. */
function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
  return typeof code === 'string' && /^[A-Z]{2,16}$/.test(code) ? code : undefined
}

/** `TypeError` as `type-error`, `ENOENT` as `enoent`. */
const word = (name: string): string =>
  /^[A-Z]+$/.test(name) ? name.toLowerCase() : name.replace(/(?!^)(?=[A-Z])/g, '-').toLowerCase()
