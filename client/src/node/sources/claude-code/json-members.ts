/**
 * Finds the top-level members of the one JSON object on a line, as byte ranges, without parsing or
 * copying the rest: a line is changed by replacing ranges, so signatures, key order and big integers
 * survive (PL3). It is lenient where JSON.parse is strict, never the other way round: an object that
 * JSON.parse reads is never taken for something else, however its keys are spelled.
 */
import type { Bytes } from '@baton/shared/bytes'

/** A member whose key was asked for. `start` and `end` bound its value in the line. */
export interface Member {
  readonly key: string
  readonly start: number
  readonly end: number
}

const quote = 0x22
const backslash = 0x5c
const open = 0x7b
const close = 0x7d

/**
 * The wanted members in order, duplicates included, or undefined when the line is not exactly one
 * object (blanks and a byte order mark around it aside). A raw carriage return anywhere but at the
 * end counts as two lines for some readers, so such a line is none.
 */
export function scanMembers(
  line: Bytes,
  wanted: ReadonlySet<string>,
  lengths: ReadonlySet<number> = keyLengths(wanted),
): Member[] | undefined {
  const found: Member[] = []
  let at = skipBlank(line, 0)
  if (line[at] !== open || hasInnerReturn(line)) return undefined
  at = skipBlank(line, at + 1)
  while (line[at] !== close) {
    if (line[at] === 0x2c) at = skipBlank(line, at + 1)
    if (line[at] !== quote) return undefined
    const keyStart = at + 1
    at = skipString(line, at)
    const keyEnd = at - 1
    at = skipBlank(line, at)
    if (line[at] !== 0x3a) return undefined
    const start = skipBlank(line, at + 1)
    at = skipValue(line, start)
    if (at === start || at > line.length) return undefined
    const length = keyEnd - keyStart
    if (lengths.has(length) || hasEscape(line, keyStart, keyEnd)) {
      const key = keyText(line, keyStart, keyEnd)
      if (key !== undefined && wanted.has(key)) found.push({ key, start, end: at })
    }
    at = skipBlank(line, at)
  }
  return skipBlank(line, at + 1) === line.length ? found : undefined
}

export const keyLengths = (wanted: ReadonlySet<string>): ReadonlySet<number> =>
  new Set([...wanted].map((key) => key.length))

/** A string value's text, or undefined when the value is no string. */
export function stringValue(line: Bytes, member: Member): string | undefined {
  if (line[member.start] !== quote || member.end - member.start < 2) return undefined
  return keyText(line, member.start + 1, member.end - 1)
}

/** `line` with the values of `members` replaced by `texts`, which are JSON. */
export function replaceValues(line: Bytes, edits: readonly (readonly [Member, string])[]): Bytes {
  const parts: Uint8Array[] = []
  let from = 0
  for (const [member, text] of [...edits].sort(([a], [b]) => a.start - b.start)) {
    parts.push(line.subarray(from, member.start), Buffer.from(text))
    from = member.end
  }
  parts.push(line.subarray(from))
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function hasEscape(line: Bytes, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (line[at] === backslash) return true
  return false
}

function keyText(line: Bytes, start: number, end: number): string | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset + start, end - start).toString('utf8')
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    // Broken escapes: JSON.parse refuses the whole line as well.
    return undefined
  }
}

function skipBlank(line: Bytes, from: number): number {
  let at = from
  for (; at < line.length; at++) {
    const byte = line[at] as number
    if (byte <= 0x20) continue
    if (byte === 0xef && line[at + 1] === 0xbb && line[at + 2] === 0xbf) at += 2
    else break
  }
  return at
}

/** Behind the closing quote, or past the end when there is none. */
function skipString(line: Bytes, from: number): number {
  const { length } = line
  for (let at = from + 1; at < length; at++) {
    const byte = line[at]
    if (byte === quote) return at + 1
    if (byte === backslash) at++
  }
  return length + 1
}

function skipValue(line: Bytes, from: number): number {
  const first = line[from]
  if (first === quote) return skipString(line, from)
  if (first !== open && first !== 0x5b) return skipScalar(line, from)
  const { length } = line
  let depth = 0
  for (let at = from; at < length; at++) {
    const byte = line[at]
    if (byte === quote) {
      at = skipString(line, at) - 1
    } else if (byte === open || byte === 0x5b) {
      depth++
    } else if (byte === close || byte === 0x5d) {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return length + 1
}

function skipScalar(line: Bytes, from: number): number {
  let at = from
  while (at < line.length) {
    const byte = line[at] as number
    if (byte <= 0x20 || byte === 0x2c || byte === close || byte === quote) break
    at++
  }
  return at
}

function hasInnerReturn(line: Bytes): boolean {
  const at = Buffer.from(line.buffer, line.byteOffset, line.length).indexOf(13)
  return at !== -1 && at !== line.length - 1
}
