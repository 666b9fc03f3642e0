/**
 * One record of a Claude Code transcript boiled down for a person to read (SO11), on every platform.
 * The line is whatever a file or a peer holds: nothing here throws, and the text is bounded and free
 * of control characters.
 */
import type { Bytes } from '@baton/shared/bytes'
import { cleanLines, cleanText } from '@baton/shared/clean-text'
import { maxReadChars, maxShownChars } from '@baton/shared/limits'
import type { Description } from '../ports/source.ts'

type Name =
  | ('type' | 'subtype' | 'timestamp' | 'message' | 'content' | 'text' | 'summary' | 'customTitle')
  | ('aiTitle' | 'attachment' | 'isCompactSummary' | 'toolUseResult' | 'name' | 'input')
/** Of somebody's making: any of the fields may be anything. */
type Fields = { readonly [K in Name]?: unknown }
type Input = Readonly<Record<string, unknown>>
type Kind = Description['kind']

/** Above this a line is told by its size: parsing it would cost more than its text is worth. */
const maxParsedBytes = 1024 * 1024

/** `decode` gives the text of UTF-8, with U+FFFD for what is none: a platform's own is quickest. */
export const claudeCodeDescriber =
  (decode: (utf8: Bytes) => string) =>
  (line: Bytes, whole = false): Description => {
    const shown = whole ? readable : brief
    const record = line.length > maxParsedBytes ? undefined : parse(decode, line)
    if (record === undefined) return shown('other', undefined, `${line.length} bytes`)
    const type = text(record.type)
    const [kind, words] = tell(type, record, whole)
    return shown(kind, text(record.timestamp), words === '' ? type : words)
  }

function tell(type: string, record: Fields, whole: boolean): readonly [Kind, string] {
  if (type === 'user') return tellUser(record)
  if (type === 'assistant') return tellAssistant(record, whole)
  if (type === 'system') return ['system', text(record.content) || text(record.subtype)]
  if (type === 'summary') return ['system', text(record.summary)]
  if (type === 'custom-title') return ['system', text(record.customTitle)]
  if (type === 'ai-title') return ['system', text(record.aiTitle)]
  if (type === 'attachment') return ['other', `attachment: ${text(fields(record.attachment).type)}`]
  return ['other', type]
}

function tellUser(record: Fields): readonly [Kind, string] {
  const { content } = fields(record.message)
  if (typeof content === 'string') {
    return [record.isCompactSummary === true ? 'system' : 'user', content]
  }
  const blocks = list(content)
  const result = blocks.find((block) => block.type === 'tool_result')
  if (result) return ['result', plain(result.content) || plain(record.toolUseResult)]
  return ['user', plain(content)]
}

function tellAssistant(record: Fields, whole: boolean): readonly [Kind, string] {
  const blocks = list(fields(record.message).content)
  const call = blocks.find((block) => block.type === 'tool_use')
  if (call) return ['tool', `${text(call.name)} ${argument(fields(call.input) as Input, whole)}`]
  const words = plain(blocks)
  if (words !== '') return ['assistant', words]
  return ['other', blocks.map((block) => text(block.type)).join(' ')]
}

/** What a person wants to see of a tool call: its command, its file, else all of it. */
function argument(input: Input, whole: boolean): string {
  for (const key of ['command', 'file_path', 'path', 'pattern', 'url', 'description', 'prompt']) {
    const value = text(input[key])
    if (value !== '') return value
  }
  return JSON.stringify(input).slice(0, whole ? maxReadChars : maxShownChars)
}

/** The text of a string, or of the text blocks of a list. */
function plain(content: unknown): string {
  if (typeof content === 'string') return content
  return list(content)
    .map((block) => text(block.text))
    .filter((each) => each !== '')
    .join('\n')
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : [])

function parse(decode: (utf8: Bytes) => string, line: Bytes): Fields | undefined {
  try {
    const value: unknown = JSON.parse(decode(line))
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined
  } catch {
    // No JSON: it is told by its size.
    return undefined
  }
}

const brief = (kind: Kind, at: string | undefined, words: string): Description => ({
  ...timed(kind, at),
  text: cleanText(words, maxShownChars) ?? '',
})

const readable = (kind: Kind, at: string | undefined, words: string): Description => ({
  ...timed(kind, at),
  text: cleanLines(words, maxReadChars) ?? '',
})

const timed = (kind: Kind, at: string | undefined) => ({
  kind,
  at: at === undefined || at === '' ? undefined : cleanText(at, 40),
})
