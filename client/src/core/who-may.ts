/** Which devices are known, and who may hold and bring what (rules RS, GR), as links ask it. */
import { type DeviceId, idBytes, type SessionId } from '@baton/shared/ids'
import { isDeviceKey } from '@baton/shared/keyexchange/signature'
import type { Devices } from './devices.ts'
import type { Guest } from './pairing/tasks.ts'
import type { Sharing } from './sessions/sharing.ts'

export interface WhoMayPorts {
  readonly self: DeviceId
  readonly devices: Devices
  readonly sharing: Sharing
  readonly paired: ReadonlyMap<DeviceId, unknown>
  readonly guests: ReadonlyMap<DeviceId, Pick<Guest, 'visits' | 'only'>>
}

export function createWhoMay({ self, devices, sharing, paired, guests }: WhoMayPorts) {
  const reaches = (device: DeviceId): boolean =>
    device === self || devices.isMember(device) || paired.has(device) || guests.has(device)
  const isGuest = (device: DeviceId): boolean =>
    guests.has(device) && !devices.isMember(device) && !paired.has(device)
  const isVisitor = (device: DeviceId): boolean =>
    isGuest(device) && guests.get(device)?.visits === true
  /** An invitation brought the two together, for another session. */
  const isOutside = (device: DeviceId, session: SessionId): boolean =>
    isGuest(device) && guests.get(device)?.only?.has(session) === false
  // What a removed device wrote before stays, and comes from others.
  const isKnown = (author: DeviceId): boolean =>
    reaches(author) || devices.isRemoved(author) || devices.isRecoveryKey(author)
  const sound = new Map<DeviceId, boolean>()

  /** Whoever began a session names who is in it, a guest too, which no roster knows. */
  function isNamed(session: SessionId, device: DeviceId): boolean {
    const author = sharing.author(session)
    if (author === undefined || !isKnown(author)) return false
    return sharing.members(session).has(device) && isSound(device)
  }

  function isSound(device: DeviceId): boolean {
    let is = sound.get(device)
    if (is === undefined) {
      is = isDeviceKey(idBytes(device))
      sound.set(device, is)
    }
    return is
  }

  return {
    reaches,
    isGuest,
    isOutside,
    /** May it bring a session into the folder of an agent here? */
    mayDeliver: (device: DeviceId): boolean =>
      !isVisitor(device) || guests.get(device)?.only !== undefined,
    // Of the roster that it adopted a device knows nobody but its inviter, which need not be the one
    // that began it.
    knows: (author: DeviceId, session: SessionId): boolean =>
      isKnown(author) ||
      isNamed(session, author) ||
      (session === devices.session() && !devices.isMember(self)),
    /** Sessions that this device and `device` both may hold; the roster first. */
    shared(device: DeviceId): readonly SessionId[] {
      const roster = devices.session()
      const granted = devices.isRemoved(device) ? [] : sharing.sharedWith(device)
      const sessions = isGuest(device)
        ? granted.filter((session) => !isOutside(device, session))
        : granted
      return roster && devices.hasRoster(device) ? [roster, ...sessions] : sessions
    },
    shares: (device: DeviceId, session: SessionId): boolean =>
      session === devices.session()
        ? devices.hasRoster(device)
        : !devices.isRemoved(device) &&
          !isOutside(device, session) &&
          sharing.isShared(session, device),
    /** May `device` bring entries that `author` wrote? */
    accepts(device: DeviceId, session: SessionId, author: DeviceId): boolean {
      if (session === devices.session()) return devices.hasRoster(device) || paired.has(device)
      if (devices.isRecoveryKey(author) || devices.isRemoved(device)) return false
      if (isOutside(device, session)) return false
      // It came for a session of ours, and brings none of its own.
      if (isVisitor(device) && [undefined, device].includes(sharing.author(session))) return false
      return sharing.accepts(session, device, author)
    },
  }
}
