/**
 * Text of messages ahead of their signed pieces, of this device and of those it is linked with (rules
 * TF1 to TF9): lives in memory alone, and a link's with the link. What others say is believed of their
 * own messages only, and shown only where the fold shows an open message of theirs.
 */
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { aheadMs, maxAheadBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { isPiece, parseStream } from '@baton/shared/model/stream-entries'
import { createPacing } from '../pacing.ts'
import type { Clock, Trace } from '../ports/platform.ts'
import type { Repository } from '../repo/repository.ts'
import { type AheadChannel, type AheadLink, createAheadLink } from './link.ts'
import { createOwnTexts, type OwnWriting } from './own.ts'

export interface AheadPorts {
  readonly repository: Repository
  readonly clock: Clock
  readonly trace?: Trace
}

export interface AheadDesk {
  /** For who writes a message on this device from an offset on. */
  own(session: SessionId, id: string, from: number): OwnWriting
  /** For a bound channel to a device; ends with the channel. */
  join(device: DeviceId, channel: AheadChannel): AheadLink
  /** What follows an offset (UTF-8 bytes) of a message by who writes it; empty when nothing is known. */
  after(session: SessionId, writer: DeviceId, id: string, offset: number): string
  onChange(handler: (session: SessionId) => void): void
  /** Texts that were signed otherwise than they had been said, since this process began. */
  readonly different: number
  /** What all that others say takes in memory. */
  readonly cost: number
  close(): void
}

/** Frames come paced already; this bounds what a peer without manners makes watchers do. */
const heardMs = 10

export function createAhead({ repository, clock, trace }: AheadPorts): AheadDesk {
  const links = new Map<DeviceId, Set<AheadLink>>()
  const handlers = new Set<(session: SessionId) => void>()
  let different = 0

  const all = () => [...links.values()].flatMap((those) => [...those])
  const cost = () => all().reduce((sum, link) => sum + link.cost, 0)
  const tell = (session: SessionId) => {
    for (const handler of [...handlers]) handler(session)
  }
  const ownNews = createPacing<SessionId>(clock, aheadMs, tell)
  const heardNews = createPacing<SessionId>(clock, heardMs, tell)
  const own = createOwnTexts({
    changed(session) {
      for (const link of all()) link.look()
      ownNews(session)
    },
    over: ownNews.end,
  })

  repository.onEntries((log, entries) => {
    const { session, device } = splitLogId(log)
    const those = links.get(device)
    if (!those) return
    for (const { entry } of entries) {
      const said = entry?.kind === kinds.stream ? parseStream(entry.payload) : undefined
      if (!isPiece(said)) continue
      for (const link of those) link.signed(session, said)
    }
  })

  return {
    own: own.begin,
    join(device, channel) {
      const those = links.get(device) ?? new Set()
      links.set(device, those)
      const link = createAheadLink({
        ...channel,
        clock,
        texts: own.all,
        room: (bytes) => cost() + bytes <= maxAheadBytes,
        changed: heardNews,
        different() {
          different += 1
          trace?.('ahead.different')
        },
      })
      those.add(link)
      channel.channel.onClose(() => {
        those.delete(link)
        if (those.size === 0 && links.get(device) === those) links.delete(device)
      })
      link.look()
      return link
    },
    after(session, writer, id, offset) {
      if (writer === repository.device) return own.find(session, id)?.after(offset) ?? ''
      // A newer channel takes over from an older one.
      for (const link of [...(links.get(writer) ?? [])].reverse()) {
        const text = link.text(session, id)?.after(offset)
        if (text !== undefined) return text
      }
      return ''
    },
    onChange: (handler) => void handlers.add(handler),
    get different() {
      return different
    },
    get cost() {
      return cost()
    },
    close() {
      ownNews.close()
      heardNews.close()
    },
  }
}
