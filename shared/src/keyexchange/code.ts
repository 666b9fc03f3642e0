/**
 * Pairing codes: a nameplate, which the service learns, and three words, which it never does. Rules:
 * CD. Reading is forgiving and local: a slip costs no guess. What was typed never stands in an
 * error; only the position and the words close to it do.
 */
import { type Bytes, utf8Encode } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { codeWords, maxCodeChars } from '../limits.ts'
import { isLink, type LinkCode, parseLink } from './code-link.ts'
import { wordMeant } from './word-search.ts'
import { words } from './words.ts'

export interface WordCode {
  readonly method: 'words'
  /** Decimal digits, without leading zeros. */
  readonly nameplate: string
  readonly words: readonly string[]
  /** The password-related string of the key exchange: the words, joined by hyphens, as UTF-8. */
  readonly prs: Bytes
  /** The whole code as it is shown and read out: `7-anvil-meadow-copper`. */
  readonly text: string
  /** Positions (from 1) of words that were typed otherwise, for a surface to show the whole code. */
  readonly corrected: readonly number[]
}

/** What a person typed or scanned. */
export type PairingCode = WordCode | LinkCode

/** Random bytes a code takes: two for each word. */
export const codeRandomBytes = 2 * codeWords

/**
 * A fresh code from `codeRandomBytes` random bytes. 2048 divides 2^16, so eleven bits of each pair
 * are uniform and nothing has to be drawn again.
 */
export function makeCode(nameplate: string, random: Bytes): WordCode {
  if (random.length !== codeRandomBytes) {
    throw new BatonError('invalid', `a code takes ${codeRandomBytes} random bytes`)
  }
  const drawn = Array.from({ length: codeWords }, (_, at) => {
    const pair = ((random[2 * at] as number) << 8) | (random[2 * at + 1] as number)
    return words[pair & 2047] as string
  })
  return wordCode(parseNameplate(nameplate), drawn, [])
}

/** Reads a code or a link. Throws `code-format`. */
export function parseCode(text: string): PairingCode {
  if (text.length > maxCodeChars) throw unreadable('it is too long')
  return isLink(text) ? parseLink(text) : parseWordCode(text)
}

function parseWordCode(text: string): WordCode {
  const [number = '', ...typed] = normalize(text)
  const nameplate = parseNameplate(number)
  if (typed.length !== codeWords) {
    throw unreadable(`it has ${codeWords} words behind its number, not ${typed.length}`)
  }
  const found = typed.map((word, index) => wordMeant(word, index + 1, unreadable))
  const corrected = found.flatMap((word, index) => (word === typed[index] ? [] : [index + 1]))
  return wordCode(nameplate, found, corrected)
}

/**
 * Lower case parts: compatibility forms (full-width digits and the like) made plain, invisible
 * characters dropped, anything but letters and digits taken as a separator.
 */
function normalize(text: string): readonly string[] {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
    .replace(/^[^\p{L}\p{N}]*(\d+)/u, '$1 ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '')
}

function parseNameplate(text: string): string {
  const match = /^0*([1-9][0-9]{0,8})$/.exec(text)
  if (match === null) throw unreadable('it starts with a number')
  return match[1] as string
}

function wordCode(
  nameplate: string,
  drawn: readonly string[],
  corrected: readonly number[],
): WordCode {
  const joined = drawn.join('-')
  const text = `${nameplate}-${joined}`
  return { method: 'words', nameplate, words: drawn, prs: utf8Encode(joined), text, corrected }
}

function unreadable(why: string, hint = 'read it again on the other device'): BatonError {
  return new BatonError('code-format', `failed to read the code: ${why}`, { hint })
}
