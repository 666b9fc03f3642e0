/** Which devices are known, and who may hold and bring what (rules RS, GR), as links ask it. */
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { Devices } from './devices.ts'
import type { Sharing } from './sessions/sharing.ts'

export interface WhoMayPorts {
  readonly self: DeviceId
  readonly devices: Devices
  readonly sharing: Sharing
  readonly paired: ReadonlyMap<DeviceId, unknown>
  readonly guests: ReadonlyMap<DeviceId, unknown>
}

export function createWhoMay({ self, devices, sharing, paired, guests }: WhoMayPorts) {
  const reaches = (device: DeviceId): boolean =>
    device === self || devices.isMember(device) || paired.has(device) || guests.has(device)
  return {
    reaches,
    // What a removed device wrote before stays, and comes from others. Of the roster that it adopted a
    // device knows nobody but its inviter, which need not be the one that began it.
    knows: (author: DeviceId, session: SessionId): boolean =>
      reaches(author) ||
      devices.isRemoved(author) ||
      devices.isRecoveryKey(author) ||
      (session === devices.session() && !devices.isMember(self)),
    /** Sessions that this device and `device` both may hold; the roster first. */
    shared(device: DeviceId): readonly SessionId[] {
      const roster = devices.session()
      const sessions = devices.isRemoved(device) ? [] : sharing.sharedWith(device)
      return roster && devices.hasRoster(device) ? [roster, ...sessions] : sessions
    },
    shares: (device: DeviceId, session: SessionId): boolean =>
      session === devices.session()
        ? devices.hasRoster(device)
        : !devices.isRemoved(device) && sharing.isShared(session, device),
    /** May `device` bring entries that `author` wrote? */
    accepts(device: DeviceId, session: SessionId, author: DeviceId): boolean {
      if (session === devices.session()) return devices.hasRoster(device) || paired.has(device)
      if (devices.isRecoveryKey(author) || devices.isRemoved(device)) return false
      return sharing.accepts(session, device, author)
    },
  }
}
