/**
 * Which words of a pairing code give it away when they are found in a log or on the wire: the program
 * writes some of the 2048 by itself (`open`, `channel`), and the shortest may stand in random bytes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const rooms = ['client/src', 'shared/src/protocol', 'signaling/src']
const literal = /'[^'\n]*'|`[^`]*`/g

/** All that stands in quotes in the program's own text. */
const ownText = rooms
  .flatMap((room) => {
    const folder = fileURLToPath(new URL(`../../${room}/`, import.meta.url))
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(`${folder}${name}`, 'utf8').match(literal) ?? [])
  })
  .join('\n')

/** At least this long, a word is found in random bytes less than once in a million runs. */
const leastLetters = 5

export const tellingWords = (code: string): string[] =>
  code
    .split('-')
    .slice(1)
    .filter((word) => word.length >= leastLetters && !ownText.includes(word))
