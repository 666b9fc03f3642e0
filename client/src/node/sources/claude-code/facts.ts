/**
 * What a list shows of a session, from the first and last bytes of its transcript (SO7): project,
 * title. Pure; every value is somebody's text and is bounded here.
 */
import type { Bytes } from '@baton/shared/bytes'
import { cleanText } from '@baton/shared/clean-text'
import { maxTitleChars } from '@baton/shared/limits'
import { encodeProjectDir } from './layout.ts'

export interface Facts {
  readonly project: string | undefined
  readonly title: string | undefined
}

const maxPathChars = 4096

/** `head` ends, `tail` begins anywhere; `folder` is the name of the directory the file stands in. */
export function gatherFacts(head: Bytes, tail: Bytes, folder: string): Facts {
  const first = text(head)
  const last = text(tail)
  return { project: projectOf(first, last, folder), title: titleOf(first, last) }
}

/**
 * A directory that a record names and that encodes to the folder the file stands in; else the first
 * one named. (An agent that was resumed elsewhere goes on in the same file.)
 */
function projectOf(head: string, tail: string, folder: string): string | undefined {
  let first: string | undefined
  for (const source of [tail, head]) {
    const seen = new Set<string>()
    for (const [, literal] of source.matchAll(/"cwd":("(?:[^"\\]|\\.){1,8000}")/g)) {
      if (seen.has(literal as string)) continue
      seen.add(literal as string)
      const cwd = parseString(literal as string)
      if (cwd === undefined || !isDirectoryName(cwd)) continue
      if (encodeProjectDir(cwd) === folder) return cwd
      if (source === head) first ??= cwd
    }
  }
  return first
}

const isDirectoryName = (path: string) =>
  path.length <= maxPathChars && !/\p{Cc}/u.test(path) && /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path)

/** What a person called it, else what the agent did, else what was first asked. */
function titleOf(head: string, tail: string): string | undefined {
  for (const key of ['customTitle', 'aiTitle', 'summary'] as const) {
    const found = lastString(tail, key) ?? lastString(head, key)
    const title = found && cleanText(found, maxTitleChars)
    if (title) return title
  }
  return firstPrompt(head)
}

/** The last `"key":"..."` on a line that is a record of titles. */
function lastString(
  source: string,
  key: 'customTitle' | 'aiTitle' | 'summary',
): string | undefined {
  const needle = `"${key}":"`
  for (let at = source.lastIndexOf(needle); at > 0; at = source.lastIndexOf(needle, at - 1)) {
    const start = source.lastIndexOf('\n', at) + 1
    const end = source.indexOf('\n', at)
    const record = parseRecord(source.slice(start, end === -1 ? undefined : end))
    const value = record?.[key]
    if (typeof value === 'string' && record?.message === undefined) return value
  }
  return undefined
}

function firstPrompt(head: string): string | undefined {
  for (const line of head.split('\n')) {
    if (!line.includes('"type":"user"')) continue
    const record = parseRecord(line)
    if (record?.type !== 'user' || record.isMeta || record.isCompactSummary) continue
    const prompt = cleanText(promptText(record.message), maxTitleChars)
    // Slash commands and notices of the program come as tags.
    if (prompt && !prompt.startsWith('<') && !prompt.startsWith('Caveat:')) return prompt
  }
  return undefined
}

function promptText(message: unknown): string {
  const content = (message as { content?: unknown } | null | undefined)?.content
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const block = content.find((each) => each?.type === 'text' && typeof each.text === 'string')
  return (block?.text as string | undefined) ?? ''
}

interface Fields {
  readonly type?: unknown
  readonly message?: unknown
  readonly isMeta?: unknown
  readonly isCompactSummary?: unknown
  readonly customTitle?: unknown
  readonly aiTitle?: unknown
  readonly summary?: unknown
}

function parseRecord(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined
  } catch {
    // A line cut by the window, or no JSON: it names nothing.
    return undefined
  }
}

function parseString(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string
  } catch {
    // A broken escape.
    return undefined
  }
}

const text = (bytes: Bytes) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
