/**
 * Driven sessions by the names people use for them (rules NS1 to NS4): made, extended, watched, and
 * driven by one at a time. Who may write, and who holds a session, is judged in documents.
 */
import { toHex } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { createAgentSession } from '@baton/shared/model/agent/changes'
import type { DocumentKeeper } from '../documents/documents.ts'
import type { Drive, DrivenDesk } from '../driven-api.ts'
import { namedSession } from '../named-session.ts'
import type { Clock, Random } from '../ports/platform.ts'
import { isDocument } from '../sessions/document-row.ts'
import type { Library } from '../sessions/library.ts'
import type { Sharing } from '../sessions/sharing.ts'
import { inputOf, openDrive, saying } from './drive.ts'
import { liveTask } from './live.ts'

export interface DrivenPorts {
  readonly documents: Pick<DocumentKeeper, 'create' | 'open' | 'state' | 'holder'>
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

  /** Rejects with `not-holder`, or `handing-over`, where this device does not write the history. */
  const checkHolds = async (session: SessionId) =>
    void documents.holder.epoch(session, await documents.state(session))

  const holds = (session: SessionId) =>
    checkHolds(session).then(
      () => true,
      (error: unknown) => {
        if (isElsewhere(error)) return false
        throw error
      },
    )

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
    async say(ref, { role, text, id: own }) {
      const open = await document(ref)
      const { session } = open
      const { messages, inbox } = await documents.state(session)
      const id = own ?? toHex(ports.random.bytes(12))
      if (own && (messages.has(id) || inbox.has(id))) {
        return { session, id, waits: !messages.has(id) }
      }
      const waits = driven.has(session) || !(await holds(session))
      if (!waits) return { session, id: await open.say(saying(role, text), { id }), waits }
      if (role !== 'user') {
        await checkHolds(session)
        throw driving()
      }
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
      await checkHolds(session)
      if (driven.has(session)) {
        throw new BatonError('already-running', 'failed to go on: someone drives this session', {
          hint: 'say something to it with baton say, or end the other baton run',
        })
      }
      const drive = openDrive(
        open,
        ports.self,
        () => checkHolds(session),
        () => void driven.delete(session),
      )
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

const isElsewhere = (error: unknown): boolean =>
  isBatonError(error) && ['not-holder', 'handing-over'].includes(error.code)

const driving = () =>
  new BatonError('not-permitted', 'failed to write: an agent is driven in this session', {
    hint: 'what you say as yourself goes to its inbox: leave out --role',
  })

const filesAlone = () =>
  new BatonError('not-permitted', 'failed to watch: this session is its agent’s own files', {
    hint: 'baton show reads it, one finished record at a time',
  })
