/**
 * Both machines of text ahead, joined by hand: time is a number, frames are lost, held back and handed
 * over again as a test likes. Nothing is signed here: a piece is whatever the writer says it is.
 */
import { idBytes, type SessionId } from '@baton/shared/ids'
import type { StreamPiece } from '@baton/shared/model/stream-entries'
import { utf8Bytes } from '@baton/shared/model/stream-text'
import { createHearing, type Said } from '@baton/shared/protocol/ahead-hearing'
import {
  createTelling,
  type OwnText,
  type TellingInput,
} from '@baton/shared/protocol/ahead-telling'
import { type AheadText, createAheadText } from '@baton/shared/protocol/ahead-text'
import {
  encodeSync,
  parseSync,
  type SyncForm,
  syncTypes,
} from '@baton/shared/protocol/sync-messages'
import { session } from './signer.ts'

export const [here, elsewhere] = [session(1), session(2)] as [SessionId, SessionId]

export type Frame = SyncForm<'ahead' | 'aheadBegin'>

/** A message while it is written: what `say` adds is told, what `sign` covers is a piece. */
export function ownText(id: string, of: SessionId = here) {
  const own: OwnText & { text: AheadText; signing: number } = {
    ...{ session: of, id, text: createAheadText(0), signing: 0 },
  }
  let whole = ''
  let signed = 0
  return {
    own,
    whole: () => whole,
    say(text: string) {
      whole += text
      own.text.add(text)
    },
    /** All that was said so far becomes a piece; nothing is told of it yet. */
    sign(at: StreamPiece['at'] = 'piece'): StreamPiece {
      const text = own.text.after(signed) as string
      const offset = signed
      signed += utf8Bytes(text)
      own.signing = signed
      own.text.drop(signed)
      return { at, epoch: 0, id, offset, text, hash: undefined }
    },
  }
}

export const begin = (ref: number, id: string, offset: number, text: string, of = here): Frame => [
  syncTypes.aheadBegin,
  ref,
  idBytes(of),
  id,
  offset,
  text,
]

export const pieceOf = (id: string, offset: number, text: string): StreamPiece => ({
  ...{ at: 'piece', epoch: 0, id, offset, text, hash: undefined },
})

/** As it would come over a channel. */
export const carried = (frame: Frame): Said => parseSync(encodeSync(frame)) as Said

export function aheadPair(
  { shares = () => true, room = () => true } = {} as {
    shares?: (of: SessionId) => boolean
    room?: (bytes: number) => boolean
  },
) {
  const texts: OwnText[] = []
  const telling = createTelling({ texts: () => texts, shares })
  const hearing = createHearing({ shares, room })
  let now = 0
  /** On their way to the peer, and back. */
  const frames: Frame[] = []
  const answers: SyncForm<'aheadHeard'>[] = []
  const wakes: number[] = []
  let different = 0
  let frameCount = 0
  let frameBytes = 0

  function step(input: TellingInput): void {
    for (const effect of telling.step(input)) {
      if (effect.kind === 'wake') wakes.push(now + effect.ms)
      else {
        frames.push(effect.form)
        frameCount += 1
        frameBytes += encodeSync(effect.form).length
      }
    }
  }

  function heard(effects: ReturnType<typeof hearing.take>): void {
    for (const effect of effects) {
      if (effect.kind === 'send') answers.push(effect.form)
      if (effect.kind === 'different') different += 1
    }
  }

  const look = () => step({ kind: 'look', now })
  return {
    texts,
    telling,
    hearing,
    frames,
    answers,
    look,
    taken: () => step({ kind: 'taken', now }),
    elapse(ms: number) {
      now += ms
      look()
    },
    /** The next frame arrives; `lost`: it does not. Either way the link takes another one. */
    deliver({ lost = false, frame = frames.shift() } = {}) {
      if (!frame) return false
      if (!lost) heard(hearing.take(carried(frame)))
      step({ kind: 'taken', now })
      return true
    },
    answer({ lost = false } = {}) {
      const form = answers.shift()
      if (!form) return false
      if (!lost) step({ kind: 'heard', form, now })
      return true
    },
    signed: (of: SessionId, piece: StreamPiece) => heard(hearing.signed(of, piece)),
    hear: (frame: Frame) => heard(hearing.take(carried(frame))),
    get different() {
      return different
    },
    get sent() {
      return { frames: frameCount, bytes: frameBytes }
    },
    wakes,
  }
}
