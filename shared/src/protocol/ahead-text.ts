/**
 * Text of a message between what is signed of it and what was said (rule TF1): its beginning goes as
 * pieces are signed, more comes at its end. Offsets count UTF-8 bytes of the message, as in its pieces;
 * nothing that is given out is cut inside a code point.
 */
import { aheadCostBytes, aheadFrameBytes } from '../limits.ts'
import { unitsWithin, utf8Bytes } from '../model/stream-text.ts'

export interface AheadText {
  /** Where it begins and ends. */
  readonly from: number
  readonly upTo: number
  /** What it takes in memory, as the limits count it. */
  readonly cost: number
  /** Adds text at its end. */
  add(text: string): void
  /** What stands behind an offset, of it at most so many bytes. Undefined for one that is no place of it. */
  after(offset: number, most?: number): string | undefined
  /** Forgets what stands before an offset; beyond its end it goes on empty from there. */
  drop(offset: number): void
}

interface Chunk {
  readonly at: number
  readonly bytes: number
  readonly text: string
}

export function createAheadText(from: number): AheadText {
  let chunks: Chunk[] = []
  let start = from
  let end = from

  function push(text: string): void {
    const bytes = utf8Bytes(text)
    chunks.push({ at: end, bytes, text })
    end += bytes
  }

  return {
    get from() {
      return start
    },
    get upTo() {
      return end
    },
    get cost() {
      return end - start + chunks.length * aheadCostBytes
    },
    add(text) {
      // What comes in one go may be long: no look at a part of it goes through all of it.
      for (let at = 0; at < text.length; ) {
        const window = text.slice(at, at + aheadFrameBytes)
        const units = unitsWithin(isHigh(window) ? window.slice(0, -1) : window, aheadFrameBytes)
        push(text.slice(at, at + units))
        at += units
      }
    },
    after(offset, most = Number.POSITIVE_INFINITY) {
      if (offset < start || offset > end) return undefined
      let at = chunks.length
      while (at > 0 && (chunks[at - 1] as Chunk).at >= offset) at -= 1
      const parts: string[] = []
      let left = most
      // The one before may hold the offset inside.
      const before = chunks[at - 1]
      if (before && offset < before.at + before.bytes) {
        const tail = tailOf(before, offset)
        if (tail === undefined) return undefined
        const part = tail.slice(0, unitsWithin(tail, left))
        parts.push(part)
        if (part.length < tail.length) return part
        left -= before.at + before.bytes - offset
      }
      for (; at < chunks.length && left > 0; at++) {
        const { text, bytes } = chunks[at] as Chunk
        parts.push(bytes <= left ? text : text.slice(0, unitsWithin(text, left)))
        left -= bytes
      }
      return parts.join('')
    },
    drop(offset) {
      if (offset <= start) return
      const kept = chunks.filter(({ at, bytes }) => at + bytes > offset)
      const [first] = kept
      start = offset
      if (first && first.at < offset) {
        const text = tailOf(first, offset)
        // Who signs half a code point has nothing shown of what came with it until all of that is signed.
        if (text === undefined) start = first.at + first.bytes
        kept.splice(0, 1, ...(text ? [{ at: offset, bytes: utf8Bytes(text), text }] : []))
      }
      chunks = kept
      end = Math.max(end, start)
    },
  }
}

const isHigh = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}

/** Undefined inside a code point. */
function tailOf({ at, text }: Chunk, offset: number): string | undefined {
  const units = unitsWithin(text, offset - at)
  const head = text.slice(0, units)
  return utf8Bytes(head) === offset - at ? text.slice(units) : undefined
}
