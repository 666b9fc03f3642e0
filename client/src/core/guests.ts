/**
 * Devices that are here for one session, or where this one is for that (rules IV11 to IV13): what an
 * invitation lets them into, and how a visit ends, which both ends are told in words.
 */
import { cleanText } from '@baton/shared/clean-text'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { Links } from './links.ts'
import type { Guest } from './pairing/tasks.ts'
import type { ChannelEnd } from './ports/channel.ts'

/** What the other end is told when a person ends a visit, or the invitation for it. */
const endedReason = 'visit ended'

export interface GuestCare {
  /** An invitation names the session: it goes between the two from now on. */
  admit(device: DeviceId, session: SessionId): void
  /** Forgets a guest and closes its link at once. False: it is none. */
  end(device: DeviceId): boolean
  /** Its link closed. */
  left(device: DeviceId, guest: Guest, end: ChannelEnd): void
}

export function createGuestCare(ports: {
  readonly guests: Map<DeviceId, Guest>
  readonly links: Links
  isGuest(device: DeviceId): boolean
  notice(message: string): void
}): GuestCare {
  const { guests, links, notice } = ports
  const nameOf = ({ name }: Guest) => cleanText(name, 64) ?? 'a device'

  return {
    admit(device, session) {
      guests.get(device)?.only?.add(session)
      links.reconsider()
      links.grew(session)
    },
    end(device) {
      const guest = ports.isGuest(device) ? guests.get(device) : undefined
      if (!guest) return false
      guests.delete(device)
      links.forget(device, endedReason)
      notice(
        guest.visits
          ? `the visit of ${nameOf(guest)} was ended: its link is closed; what it got it keeps`
          : `the visit at ${nameOf(guest)} was ended: its link is closed; what came stays here`,
      )
      return true
    },
    left(device, guest, { reason }) {
      // It may have come again meanwhile: that visit is over with its own channel.
      if (guests.get(device) !== guest) return
      guests.delete(device)
      // In the tour it is no news.
      if (!guest.only) return
      const how = reason === endedReason ? `${nameOf(guest)} ended it` : 'its link closed'
      notice(
        guest.visits
          ? `the visit of ${nameOf(guest)} is over: ${how}; what it got it keeps`
          : `the visit at ${nameOf(guest)} is over: ${how}; what came stays here, a new invitation brings the rest`,
      )
    },
  }
}
