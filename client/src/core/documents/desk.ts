/** Open conflicts over all sessions, and by the names people use for them (rule CR5). */

import type { SessionId } from '@baton/shared/ids'
import type { ConflictedSession, Mesh } from '../mesh-api.ts'
import { namedSession } from '../named-session.ts'
import type { Library } from '../sessions/library.ts'
import type { Sharing } from '../sessions/sharing.ts'
import type { DocumentKeeper } from './documents.ts'

export interface DeskPorts {
  readonly documents: DocumentKeeper
  readonly library: Library
  readonly sharing: Sharing
}

export function createConflictDesk(ports: DeskPorts): Pick<Mesh, 'conflicts' | 'settle'> {
  const { documents, library, sharing } = ports

  const named = namedSession(library, 'can conflict')

  const titled = (session: SessionId): Pick<ConflictedSession, 'session' | 'title'> => ({
    session,
    title: sharing.descriptor(session)?.title,
  })

  return {
    async conflicts(ref) {
      if (ref === undefined) {
        const open = await documents.withConflicts()
        return open.map((each) => ({ ...titled(each.session), conflicts: each.conflicts }))
      }
      const session = await named(ref)
      const document = await documents.open(session)
      return [{ ...titled(session), conflicts: await document.conflicts() }]
    },
    async settle(ref, conflict, settling) {
      await (await documents.open(await named(ref))).resolve(conflict, settling)
    },
  }
}
