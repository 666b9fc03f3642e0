/** Brings what agents wrote on this device into the log, by what a person named or by session (IM2). */
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import type { Importer, ImportHow } from './importer.ts'
import type { Found, Library } from './library.ts'

export interface Taking {
  /** Finds what `ref` names, takes what is new, and returns its session. */
  ref(ref: string, how?: ImportHow): Promise<SessionId>
  /** Takes what is new in every file of this device that stands for the session. */
  session(session: SessionId, how?: ImportHow): Promise<void>
  file(found: Found, how?: ImportHow): Promise<SessionId>
}

export function createTaking(ports: {
  readonly library: Library
  readonly importer: Importer
}): Taking {
  const { library, importer } = ports

  async function file({ source, found }: Found, how?: ImportHow): Promise<SessionId> {
    const { session, skipped } = await importer.take(source, found, how)
    if (skipped.length > 0) how?.skipped?.(skipped)
    return session
  }

  async function session(id: SessionId, how?: ImportHow): Promise<void> {
    for (const found of await library.filesOf(id)) await file(found, how)
  }

  return {
    file,
    session,
    async ref(ref, how) {
      const target = await library.resolve(ref)
      if (target.session !== undefined) {
        for (const found of await library.filesOf(target.session)) await file(found, how)
        return target.session
      }
      if (!target.found) throw new BatonError('not-found', 'no session has this id')
      return file(target.found, how)
    },
  }
}
