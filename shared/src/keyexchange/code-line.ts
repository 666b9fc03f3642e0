/**
 * A code as it is typed (rule CL7): what Tab and Space make of it, and what is shown beside it. Pure;
 * the keys are handed in, the words come from the frozen list, and nothing is sent anywhere.
 */

import { codeWords, maxCodeChars } from '../limits.ts'
import { parseCode } from './code.ts'
import { isLink } from './code-link.ts'
import { completeWord } from './word-search.ts'

export interface CodeLine {
  readonly text: string
  /** What the word that is being typed will become, without what is typed of it already. */
  readonly ghost: string
  /** For the line below: words it may become, or what is wrong. */
  readonly note: string
  readonly complete: boolean
}

export const emptyCode: CodeLine = lineOf('')

/** `key` is a character, or `tab`, `backspace`, `clear`. */
export function typeCode(line: CodeLine, key: string): CodeLine {
  if (key === 'backspace') return lineOf(line.text.slice(0, -1))
  if (key === 'clear') return emptyCode
  if (key === 'tab') return lineOf(finishWord(line, true))
  if (isLink(line.text + key)) return lineOf((line.text + key).slice(0, maxCodeChars))
  let { text } = line
  for (const char of key.normalize('NFKC').toLowerCase()) {
    if (/[\p{L}\p{N}:/]/u.test(char)) text += char
    else if (text !== '' && !text.endsWith('-')) text = finishWord(lineOf(text), false)
  }
  return lineOf(text.slice(0, maxCodeChars))
}

/** What a whole text comes to, as typed from nothing: for a field that hands over its value. */
export const typeAll = (text: string): CodeLine =>
  isLink(text) ? lineOf(text.slice(0, maxCodeChars)) : [...text].reduce(typeCode, emptyCode)

/** The word that was begun, whole when only one begins like it, and a hyphen when more follow. */
function finishWord({ text, ghost }: CodeLine, forced: boolean): string {
  const parts = text.split('-')
  const typed = parts.at(-1) ?? ''
  if (typed === '' || (forced && ghost === '' && completeWord(typed).length > 1)) return text
  const full = forced || typed.length > 3 ? text + ghost : text
  return parts.length <= codeWords ? `${full}-` : full
}

/** A text as it stands, of which nothing is completed: what deleting leaves. */
export function lineOf(text: string): CodeLine {
  if (isLink(text)) return { text, ghost: '', note: '', complete: isReadable(text) }
  const parts = text.split('-')
  const typed = parts.at(-1) ?? ''
  if (parts.length === 1) {
    const note = typed === '' || /^\d+$/.test(typed) ? '' : 'a code starts with a number'
    return { text, ghost: '', note, complete: false }
  }
  const fitting = typed === '' ? [] : completeWord(typed)
  const ghost = fitting.length === 1 ? (fitting[0] as string).slice(typed.length) : ''
  const note = fitting.length > 1 ? shorten(fitting) : ''
  const wrong = typed !== '' && fitting.length === 0 && !isReadable(text)
  return {
    text,
    ghost,
    note: wrong ? 'no word of a code starts like this' : note,
    complete: parts.length > codeWords && isReadable(text + ghost),
  }
}

function shorten(words: readonly string[]): string {
  return words.length <= 6 ? words.join('  ') : `${words.slice(0, 6).join('  ')}  …`
}

function isReadable(text: string): boolean {
  try {
    parseCode(text)
    return true
  } catch {
    // What lands here: a code that is not finished, or has a slip that could mean two words.
    return false
  }
}
