/**
 * Tells of a session once this device holds it, and when it is shared with others than before (rule
 * ME9): a document comes without anybody handing it over, and nothing else would tell of it.
 */
import type { SessionId } from '@baton/shared/ids'
import type { SessionRow } from './mesh-api.ts'
import type { Sharing } from './sessions/sharing.ts'

export interface SessionNewsPorts {
  readonly sharing: Pick<Sharing, 'onChange' | 'descriptor'>
  rowOf(session: SessionId): Promise<SessionRow>
  tell(row: SessionRow): void
  failed(error: unknown): void
}

export function watchSessions({ sharing, rowOf, tell, failed }: SessionNewsPorts): void {
  sharing.onChange((session) => {
    // A roster is no session of a person's.
    if (sharing.descriptor(session) === undefined) return
    rowOf(session).then(tell, failed)
  })
}
