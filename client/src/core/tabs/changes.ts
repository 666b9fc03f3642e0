/** What all pages of the origin hear of a mesh, and what one of them follows of a document. */
import type { SessionId } from '@baton/shared/ids'
import { createEventQueue } from '../event-queue.ts'
import type { Mesh, MeshEvent } from '../mesh-api.ts'
import type { Following } from './calls.ts'
import type { MeshChange } from './messages.ts'

/** That a document changed: told once for all that came before it was read. */
export function changesOf(mesh: Pick<Mesh, 'documents'>, session: SessionId): Following {
  const queue = createEventQueue<null>()
  let waiting = false
  let over = false
  let unwatch = () => {}
  mesh.documents.open(session).then(
    (document) => {
      if (over) return
      unwatch = document.watch(() => {
        if (waiting) return
        waiting = true
        queue.push(null)
      })
    },
    () => queue.end(),
  )
  async function* read(): AsyncGenerator<null> {
    for await (const each of queue.events) {
      waiting = false
      yield each
    }
  }
  return {
    events: read(),
    cancel() {
      over = true
      unwatch()
      queue.end()
    },
  }
}

export function changeOf(event: MeshEvent): MeshChange {
  const { kind } = event
  switch (kind) {
    case 'session':
      return event.session.id === undefined ? { kind } : { kind, session: event.session.id }
    case 'received':
      return { kind, session: event.receipt.session }
    case 'handoff':
      return { kind, session: event.handoff.session, waits: event.handoff.waitsForUs }
    case 'notice':
      return { kind, message: event.message.slice(0, 4096) }
    default:
      return { kind }
  }
}
