/**
 * Text as it comes, cut into pieces of at most so many UTF-8 bytes (rule SW2). Cuts fall between code
 * points, however the text was handed over; half a pair waits for its other half.
 */

export interface TextPieces {
  /** Bytes taken and not given out yet. */
  readonly bytes: number
  /** Of half a pair that waits, as what it becomes when no other half comes. */
  readonly halfBytes: number
  /** Takes text; gives out what became full. */
  add(text: string): readonly string[]
  /** All that was taken but half a pair; `last`: that too, as U+FFFD, since nothing follows. */
  rest(last?: boolean): string
}

/** `took`: is given what was taken in whole code points, as it will stand in the pieces. */
export function createTextPieces(
  maxBytes: number,
  took: (text: string) => void = () => {},
): TextPieces {
  let pending = ''
  let bytes = 0
  let half = ''
  return {
    get bytes() {
      return bytes
    },
    get halfBytes() {
      return half === '' ? 0 : utf8Size(0xfffd)
    },
    add(text) {
      const all = half + text
      half = isHigh(all.charCodeAt(all.length - 1)) ? all.slice(-1) : ''
      const end = all.length - half.length
      took(wellFormed(all.slice(0, end)))
      const full: string[] = []
      let from = 0
      for (let at = 0; at < end; ) {
        const point = all.codePointAt(at) as number
        const size = utf8Size(point)
        if (bytes + size > maxBytes) {
          full.push(wellFormed(pending + all.slice(from, at)))
          pending = ''
          bytes = 0
          from = at
        }
        bytes += size
        at += point > 0xffff ? 2 : 1
      }
      pending += all.slice(from, end)
      return full
    },
    rest(last = false) {
      const text = wellFormed(last ? pending + half : pending)
      if (last) took(wellFormed(half))
      pending = ''
      bytes = 0
      if (last) half = ''
      return text
    },
  }
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

const utf8Size = (point: number): number =>
  point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4

/** UTF-8 bytes of a text, a surrogate that stands alone counted as what it becomes. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) as number
    bytes += utf8Size(point)
    at += point > 0xffff ? 2 : 1
  }
  return bytes
}

/** UTF-16 units of the longest beginning of a text that has at most so many UTF-8 bytes. */
export function unitsWithin(text: string, bytes: number): number {
  let left = bytes
  let at = 0
  while (at < text.length) {
    const point = text.codePointAt(at) as number
    left -= utf8Size(point)
    if (left < 0) break
    at += point > 0xffff ? 2 : 1
  }
  return at
}

/** True without surrogates that stand alone: only such a text has a form as UTF-8. */
export const isWellFormed = (text: string): boolean => !loneSurrogate.test(text)

/** With the u flag a pair is one character, so this finds only surrogates that stand alone. */
const loneSurrogate = /\p{Surrogate}/u
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')
