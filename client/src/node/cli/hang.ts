/** Text that hangs beside a name or a mark, broken where the terminal ends (rule CL5). */
import type { Paint } from './paint.ts'
import { wrap } from './width.ts'

/** Text, and how it is painted. */
export type Part = string | readonly [text: string, paint: (text: string) => string]

/** No line of text is narrower: below, nobody could read it. */
const minRoom = 20

/**
 * `lead`, which is `indent` wide, stands before the first line; the others stand under its text. What
 * is painted is broken before it is, since escape sequences have no width.
 */
export function hang(
  lead: string,
  indent: number,
  parts: readonly Part[],
  columns: number,
): string[] {
  const text = parts.map(textOf).join('')
  let at = 0
  return wrap(text, Math.max(minRoom, columns - indent)).map((line, index) => {
    // Between two lines nothing but blanks is left out.
    const from = text.indexOf(line, at)
    at = from + line.length
    return `${index === 0 ? lead : ' '.repeat(indent)}${painted(parts, from, at)}`
  })
}

const nameColumns = 10

export interface Sheet {
  /** This device, and that it is up. */
  up(device: string): void
  /** A name, and what there is to say. */
  row(name: string, ...parts: Part[]): void
}

/** Facts of a device, one below the other, as `baton status` shows them. */
export function createSheet(
  write: (line: string) => void,
  columns: number,
  { bold, dim, good }: Paint,
): Sheet {
  const say = (lead: string, indent: number, parts: readonly Part[]) => {
    for (const line of hang(lead, indent, parts, columns)) write(line)
  }
  return {
    up: (device) => say(`${good('●')} `, 2, [[device, bold], ' is up']),
    row: (name, ...parts) => say(`  ${dim(name.padEnd(nameColumns))}`, nameColumns + 2, parts),
  }
}

const textOf = (part: Part): string => (typeof part === 'string' ? part : part[0])

/** What stands from `from` to `to` in all of the parts. */
function painted(parts: readonly Part[], from: number, to: number): string {
  let begin = 0
  return parts
    .map((part) => {
      const text = textOf(part)
      const cut = text.slice(Math.max(0, from - begin), Math.max(0, to - begin))
      begin += text.length
      return typeof part === 'string' || cut === '' ? cut : part[1](cut)
    })
    .join('')
}
