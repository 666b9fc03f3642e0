/** What went wrong, in words that suit a page: hints that name a command of a terminal are left out. */
import { w } from './words/words.ts'

export interface Problem {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export function problemOf(error: unknown): Problem {
  const { code, message, hint } = (error ?? {}) as Partial<Problem>
  // In a language other than that of the mesh, one sentence of the kind says what, and what helps.
  const said = typeof code === 'string' ? w().errors[code] : undefined
  if (code !== undefined && said !== undefined) return { code, message: said }
  return {
    code: typeof code === 'string' ? code : 'invalid',
    message: typeof code === 'string' && message ? message : w().frame.unexpected,
    ...(hint !== undefined && !/\bbaton [a-z]/.test(hint) ? { hint } : {}),
  }
}
