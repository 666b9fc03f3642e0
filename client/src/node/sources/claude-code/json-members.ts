/**
 * Finds the top-level members of the one JSON object on a line, as byte ranges, without parsing or
 * copying the rest: a line is changed by replacing ranges, so signatures, key order and big integers
 * survive (PL3). It is lenient where JSON.parse is strict, never the other way round: an object that
 * JSON.parse reads is never taken for something else, however its keys are spelled.
 */
import { type Bytes, utf8Encode } from '@baton/shared/bytes'

/** A member whose key was asked for. `start` and `end` bound its value in the line. */
export interface Member {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** Keys to look for, by their length: most keys of a record are ruled out by that alone. */
export type WantedKeys = readonly (readonly { readonly key: string; readonly bytes: Bytes }[])[]

export function wantKeys(keys: readonly string[]): WantedKeys {
  const byLength: { key: string; bytes: Bytes }[][] = []
  for (const key of keys) {
    byLength[key.length] = [...(byLength[key.length] ?? []), { key, bytes: utf8Encode(key) }]
  }
  return byLength
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
export function scanMembers(line: Bytes, wanted: WantedKeys): Member[] | undefined {
  const { length } = line
  const found: Member[] = []
  let at = skipBlank(line, 0)
  if (line[at] !== open) return undefined
  at = skipBlank(line, at + 1)
  while (line[at] !== close) {
    if (line[at] === 0x2c) at = skipBlank(line, at + 1)
    if (line[at] !== quote) return undefined
    const keyStart = at + 1
    at = skipString(line, at)
    const key = at > length ? undefined : wantedKey(line, keyStart, at - 1, wanted)
    at = skipBlank(line, at)
    if (line[at] !== 0x3a) return undefined
    const start = skipBlank(line, at + 1)
    at = skipValue(line, start)
    if (at === start || at > length) return undefined
    if (key !== undefined) found.push({ key, start, end: at })
    at = skipBlank(line, at)
  }
  return skipBlank(line, at + 1) === length && !hasInnerReturn(line) ? found : undefined
}

/**
 * Whether JSON.parse reads the line, a byte order mark in front aside. What the scan lets pass between
 * strings may hold a line separator, and with it a whole record for readers that end lines there.
 */
export function isStrict(line: Bytes): boolean {
  const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString()
  try {
    JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
    return true
  } catch {
    return false
  }
}

/** A string value's text, or undefined when the value is no string. */
export function stringValue(line: Bytes, { start, end }: Member): string | undefined {
  if (line[start] !== quote || end - start < 2) return undefined
  return textOf(line, start + 1, end - 1)
}

/** `line` with the values of `members` replaced by `texts`, which are JSON. */
export function replaceValues(line: Bytes, edits: readonly (readonly [Member, string])[]): Bytes {
  const parts: Bytes[] = []
  let from = 0
  for (const [member, text] of [...edits].sort(([a], [b]) => a.start - b.start)) {
    parts.push(line.subarray(from, member.start), utf8Encode(text))
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

function wantedKey(
  line: Bytes,
  start: number,
  end: number,
  wanted: WantedKeys,
): string | undefined {
  for (let at = start; at < end; at++) {
    if (line[at] !== backslash) continue
    const text = textOf(line, start, end)
    return wanted[text?.length ?? 0]?.find(({ key }) => key === text)?.key
  }
  for (const { key, bytes } of wanted[end - start] ?? []) {
    let same = 0
    while (same < bytes.length && bytes[same] === line[start + same]) same++
    if (same === bytes.length) return key
  }
  return undefined
}

function textOf(line: Bytes, start: number, end: number): string | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset + start, end - start).toString()
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    // Broken escapes: JSON.parse refuses the whole line as well.
    return undefined
  }
}

function skipBlank(line: Bytes, from: number): number {
  const { length } = line
  let at = from
  for (; at < length; at++) {
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
  let at = from + 1
  while (at < length) {
    const byte = line[at]
    if (byte === quote) return at + 1
    at += byte === backslash ? 2 : 1
  }
  return length + 1
}

function skipValue(line: Bytes, from: number): number {
  const first = line[from]
  if (first === quote) return skipString(line, from)
  if (first === open || first === 0x5b) return skipNested(line, from)
  return skipScalar(line, from)
}

function skipNested(line: Bytes, from: number): number {
  const { length } = line
  let depth = 0
  let at = from
  while (at < length) {
    const byte = line[at] as number
    if (byte === quote) {
      at = skipString(line, at)
      continue
    }
    at++
    // Only brackets and braces have these bits: [ ] { }
    if ((byte & 0xd9) !== 0x59) continue
    if (byte === open || byte === 0x5b) depth++
    else if ((byte === close || byte === 0x5d) && --depth === 0) return at
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
