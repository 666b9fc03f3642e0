/** What a person is told about this device in plain words. */
import { epochOf, holderOf } from '@baton/shared/conflict/leases'
import type { TranscriptState } from '@baton/shared/conflict/transcript'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { StoreTrouble } from './exchange/exchange.ts'
import { traceFault } from './fault.ts'
import type { MeshEvent } from './mesh-api.ts'
import type { Trace } from './ports/platform.ts'

const notice = (message: string): MeshEvent => ({ kind: 'notice', message })

export const diskNotice = (code: StoreTrouble | undefined): MeshEvent =>
  notice(
    code
      ? 'the disk of this device takes nothing more: what others send is asked for again later'
      : 'the disk of this device has room again',
  )

/** Both copies go on, and what either wrote comes again by itself. */
export const forkNotice = (self: boolean, name = 'a device'): MeshEvent =>
  notice(`${self ? 'this device' : name} ran twice from one copy; nothing is lost`)

/**
 * An agent went on here with a session that another device holds (rule HW4): told once an epoch, with
 * what its person can do about it.
 */
export function besideNotices(ports: {
  readonly trace: Trace
  tell(event: MeshEvent): void
  state(session: SessionId): Promise<TranscriptState>
  name(device: DeviceId): string | undefined
  title(session: SessionId): string | undefined
}): (session: SessionId) => void {
  const told = new Map<SessionId, number>()

  async function say(session: SessionId): Promise<void> {
    const { held } = await ports.state(session)
    if (!held || told.get(session) === epochOf(held.holding)) return
    told.set(session, epochOf(held.holding))
    const holder = holderOf(held.holding)
    const who = (holder && ports.name(holder)) ?? 'another device'
    const short = session.slice(0, 8)
    ports.tell(
      notice(
        `an agent went on here with "${ports.title(session) ?? short}", which ${who} holds: that stands beside the history; baton take ${short} brings the session here, baton branches ${short} shows what stands beside`,
      ),
    )
  }

  return (session) => {
    say(session).catch((error: unknown) => traceFault(ports.trace, 'beside.notice', error))
  }
}
