/**
 * Who may hold which session (rules GR1 to GR3), kept up with the folds: its author, and the devices
 * that the author's grants name. It is asked at every sync step, so the answer is in memory.
 */
import type { TranscriptState } from '@baton/shared/conflict/transcript'
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeGrant } from '@baton/shared/model/agent-entries'
import type { Repository } from '../repo/repository.ts'
import type { Transcripts } from './transcripts.ts'

export interface Sharing {
  members(session: SessionId): ReadonlySet<DeviceId>
  /** Sessions that both this device and `device` may hold. */
  sharedWith(device: DeviceId): SessionId[]
  /** Sessions that this device shares with anyone. */
  sharedByAny(): SessionId[]
  /** Reads the folds again where something changed; true when members did. */
  refresh(session: SessionId): Promise<boolean>
  /** Durable when it resolves; nothing when the device is a member already. */
  grant(session: SessionId, device: DeviceId): Promise<void>
}

const nobody: ReadonlySet<DeviceId> = new Set()

export async function openSharing(
  repository: Repository,
  transcripts: Transcripts,
  isTranscript: (session: SessionId) => boolean,
): Promise<Sharing> {
  const members = new Map<SessionId, ReadonlySet<DeviceId>>()

  async function refresh(session: SessionId): Promise<boolean> {
    const now = membersOf(await transcripts.state(session))
    const before = members.get(session) ?? nobody
    members.set(session, now)
    return now.size !== before.size
  }

  for (const session of repository.sessions()) if (isTranscript(session)) await refresh(session)

  return {
    members: (session) => members.get(session) ?? nobody,
    sharedWith: (device) =>
      [...members]
        .filter(([, devices]) => devices.has(device) && devices.has(repository.device))
        .map(([session]) => session),
    sharedByAny: () =>
      [...members].filter(([, devices]) => devices.size > 1).map(([session]) => session),
    refresh,
    async grant(session, device) {
      if (members.get(session)?.has(device)) return
      await repository.write(session, (to) => {
        to.append(kinds.grant, encodeGrant({ device, kind: 'copy' }))
        return []
      })
      await refresh(session)
    },
  }
}

/** The author, and whom the author granted; a grant by anyone else does not count. */
function membersOf(state: TranscriptState): ReadonlySet<DeviceId> {
  if (state.author === undefined) return nobody
  const found = new Set([state.author])
  for (const { log, device } of state.grants) {
    if (splitLogId(log).device === state.author) found.add(device)
  }
  return found
}
