/**
 * Finds the word of the list a person meant: whole, by its first letters, or with one slip. Rules:
 * CD4, CD5, CD6. It costs no guess, because nothing leaves the device.
 */
import { words } from './words.ts'

/** As many first letters as name one word. */
export const prefixLetters = 4

const known: ReadonlySet<string> = new Set(words)
const byPrefix: ReadonlyMap<string, string> = new Map(
  words.map((word) => [word.slice(0, prefixLetters), word]),
)

export interface FoundWord {
  /** The word, or undefined when none or more than one could be meant. */
  readonly word: string | undefined
  /** Words a person may have meant, at most three; empty when `word` is there. */
  readonly near: readonly string[]
}

/** `typed` is lower case. */
export function findWord(typed: string): FoundWord {
  if (known.has(typed)) return { word: typed, near: [] }
  const abbreviated = byPrefix.get(typed.slice(0, prefixLetters))
  if (typed.length >= prefixLetters && abbreviated?.startsWith(typed)) {
    return { word: abbreviated, near: [] }
  }
  const slips = words.filter((word) => isOneEdit(typed, word))
  if (slips.length === 1) return { word: slips[0], near: [] }
  const near = abbreviated === undefined ? slips : [...slips, abbreviated]
  return { word: undefined, near: [...new Set(near)].slice(0, 3) }
}

/** Words that begin like this, in order, for a prompt; all of them for an empty beginning. */
export function completeWord(beginning: string): readonly string[] {
  const start = beginning.normalize('NFKC').trim().toLowerCase()
  return words.filter((word) => word.startsWith(start))
}

/** One letter missing, added, changed, or two neighbours swapped. */
export function isOneEdit(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const left = a.slice(head, a.length - tail)
  const right = b.slice(head, b.length - tail)
  if (left.length <= 1 && right.length <= 1) return true
  return left.length === 2 && right === `${left[1]}${left[0]}`
}

/** The word of the list that a person meant at a place, from 1 on. Throws what `refuse` makes of it. */
export function wordMeant(
  typed: string,
  position: number,
  refuse: (why: string, hint?: string) => Error,
): string {
  const { word, near } = findWord(typed)
  if (word !== undefined) return word
  const hint = near.length === 0 ? undefined : `maybe: ${near.join(', ')}`
  throw refuse(`word ${position} is not in the list`, hint)
}
