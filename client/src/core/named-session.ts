/** A session that was shared, by the names people use for it (rule LB1), for desks over documents. */
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import type { Library } from './sessions/library.ts'

/** `otherwise`: what cannot be in a session that was never shared, with its verb. */
export const namedSession =
  (library: Library, otherwise: string) =>
  async (ref: string): Promise<SessionId> => {
    const { session } = await library.resolve(ref)
    if (session !== undefined) return session
    throw new BatonError('not-found', `the session was never shared: nothing in it ${otherwise}`)
  }
