/** Messages that this process writes, as far as they are not signed yet (rules TF2, TF3). */
import type { SessionId } from '@baton/shared/ids'
import type { OwnText } from '@baton/shared/protocol/ahead-telling'
import { type AheadText, createAheadText } from '@baton/shared/protocol/ahead-text'

/** What a writer tells of its message, in this order; offsets in UTF-8 bytes. */
export interface OwnWriting {
  /** Whole code points. */
  said(text: string): void
  /** Up to there it is about to be written down. */
  signing(upTo: number): void
  /** Up to there it is on disk. */
  signed(upTo: number): void
  over(): void
}

export interface OwnTexts {
  begin(session: SessionId, id: string, from: number): OwnWriting
  /** In the order in which they were begun. */
  all(): Iterable<OwnText>
  find(session: SessionId, id: string): AheadText | undefined
}

export interface OwnNews {
  changed(session: SessionId): void
  over(session: SessionId): void
}

export function createOwnTexts({ changed, over }: OwnNews): OwnTexts {
  const texts = new Set<OwnText & { signing: number }>()
  return {
    begin(session, id, from) {
      const own = { session, id, text: createAheadText(from), signing: from }
      return {
        said(text) {
          if (text === '') return
          // Not before its first word: until then it may be refused.
          texts.add(own)
          own.text.add(text)
          changed(session)
        },
        signing(upTo) {
          own.signing = upTo
          if (texts.has(own)) changed(session)
        },
        signed(upTo) {
          own.text.drop(upTo)
        },
        over() {
          if (texts.delete(own)) over(session)
        },
      }
    },
    all: () => texts,
    find: (session, id) =>
      [...texts].find((each) => each.session === session && each.id === id)?.text,
  }
}
