/** Where sessions in the files of agents go and stand, as far as this process knows (rule HW2). */
import type { SessionId } from '@baton/shared/ids'
import type { InPlace } from '../sessions/moving.ts'
import type { PlaceHere } from '../sessions/placing.ts'

export interface Places {
  /** A person says where the session is to stand; what was known of it before is forgotten. */
  want(session: SessionId, where: PlaceHere | undefined): void
  wanted(session: SessionId): PlaceHere | undefined
  /** It was put there, on whichever end. */
  came(session: SessionId, at: InPlace): void
  at(session: SessionId): InPlace | undefined
}

export function createPlaces(): Places {
  const wheres = new Map<SessionId, PlaceHere>()
  const came = new Map<SessionId, InPlace>()
  return {
    want(session, where) {
      came.delete(session)
      if (where) wheres.set(session, where)
      else wheres.delete(session)
    },
    wanted: (session) => wheres.get(session),
    came: (session, { path, resume }) => void came.set(session, { path, resume }),
    at: (session) => came.get(session),
  }
}
