/**
 * What the kits say with: claims that throw, so that whatever runs the tests can tell. A kit needs no
 * test runner of its own (rule KT1).
 */
import { type Bytes, compareBytes, toHex } from '@baton/shared/bytes'
import { type ErrorCode, isBatonError } from '@baton/shared/errors'

/** Declares one test: `test` or `it` of node:test, vitest, jest, mocha, bun or deno. */
export type DeclareTest = (title: string, run: () => Promise<void>) => unknown

/** The name of what a kit throws when a claim of its own does not hold. */
export const brokenRule = 'BrokenRule'

const maxShownChars = 200

export function ok(holds: boolean, claim: string): asserts holds {
  if (!holds) throw broken(`it does not hold that ${claim}`)
}

/** Arrays, plain objects and bytes by what is in them, everything else by `Object.is`. */
export function equal(actual: unknown, expected: unknown, what = 'the result'): void {
  if (isSame(actual, expected)) return
  throw broken(`${what} is ${shown(actual)}, not ${shown(expected)}`)
}

export async function rejects(run: Promise<unknown>, code: ErrorCode): Promise<void> {
  equal(await outcome(run), code, 'the outcome')
}

/** The code it rejects with, `other` for an error that has none, or `resolved`. */
export function outcome(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'resolved',
    (error: unknown) => (isBatonError(error) ? error.code : 'other'),
  )
}

/** As it is; when the test fails before it waits for it, its own failure is not another one. */
export function later<T>(run: Promise<T>): Promise<T> {
  run.catch(() => undefined)
  return run
}

export const sameBytes = (left: readonly Bytes[], right: readonly Bytes[]): boolean =>
  left.length === right.length &&
  left.every((bytes, i) => compareBytes(bytes, right[i] as Bytes) === 0)

const broken = (text: string): Error => Object.assign(new Error(text), { name: brokenRule })

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && isSame(a[key as never], b[key as never]))
  )
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) =>
    each instanceof Uint8Array ? `${each.length} bytes ${toHex(each.subarray(0, 16))}` : each,
  )
  return text === undefined || text.length <= maxShownChars
    ? String(text)
    : `${text.slice(0, maxShownChars)}...`
}
