/**
 * Where Claude Code keeps what, as pure functions of names and paths. Nothing here touches a disk;
 * rules PL7 (folder names), SO4 (ids) and SO5 (carried paths).
 */
import { BatonError } from '@baton/shared/errors'

export const agent = 'claude-code'
/** Carried name of the main transcript. */
export const mainFile = 'transcript.jsonl'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isSessionId = (text: string): boolean => uuid.test(text)

/** Throws `invalid` unless it is a UUID: an id becomes a file name only behind this. */
export function parseSessionId(text: string): string {
  if (!isSessionId(text)) throw new BatonError('invalid', 'failed to read session id: not a UUID')
  return text
}

/**
 * The folder of a project: every UTF-16 unit that is no ASCII letter or digit becomes a dash; a name
 * beyond 200 units is cut and gets a hash of the whole path. Lossy, so it is never decoded. Tested
 * against Claude Code 2.1.197 and 2.1.329.
 */
export function encodeProjectDir(realPath: string): string {
  const name = realPath.replace(/[^a-zA-Z0-9]/g, '-')
  if (name.length <= 200) return name
  let hash = 0
  for (let i = 0; i < realPath.length; i++) {
    hash = ((hash << 5) - hash + realPath.charCodeAt(i)) | 0
  }
  return `${name.slice(0, 200)}-${Math.abs(hash).toString(36)}`
}

const maxParts = 8
const maxPartChars = 128
/** Names that are never part of a session wherever they stand. */
const denied: ReadonlySet<string> = new Set([
  ...['.credentials.json', '.claude.json', 'history.jsonl', 'sessions', 'session-env'],
  ...['shell-snapshots', 'memory', '.git', '.ssh'],
])
const windowsNames = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

/**
 * A name as disks compare it that tell neither case nor form apart: under any other spelling of a file
 * of records its settings would be placed as they are, and be read all the same.
 */
export const foldName = (name: string): string => name.normalize('NFKC').toLowerCase()

/** Whether one name of a carried path is safe on every platform and not on the deny list. */
export function isCarriedName(name: string): boolean {
  if (name.length === 0 || name.length > maxPartChars) return false
  const folded = foldName(name)
  if (denied.has(folded) || windowsNames.test(folded)) return false
  // No separators, drive or stream colons, wildcards, control characters; no trailing dot or blank.
  return !/[\\/:*?"<>|\p{Cc}\p{Cf}\p{Cs}]|^\.|[. ]$/u.test(name)
}

/** Parts of the path of a sidecar, or undefined when it may not be carried or placed. */
export function carriedParts(file: string): readonly string[] | undefined {
  const parts = file.split('/')
  if (parts.length > maxParts || !parts.every(isCarriedName)) return undefined
  return parts
}

/** Sidecars made of records; everything else is a whole file. */
export function isRecordFile(parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts.map(foldName)
  return first === 'subagents' && (rest.at(-1) ?? '').endsWith('.jsonl')
}
