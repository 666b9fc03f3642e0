/**
 * What one peer says it is writing, ahead of the pieces it signs (rules TF1, TF6 to TF9). It is that
 * peer's own word and nobody else's: a frame names no author, and who relays entries relays none of
 * these. A piece that is signed takes the place of what was said before it, whether or not it is the
 * same. Bounded whatever the peer says; nothing of this is kept, or counts anywhere.
 */
import { type Bytes, equalBytes, utf8Encode } from '../bytes.ts'
import { type SessionId, sessionId } from '../ids.ts'
import {
  aheadCostBytes,
  aheadWindowBytes,
  maxAheadLinkBytes,
  maxAheadStreamBytes,
  maxAheadStreams,
  maxContentBytes,
} from '../limits.ts'
import type { StreamPiece } from '../model/stream-entries.ts'
import { utf8Bytes } from '../model/stream-text.ts'
import { withText } from './ahead-delta.ts'
import { type AheadText, createAheadText } from './ahead-text.ts'
import { type SyncForm, type SyncMessage, syncTypes } from './sync-messages.ts'

export interface HearingView {
  /** This device and the peer both may hold the session. */
  shares(session: SessionId): boolean
  /** So much more may be held, beside what all other links hold. */
  room(bytes: number): boolean
}

export type Said = Extract<SyncMessage, { kind: 'ahead' | 'aheadBegin' }>

export type HearingEffect =
  | { readonly kind: 'send'; readonly form: SyncForm<'aheadHeard'> }
  /** More is known of what a message says, or less. */
  | { readonly kind: 'changed'; readonly session: SessionId; readonly id: string }
  /** What was signed is not what was said ahead. */
  | { readonly kind: 'different'; readonly session: SessionId; readonly id: string }

export interface Hearing {
  take(message: Said): readonly HearingEffect[]
  /** A piece that the peer signed is held now. */
  signed(session: SessionId, piece: StreamPiece): readonly HearingEffect[]
  /** What a run of pieces is about that leaves out its text; undefined when that is not known. */
  withText(form: SyncForm<'aheadDelta'>): readonly Bytes[] | undefined
  /** What is known of a message beyond its pieces. */
  text(session: SessionId, id: string): AheadText | undefined
  /** Sessions of which something is known. */
  sessions(): Iterable<SessionId>
  /** What all of it takes in memory. */
  readonly cost: number
}

interface Heard {
  readonly ref: number
  readonly session: SessionId
  readonly id: string
  text: AheadText
  /** Up to where the peer was told that it was heard. */
  said: number
  /** The peer was asked to give it again. */
  asked: boolean
}

const nothing: readonly HearingEffect[] = []

export function createHearing(view: HearingView): Hearing {
  /** The one begun first in front. */
  const byRef = new Map<number, Heard>()
  /** Numbers that mean nothing here, of which the peer was told since its last piece. */
  const unknown = new Set<number>()

  const find = (session: SessionId, id: string) =>
    [...byRef.values()].find((each) => each.session === session && each.id === id)

  const cost = () => [...byRef.values()].reduce((sum, { text }) => sum + text.cost, 0)

  function begin([, ref, name, id, offset, piece]: SyncForm<'aheadBegin'>) {
    const session = sessionId(name)
    unknown.delete(ref)
    const known = byRef.get(ref)
    const same = known?.session === session && known.id === id
    // The peer gives again what it gave; what is held of it stays.
    if (same && offset >= known.text.from && offset <= known.text.upTo) {
      return more(known, offset, piece)
    }
    byRef.delete(ref)
    const other = find(session, id)
    if (other) byRef.delete(other.ref)
    const [oldest] = byRef.values()
    if (oldest && byRef.size >= maxAheadStreams) byRef.delete(oldest.ref)
    const text = createAheadText(offset)
    const heard: Heard = { ref, session, id, text, said: offset, asked: false }
    byRef.set(ref, heard)
    return more(heard, offset, piece)
  }

  function more(heard: Heard, offset: number, piece: string): readonly HearingEffect[] {
    const { text, session, id } = heard
    if (offset > text.upTo) return again(heard)
    const fresh = offset < text.upTo ? behind(piece, text.upTo - offset) : piece
    if (!fresh) return nothing
    const bytes = utf8Bytes(fresh) + aheadCostBytes
    // What is not taken is not confirmed: the peer waits, and the pieces bring it.
    if (text.cost + bytes > maxAheadStreamBytes || text.upTo + bytes > maxContentBytes)
      return nothing
    if (cost() + bytes > maxAheadLinkBytes || !view.room(bytes)) return nothing
    text.add(fresh)
    heard.asked = false
    return [{ kind: 'changed', session, id }, ...confirm(heard)]
  }

  function confirm(heard: Heard): readonly HearingEffect[] {
    const { ref, text, said } = heard
    if (text.upTo - said < aheadWindowBytes / 4) return nothing
    heard.said = text.upTo
    return [{ kind: 'send', form: [syncTypes.aheadHeard, ref, text.upTo, false] }]
  }

  /** Asked once: what is lost on the way comes with the next piece. */
  function again(heard: Heard): readonly HearingEffect[] {
    if (heard.asked) return nothing
    heard.asked = true
    heard.said = heard.text.upTo
    return [{ kind: 'send', form: [syncTypes.aheadHeard, heard.ref, heard.said, true] }]
  }

  return {
    take({ kind, form }) {
      if (kind === 'aheadBegin') return begin(form)
      const [, ref, offset, piece] = form
      const heard = byRef.get(ref)
      if (heard) return more(heard, offset, piece)
      if (unknown.has(ref)) return nothing
      unknown.add(ref)
      return [{ kind: 'send', form: [syncTypes.aheadHeard, ref, 0, true] }]
    },
    signed(session, { id, at, offset, text: signed }) {
      // What was asked may have been lost: it is asked once more with each piece.
      unknown.clear()
      const heard = find(session, id)
      if (!heard) return nothing
      const { text } = heard
      const end = offset + utf8Bytes(signed)
      const effects: HearingEffect[] = [{ kind: 'changed', session, id }]
      if (isSame(text, offset, end, signed)) text.drop(end)
      else {
        heard.text = createAheadText(end)
        heard.said = Math.min(heard.said, end)
        effects.push({ kind: 'different', session, id })
      }
      heard.asked = false
      if (at === 'piece') effects.push(...confirm(heard))
      else byRef.delete(heard.ref)
      return effects
    },
    withText(form) {
      const heard = byRef.get(form[1])
      return heard && withText(form, heard.id, heard.text.after)
    },
    // Looked at here, not when it comes: what says that it is shared may be still on its way.
    text: (session, id) => (view.shares(session) ? find(session, id)?.text : undefined),
    sessions: () => [...byRef.values()].map(({ session }) => session),
    get cost() {
      return cost()
    },
  }
}

/** What of a piece is behind its first so many bytes; undefined inside a code point. */
function behind(piece: string, bytes: number): string | undefined {
  const text = createAheadText(0)
  text.add(piece)
  return text.after(bytes)
}

/** Where both say something they say the same. */
function isSame(text: AheadText, from: number, to: number, signed: string): boolean {
  const [start, end] = [Math.max(from, text.from), Math.min(to, text.upTo)]
  if (start >= end) return true
  const said = text.after(start)
  if (said === undefined) return false
  const part = utf8Encode(signed).subarray(start - from, end - from)
  return equalBytes(utf8Encode(said).subarray(0, end - start), part)
}
