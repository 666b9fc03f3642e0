/** Telling of a session at most so often: at once, and what comes meanwhile together. */
import type { SessionId } from '@baton/shared/ids'
import type { Clock } from '../ports/platform.ts'

export interface Pacing {
  (session: SessionId): void
  /** Tells what waits, and is done with the session for now. */
  end(session: SessionId): void
  close(): void
}

export function createPacing(clock: Clock, ms: number, tell: (session: SessionId) => void): Pacing {
  /** Those told lately, and how to stop waiting; `more`: there is something to tell since. */
  const lately = new Map<SessionId, { more: boolean; cancel: () => void }>()

  function told(session: SessionId): void {
    const cancel = clock.after(ms, () => {
      const more = lately.get(session)?.more
      lately.delete(session)
      if (more) told(session)
    })
    lately.set(session, { more: false, cancel })
    tell(session)
  }

  const pacing = (session: SessionId): void => {
    const known = lately.get(session)
    if (known) known.more = true
    else told(session)
  }
  return Object.assign(pacing, {
    end(session: SessionId) {
      const known = lately.get(session)
      known?.cancel()
      lately.delete(session)
      if (known?.more) tell(session)
    },
    close() {
      for (const { cancel } of lately.values()) cancel()
      lately.clear()
    },
  })
}
