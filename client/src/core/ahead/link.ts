/**
 * Text ahead over one bound channel (rules TF2 to TF9): runs both machines. Frames go on the live lane,
 * in line with the entries and before anything large; the link takes one at a time.
 */
import type { Bytes } from '@baton/shared/bytes'
import { type SessionId, splitLogId } from '@baton/shared/ids'
import type { Delta } from '@baton/shared/log/delta'
import type { StreamPiece } from '@baton/shared/model/stream-entries'
import { withoutText } from '@baton/shared/protocol/ahead-delta'
import { createHearing, type HearingEffect, type Said } from '@baton/shared/protocol/ahead-hearing'
import {
  createTelling,
  type OwnText,
  type TellingInput,
} from '@baton/shared/protocol/ahead-telling'
import type { AheadText } from '@baton/shared/protocol/ahead-text'
import { encodeSync, type SyncForm, type SyncMessage } from '@baton/shared/protocol/sync-messages'
import type { Channel } from '../ports/channel.ts'
import type { Clock } from '../ports/platform.ts'

export type AheadMessage = Said | Extract<SyncMessage, { kind: 'aheadHeard' }>

/** What an exchange lends of its channel. */
export interface AheadChannel {
  readonly channel: Channel
  /** What the peer caused: bounded with all else that is owed to it. */
  say(form: SyncForm<'aheadHeard'>): void
  /** This device and the peer both may hold the session. */
  shares(session: SessionId): boolean
}

export interface AheadLinkPorts extends AheadChannel {
  readonly clock: Clock
  texts(): Iterable<OwnText>
  /** So much more may be held of what peers say. */
  room(bytes: number): boolean
  changed(session: SessionId): void
  /** What was signed was not what had been said. */
  different(): void
}

export interface AheadLink {
  take(message: AheadMessage): void
  /** There may be something to tell. */
  look(): void
  /** The peer's own piece is held now. */
  signed(session: SessionId, piece: StreamPiece): void
  /** A run for the peer without the text that it was told; undefined when it was not told all of it. */
  withoutText(delta: Delta, name: Bytes): SyncForm<'aheadDelta'> | undefined
  /** The entries of such a run; undefined when that text is not known. */
  withText(form: SyncForm<'aheadDelta'>): readonly Bytes[] | undefined
  text(session: SessionId, id: string): AheadText | undefined
  readonly cost: number
}

export function createAheadLink(ports: AheadLinkPorts): AheadLink {
  const { channel, clock } = ports
  const telling = createTelling(ports)
  const hearing = createHearing(ports)
  let closed = false
  let stop = () => {}

  function step(input: TellingInput): void {
    if (closed) return
    stop()
    for (const effect of telling.step(input)) {
      if (effect.kind === 'wake') stop = clock.after(effect.ms, look)
      // Who sees the link end is told so by the channel.
      else channel.send('live', encodeSync(effect.form)).then(taken, () => undefined)
    }
  }

  const look = () => step({ kind: 'look', now: clock.monotonic() })
  const taken = () => step({ kind: 'taken', now: clock.monotonic() })

  function run(effects: readonly HearingEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') ports.say(effect.form)
      else if (effect.kind === 'different') ports.different()
      else ports.changed(effect.session)
    }
  }

  channel.onClose(() => {
    closed = true
    stop()
    // What was not signed is not known any more.
    for (const session of hearing.sessions()) ports.changed(session)
  })

  return {
    take(message) {
      if (message.kind !== 'aheadHeard') return run(hearing.take(message))
      step({ kind: 'heard', form: message.form, now: clock.monotonic() })
    },
    look,
    signed: (session, piece) => run(hearing.signed(session, piece)),
    withoutText(delta, name) {
      if (!telling.tells(splitLogId(delta.log).session)) return undefined
      return withoutText(delta, name, telling.refOf)
    },
    withText: hearing.withText,
    text: hearing.text,
    get cost() {
      return hearing.cost
    },
  }
}
