/** What of a session does not count because its log was cut, by the names people use (rule FK8). */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { DocumentKeeper } from './documents/documents.ts'
import type { ForkCare } from './forks.ts'
import type { HiddenRow, Mesh } from './mesh-api.ts'
import type { Library } from './sessions/library.ts'

export interface HiddenDeskPorts {
  readonly self: DeviceId
  readonly documents: DocumentKeeper
  readonly forks: ForkCare
  readonly library: Library
}

export function createHiddenDesk(ports: HiddenDeskPorts): Pick<Mesh, 'hidden' | 'adopt'> {
  const { documents, forks, library } = ports

  async function named(ref: string): Promise<SessionId> {
    const { session } = await library.resolve(ref)
    if (session !== undefined) return session
    throw new BatonError('not-found', 'the session was never shared: nothing in it is hidden')
  }

  return {
    async hidden(ref) {
      const { hidden } = await documents.state(await named(ref))
      return hidden.flatMap(({ log, seq, reason }): HiddenRow[] =>
        reason === 'revoked' || reason === 'forked'
          ? [{ log, seq, reason, device: splitLogId(log).device }]
          : [],
      )
    },
    async adopt(ref, { log, seq }) {
      const session = await named(ref)
      if (splitLogId(log).session !== session) {
        throw new BatonError('not-found', 'failed to take it over: it stands in another session')
      }
      if (!(await documents.state(session)).writers.has(ports.self)) {
        throw new BatonError(
          'not-permitted',
          'failed to take it over: this device may only read the session',
          { hint: 'the device that began it can let this one write' },
        )
      }
      await forks.adopt(log, seq)
    },
  }
}
