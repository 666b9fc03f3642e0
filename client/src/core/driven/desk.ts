/**
 * Driven sessions by the names people use for them (rules NS1 to NS4): made, extended, watched, and
 * driven by one at a time. Who may write is judged in documents; who holds a session is decided in `holds`.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { createAgentSession } from '@baton/shared/model/agent/changes'
import type { Documents } from '../documents-api.ts'
import type { Drive, DrivenDesk } from '../driven-api.ts'
import { namedSession } from '../named-session.ts'
import type { Clock, Random } from '../ports/platform.ts'
import { isDocument } from '../sessions/document-row.ts'
import type { Library } from '../sessions/library.ts'
import type { Sharing } from '../sessions/sharing.ts'
import { inputOf, openDrive, saying } from './drive.ts'
import { liveTask } from './live.ts'

export interface DrivenPorts {
  readonly documents: Documents
  readonly library: Library
  readonly sharing: Sharing
  readonly clock: Clock
  readonly random: Random
  readonly self: DeviceId
}

export interface DrivenKeeper extends DrivenDesk {
  /** Lays down every pen. */
  close(): Promise<void>
}

export function createDrivenDesk(ports: DrivenPorts): DrivenKeeper {
  const { documents, library, sharing, clock } = ports
  const driven = new Map<SessionId, Promise<Drive>>()
  const named = namedSession(library, 'can be said')
  // Sessions change hands with leases; until then all belongs to whoever began it.
  const holds = (session: SessionId) => sharing.author(session) === ports.self

  async function document(ref: string) {
    const session = await named(ref)
    if (!isDocument(sharing, session)) {
      throw new BatonError('not-permitted', 'failed to write: the session is its agent’s own', {
        hint: 'Baton writes into sessions that it drives: baton new, or baton run',
      })
    }
    return documents.open(session)
  }

  return {
    async create({ title, agent = '' }) {
      const changes = createAgentSession({
        ...{ agent, user: '', device: ports.self, mode: 'headless', now: clock.now() },
      })
      const options = title === undefined ? { changes } : { changes, title }
      return (await documents.create('agent', options)).session
    },
    async say(ref, { role, text }) {
      const open = await document(ref)
      const { session } = open
      const waits = !holds(session) || driven.has(session)
      if (!waits) return { session, id: await open.say(saying(role, text)), waits }
      if (role !== 'user') throw elsewhere(driven.has(session))
      const id = toHex(ports.random.bytes(12))
      await open.change(inputOf(id, text))
      return { session, id, waits }
    },
    live: (ref, { last }) =>
      liveTask(
        async () => {
          const session = await named(ref)
          if (!isDocument(sharing, session)) throw filesAlone()
          return documents.open(session)
        },
        (session) => sharing.descriptor(session)?.title,
        last,
      ),
    async drive(ref) {
      const open = await document(ref)
      const { session } = open
      if (!holds(session)) throw elsewhere(false)
      if (driven.has(session)) {
        throw new BatonError('already-running', 'failed to go on: someone drives this session', {
          hint: 'say something to it with baton say, or end the other baton run',
        })
      }
      const drive = openDrive(open, ports.self, () => void driven.delete(session))
      driven.set(session, drive)
      drive.catch(() => driven.delete(session))
      return drive
    },
    async close() {
      const all = await Promise.allSettled([...driven.values()])
      for (const each of all) if (each.status === 'fulfilled') await each.value.close()
    },
  }
}

const elsewhere = (here: boolean) =>
  here
    ? new BatonError('not-permitted', 'failed to write: an agent is driven in this session', {
        hint: 'what you say as yourself goes to its inbox: leave out --role',
      })
    : new BatonError('not-permitted', 'failed to write: another device holds this session', {
        hint: 'what you say as yourself goes to its inbox; the history is written there',
      })

const filesAlone = () =>
  new BatonError('not-permitted', 'failed to watch: this session is its agent’s own files', {
    hint: 'baton show reads it, one finished record at a time',
  })
