/**
 * Telling one peer what this device writes, ahead of the signed pieces (rules TF2 to TF5). Nothing
 * waits in a queue here: a frame is cut from the text as it stands when the link takes one, so that a
 * slow link gets fewer and larger frames, and what is signed by then is not sent ahead at all.
 */
import { idBytes, type SessionId } from '../ids.ts'
import {
  aheadAgainMs,
  aheadFrameBytes,
  aheadLinkWindowBytes,
  aheadMs,
  aheadRefs,
  aheadWindowBytes,
  maxAheadStreams,
} from '../limits.ts'
import { utf8Bytes } from '../model/stream-text.ts'
import type { AheadText } from './ahead-text.ts'
import { type SyncForm, syncTypes } from './sync-messages.ts'

/** A message that this device is writing. */
export interface OwnText {
  readonly session: SessionId
  readonly id: string
  readonly text: AheadText
  /** Up to there it is being signed: that much goes at once, so that it is there before its piece. */
  readonly signing: number
}

export interface TellingView {
  /** In the order in which they were begun. */
  texts(): Iterable<OwnText>
  /** The peer may hold the session. */
  shares(session: SessionId): boolean
}

/** `now`: monotonic ms. */
export type TellingInput =
  /** Text was said, signed, or the time came. */
  | { readonly kind: 'look'; readonly now: number }
  /** The link took the last frame. */
  | { readonly kind: 'taken'; readonly now: number }
  | { readonly kind: 'heard'; readonly form: SyncForm<'aheadHeard'>; readonly now: number }

export type TellingEffect =
  /** Answer with `taken`. */
  | { readonly kind: 'send'; readonly form: SyncForm<'ahead' | 'aheadBegin'> }
  /** `look` is due in so many ms. */
  | { readonly kind: 'wake'; readonly ms: number }

export interface Telling {
  step(input: TellingInput): readonly TellingEffect[]
  /** The number of a message of which the peer was sent all text between these offsets ahead. */
  refOf(session: SessionId, id: string, from: number, to: number): number | undefined
  /** The peer was told anything of messages that are being written there. */
  tells(session: SessionId): boolean
}

interface Told {
  readonly ref: number
  /** The peer was told at all which message `ref` is. */
  known: boolean
  /** What was sent last is what the next follows. */
  begun: boolean
  /** Where what was sent begins, without a gap, and ends. */
  since: number
  sent: number
  heard: number
  /** When it was last sent, and last given again. */
  sentAt: number
  againAt: number
}

const never = Number.NEGATIVE_INFINITY

export function createTelling(view: TellingView): Telling {
  const told = new Map<OwnText, Told>()
  let lastRef = -1
  let busy = false

  function freshRef(): number {
    const used = new Set([...told.values()].map(({ ref }) => ref))
    // One that was free for long: what the peer still says of it is about another message.
    do lastRef = (lastRef + 1) % aheadRefs
    while (used.has(lastRef))
    return lastRef
  }

  /** Those that the peer may be told of, each with what it was told. */
  function current(): [OwnText, Told][] {
    const texts = new Set([...view.texts()].filter(({ session }) => view.shares(session)))
    for (const own of [...told.keys()]) if (!texts.has(own)) told.delete(own)
    for (const own of texts) {
      if (told.has(own) || told.size >= maxAheadStreams) continue
      const { from } = own.text
      const fresh = { known: false, begun: false, since: from, sent: from, heard: from }
      told.set(own, { ref: freshRef(), ...fresh, sentAt: never, againAt: never })
    }
    return [...told]
  }

  function next(now: number): readonly TellingEffect[] {
    if (busy) return []
    const all = current()
    let wake = Number.POSITIVE_INFINITY
    let chosen: [OwnText, Told] | undefined
    for (const [own, of] of all) {
      if (of.sent < own.text.from) skip(of, own.text.from)
      if (of.sent >= own.text.upTo) continue
      const dueAt = of.sent < own.signing ? now : of.sentAt + aheadMs
      if (roomOf(of, all) <= 0) continue
      if (dueAt > now) wake = Math.min(wake, dueAt - now)
      else if (!chosen || of.sentAt < chosen[1].sentAt) chosen = [own, of]
    }
    const form = chosen && frame(...chosen, roomOf(chosen[1], all), now)
    if (form) {
      busy = true
      return [{ kind: 'send', form }]
    }
    return wake === Number.POSITIVE_INFINITY ? [] : [{ kind: 'wake', ms: wake }]
  }

  function roomOf(of: Told, all: readonly (readonly [OwnText, Told])[]): number {
    const unheard = all.reduce((sum, [, each]) => sum + Math.max(0, each.sent - each.heard), 0)
    const own = aheadWindowBytes - Math.max(0, of.sent - of.heard)
    return Math.min(own, aheadLinkWindowBytes - unheard, aheadFrameBytes)
  }

  function frame({ session, id, text }: OwnText, of: Told, room: number, now: number) {
    const piece = text.after(of.sent, room)
    // Less room than a code point takes: there is more when the peer says what it has.
    if (!piece) return undefined
    const offset = of.sent
    const form: SyncForm<'ahead' | 'aheadBegin'> = of.begun
      ? [syncTypes.ahead, of.ref, offset, piece]
      : [syncTypes.aheadBegin, of.ref, idBytes(session), id, offset, piece]
    of.known = true
    of.begun = true
    of.sent = offset + utf8Bytes(piece)
    // What did not fit goes as soon as the link takes it.
    if (of.sent === text.upTo) of.sentAt = now
    return form
  }

  function onHeard([, ref, have, again]: SyncForm<'aheadHeard'>, now: number): void {
    for (const [own, of] of told) {
      if (of.ref !== ref) continue
      const { text } = own
      if (!again) {
        of.heard = Math.max(of.heard, have)
        // It is told by pieces what it was not told ahead.
        if (have > of.sent) skip(of, Math.min(have, text.upTo))
      } else if (now >= of.againAt) {
        of.againAt = now + aheadAgainMs
        skip(of, Math.min(Math.max(have, text.from), text.upTo))
        of.heard = of.sent
      }
      return
    }
  }

  return {
    step(input) {
      if (input.kind === 'taken') busy = false
      if (input.kind === 'heard') onHeard(input.form, input.now)
      return next(input.now)
    },
    refOf(session, id, from, to) {
      for (const [own, { ref, begun, since, sent }] of told) {
        if (own.session !== session || own.id !== id) continue
        return begun && since <= from && to <= sent ? ref : undefined
      }
      return undefined
    },
    tells: (session) => [...told.keys()].some((own) => own.session === session),
  }
}

/** What follows does not follow what was sent: the peer is told anew where it stands. */
function skip(of: Told, to: number): void {
  of.begun = false
  of.since = to
  of.sent = to
  // It says nothing of what it never heard of.
  if (!of.known) of.heard = to
}
