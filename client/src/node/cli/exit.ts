/** What a command's exit code says (rule CL1), and how an error is told: `error:` and `hint:`. */
import { BatonError, isBatonError } from '@baton/shared/errors'

export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'it failed; the error says why'],
  [2, 'the command, or a value in it, was not understood, or an answer it needs is missing'],
  [3, 'cancelled or declined'],
  [4, 'the device is not paired, or no longer'],
  [5, 'this device is not running: baton up'],
  [6, 'the other device, or the signaling service, cannot be reached'],
  [7, 'too late: a timeout, or a code that has ended'],
  [8, 'someone has to decide: more than one thing fits, or something is in the way'],
  [9, 'the passphrase is wrong, or the keychain does not answer'],
  [130, 'interrupted (Ctrl-C)'],
]

/** Of a session that is there: 8 when it could not be put in its place. */
export const placedExit = (unplaced: unknown): number => (unplaced === undefined ? 0 : 8)

/** What the result of `--json` says beside `ok: true`: an exit code that is not 0. */
export const exitField = (exit: number): { readonly exit?: number } => (exit === 0 ? {} : { exit })

const byCode: Readonly<Record<string, number>> = {
  usage: 2,
  'code-format': 2,
  'keyring-locked': 2,
  cancelled: 3,
  'pairing-cancelled': 3,
  'not-paired': 4,
  'not-permitted': 4,
  revoked: 4,
  'not-running': 5,
  'peer-offline': 6,
  'no-answer': 6,
  'no-path': 6,
  'link-closed': 6,
  'link-timeout': 6,
  'signaling-full': 6,
  'signaling-lost': 6,
  'signaling-refused': 6,
  'signaling-unreachable': 6,
  timeout: 7,
  'code-dead': 7,
  'code-expired': 7,
  'code-unknown': 7,
  ambiguous: 8,
  'handing-over': 8,
  'not-holder': 8,
  'place-exists': 8,
  'place-live': 8,
  'place-unmapped': 8,
  'rosters-differ': 8,
  'source-changed': 8,
  'keychain-unavailable': 9,
  'passphrase-wrong': 9,
}

export const exitOf = (code: string): number => byCode[code] ?? 1

export interface Told {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

/** What may be shown of an error: nothing of the text of one that was not expected. */
export function tellable(error: unknown): Told {
  if (isBatonError(error)) return { code: error.code, message: error.message, hint: error.hint }
  const { code } = error as NodeJS.ErrnoException
  return {
    code: 'invalid',
    message: `an unexpected error${typeof code === 'string' ? ` (${code})` : ''}`,
    hint: 'baton doctor checks this installation',
  }
}

/** What commander says of a line it did not take: a sentence, and a guess on a line of its own. */
export function notUnderstood(text: string, otherwise = 'baton help lists what there is'): Told {
  const [line = '', guess = ''] = text.trimEnd().split('\n')
  const meant = /\(Did you mean (.*)\?\)/.exec(guess)?.[1]
  const hint = meant === undefined ? otherwise : `did you mean ${meant}?`
  return { code: 'usage', message: line.replace(/^error: /, ''), hint }
}

/** A command that lacks something, or was given what it cannot take. */
export const usage = (message: string, hint?: string): BatonError =>
  new BatonError('usage', message, hint === undefined ? {} : { hint })

/** Reads a value that was typed: one that cannot be used is a fault of the line (rule CL13). */
export function typed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isBatonError(error) || error.code !== 'invalid') throw error
    throw usage(error.message, error.hint)
  }
}

/** An event of a task that says it failed, as an error. */
export function failedAs(event: {
  code: string
  message: string
  hint?: string | undefined
}): BatonError {
  const { code, message, hint } = event
  return new BatonError(code as BatonError['code'], message, hint === undefined ? {} : { hint })
}
