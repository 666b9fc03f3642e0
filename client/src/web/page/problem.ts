/** What went wrong, in words that suit a page: hints that name a command of a terminal are left out. */

export interface Problem {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export function problemOf(error: unknown): Problem {
  const { code, message, hint } = (error ?? {}) as Partial<Problem>
  return {
    code: typeof code === 'string' ? code : 'invalid',
    message: typeof code === 'string' && message ? message : 'an unexpected error',
    ...(hint !== undefined && !/\bbaton [a-z]/.test(hint) ? { hint } : {}),
  }
}
