/**
 * The words of a recovery key at a terminal (rules CL17, CL18): shown once and wiped from the screen, or
 * typed with each word completed. They come from a prompt or stdin, never from the command line.
 */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, deviceId } from '@baton/shared/ids'
import {
  parseRecovery,
  recoveryKeyOf,
  recoveryLinkOf,
  recoveryWordsOf,
} from '@baton/shared/keyexchange/recovery-words'
import { completeWord } from '@baton/shared/keyexchange/word-search'
import { maxCodeChars, recoverySecretBytes } from '@baton/shared/limits'
import { pureSha256 } from '@baton/shared/primitives'
import { freshRandom } from '../../core/fresh-random.ts'
import { createRandom } from '../platform.ts'
import { usage } from './exit.ts'
import { prompt } from './keys.ts'
import { qrLines } from './qr.ts'
import type { Terminal } from './terminal.ts'
import { cutTo } from './width.ts'

export interface Paper {
  readonly words: readonly string[]
  readonly link: string
  readonly key: DeviceId
}

export const keyOf = (secret: Uint8Array): DeviceId => deviceId(recoveryKeyOf(secret).key)

export function makePaper(): Paper {
  const secret = freshRandom(createRandom()).bytes(recoverySecretBytes)
  return {
    words: recoveryWordsOf(pureSha256, secret),
    link: recoveryLinkOf(secret),
    key: keyOf(secret),
  }
}

/** Shows the words until a person has them, then wipes them. Rejects with `cancelled`. */
export async function showPaper(terminal: Terminal, { words, link }: Paper): Promise<void> {
  const { accent, bold, dim } = terminal.note
  const question = `${accent('?')} Written down?`
  const picture = qrLines(link, terminal.columns, dim(' ') !== ' ')
  let asPicture = false
  const rows = words.map((word, at) => `${String(at + 1).padStart(4)}  ${bold(word)}`)
  const view = () => [
    'These words can remove any of your devices.',
    'Write them on paper, with the date. They are shown once, and kept nowhere.',
    '',
    ...(asPicture ? (picture ?? []) : rows),
    '',
    `${question} ${dim(picture ? '(y/n, q: the same as a QR code)' : '(y/n)')} `,
  ]
  const written = await prompt<boolean>(terminal, view, ({ name }) => {
    if (name === 'q' && picture) asPicture = !asPicture
    if (name !== 'y' && name !== 'n') return { at: 'asking' }
    const answer = name === 'y'
    return { at: 'done', answer, shown: `${question} ${dim(answer ? 'yes' : 'no')}` }
  })
  if (!written)
    throw new BatonError('cancelled', 'nothing was changed; those words are worth nothing')
}

/** What was typed or piped, which can be read. Rejects with `code-format`, `usage` or `cancelled`. */
export async function askPaper(
  terminal: Terminal,
  what: string | undefined,
): Promise<{ readonly secret: string; readonly key: DeviceId }> {
  if (what !== undefined && what !== '-') {
    throw usage(
      'the words of a recovery key do not belong on the command line, where ps shows them',
      'leave them out to be asked, or pipe them in: baton recovery use -',
    )
  }
  if (what === undefined && !terminal.asks) {
    throw usage('failed: no words were given', 'pipe them in: baton recovery use -')
  }
  const secret = what === '-' ? await piped(terminal) : await typed(terminal)
  return { secret, key: keyOf(parseRecovery(pureSha256, secret)) }
}

async function piped({ stdin }: Terminal): Promise<string> {
  let text = ''
  stdin.setEncoding('utf8')
  for await (const part of stdin) {
    text += part as string
    if (text.length > maxCodeChars) break
  }
  if (text.trim() === '') throw usage('failed: stdin held no words')
  return text.trim()
}

function typed(terminal: Terminal): Promise<string> {
  const { accent, dim } = terminal.note
  const question = `${accent('?')} The words on paper`
  let text = ''
  const view = () => {
    const { note, ghost } = typeState(text)
    // No line is longer than the terminal: what is wrapped by it would stay when this is erased.
    const below = wrapWords(text, terminal.columns - 4)
    const last = `${below.pop() ?? ''}${dim(ghost)}`
    return [
      `  ${dim(cutTo(note, terminal.columns - 4))}`,
      question,
      ...[...below, last].map((row) => `  ${row}`),
    ]
  }
  return prompt<string>(terminal, view, ({ name, text: key, ctrl }) => {
    const { done } = typeState(text)
    if (name === 'return' && done) {
      return { at: 'done', answer: text, shown: `${question}  ${dim('read')}` }
    }
    text = typeWord(text, ctrl ? (name === 'u' || name === 'w' ? 'clear' : '') : (name ?? key), key)
    return { at: 'asking' }
  })
}

/** Rows of at most `width` less the longest word: there is room for what completes the last. */
function wrapWords(text: string, width: number): string[] {
  const rows = ['']
  for (const part of text.match(/\S+\s*|\s+/g) ?? []) {
    for (let rest = part; rest !== ''; rest = rest.slice(width - 8)) {
      const piece = rest.slice(0, width - 8)
      const row = rows.at(-1) as string
      if (row !== '' && row.length + piece.length > width - 8) rows.push(piece)
      else rows[rows.length - 1] = row + piece
    }
  }
  return rows
}

/** `name` is of the key, `key` what it types. */
export function typeWord(text: string, name: string, key: string): string {
  if (name === 'clear') return ''
  if (name === 'backspace') return text.slice(0, -1)
  if (name === 'tab' || name === 'space' || key === ' ') {
    return text === '' || text.endsWith(' ') ? text : `${text}${typeState(text).ghost} `
  }
  if (name === '' || key < ' ') return text
  return `${text}${key}`.slice(0, maxCodeChars)
}

/** What the word that is being typed becomes, what is said of it, and whether all is there. */
export function typeState(text: string): {
  readonly ghost: string
  readonly note: string
  readonly done: boolean
} {
  const words = text.split(/[\s-]+/).filter((word) => word !== '')
  const last = /[\s-]$/.test(text) ? '' : (words.at(-1) ?? '')
  const fitting = last.length < 2 ? [] : completeWord(last)
  const ghost = fitting.length === 1 ? (fitting[0] as string).slice(last.length) : ''
  try {
    parseRecovery(pureSha256, text + ghost)
    return { ghost, note: 'Enter when this is all', done: true }
  } catch (error) {
    // What lands here: words that are not all there yet, or that are other ones.
    const { message, hint } = error as BatonError
    const short = `word ${last === '' ? words.length + 1 : words.length}, Space completes it`
    const said = /has \d+ words/.test(message) ? short : `${message}${hint ? `; ${hint}` : ''}`
    const begun = fitting.length > 0 && /is not in the list/.test(message)
    const some = fitting.slice(0, 6).join('  ')
    return { ghost, note: begun && fitting.length > 1 ? some : said, done: false }
  }
}
