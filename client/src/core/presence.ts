/**
 * What the devices of a person are at just now (rules PN1 to PN4): in which sessions somebody watches,
 * or a message is being written. It is the word of a device about itself, lives with its link, and is
 * neither stored nor written to any log. Whether a device is connected, how and with what delay is the
 * links' to say.
 */
import { type DeviceId, idBytes, type SessionId, sessionId } from '@baton/shared/ids'
import { maxPresenceRows, presenceMs } from '@baton/shared/limits'
import { type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { PresenceRow } from './mesh-api.ts'
import { createPacing } from './pacing.ts'
import type { Channel } from './ports/channel.ts'
import type { Clock } from './ports/platform.ts'

/** What an exchange lends of its channel. */
export interface PresenceChannel {
  readonly channel: Channel
  say(form: SyncForm<'presence'>): void
  /** This device and the peer both may hold the session. */
  shares(session: SessionId): boolean
}

export interface PresenceLink {
  take(form: SyncForm<'presence'>): void
}

export interface Presence {
  /** Something here watches, or writes, until what it returns is called. */
  begin(session: SessionId, doing: Doing): () => void
  /** For a bound channel to a device; ends with the channel. */
  join(device: DeviceId, channel: PresenceChannel): PresenceLink
  /** Of this device, or of one that is linked; undefined for one that never said anything. */
  of(device: DeviceId): readonly PresenceRow[] | undefined
  onChange(handler: (device: DeviceId) => void): void
  close(): void
}

export type Doing = 'watching' | 'writing'

interface Joined extends PresenceChannel {
  /** What the peer said last. */
  heard: readonly PresenceRow[] | undefined
  /** What it was told last. */
  told: string
}

const bits = { watching: 1, writing: 2 } as const
const everything = 'own'

export function createPresence(self: DeviceId, clock: Clock): Presence {
  const active = new Map<SessionId, Record<Doing, number>>()
  const links = new Map<DeviceId, Joined>()
  const handlers = new Set<(device: DeviceId) => void>()
  const news = createPacing<DeviceId>(clock, presenceMs, (device) => {
    for (const handler of [...handlers]) handler(device)
  })
  const telling = createPacing<typeof everything>(clock, presenceMs, () => {
    for (const link of links.values()) tell(link)
  })

  const own = (): PresenceRow[] =>
    [...active].map(([session, { watching, writing }]) => ({
      ...{ session, watching: watching > 0, writing: writing > 0 },
    }))

  const changed = () => telling(everything)

  function tell(link: Joined): void {
    // Those in which something is written come first: there may be more than are told.
    const rows = own()
      .filter(({ session }) => link.shares(session))
      .sort((a, b) => Number(b.writing) - Number(a.writing))
      .slice(0, maxPresenceRows)
    const form: SyncForm<'presence'> = [
      syncTypes.presence,
      rows.map(({ session, watching, writing }) => [
        idBytes(session),
        (watching ? bits.watching : 0) | (writing ? bits.writing : 0),
      ]),
    ]
    const told = JSON.stringify(rows)
    if (told === link.told) return
    link.told = told
    link.say(form)
  }

  return {
    begin(session, doing) {
      const counts = active.get(session) ?? { watching: 0, writing: 0 }
      active.set(session, counts)
      counts[doing] += 1
      if (counts[doing] === 1) changed()
      let over = false
      return () => {
        if (over) return
        over = true
        counts[doing] -= 1
        if (counts[doing] > 0) return
        if (counts.watching + counts.writing === 0) active.delete(session)
        changed()
      }
    },
    join(device, channel) {
      const link: Joined = { ...channel, heard: undefined, told: '[]' }
      links.set(device, link)
      channel.channel.onClose(() => {
        if (links.get(device) === link) links.delete(device)
        news(device)
      })
      tell(link)
      return {
        take([, rows]) {
          link.heard = rows.map(([session, doing]) => ({
            session: sessionId(session),
            watching: (doing & bits.watching) !== 0,
            writing: (doing & bits.writing) !== 0,
          }))
          if (links.get(device) === link) news(device)
        },
      }
    },
    of(device) {
      if (device === self) return own()
      const link = links.get(device)
      return link?.heard?.filter(({ session }) => link.shares(session))
    },
    onChange: (handler) => void handlers.add(handler),
    close() {
      news.close()
      telling.close()
    },
  }
}
