/**
 * What a placed file is: a pure function of the carried lines, line by line (PL1 to PL6). An imported
 * session is untrusted input, and some records are live settings, or belong to the machine or the
 * account they were written on; those are left out or emptied here, and counted. Everything else
 * passes as the bytes it is.
 */
import type { Bytes } from '@baton/shared/bytes'
import {
  isStrict,
  type Member,
  replaceValues,
  scanMembers,
  stringValue,
  wantKeys,
} from './json-members.ts'
import type { LineState } from './placed-state.ts'

/** Record types that are left out, and why. */
export const droppedTypes: ReadonlyMap<string, string> = new Map([
  ['permission-mode', 'the approval policy in force on the other device'],
  ['mode', 'the interaction mode in force on the other device'],
  ['agent-setting', 'selects an agent definition, with its own tools, by name'],
  ['worktree-state', 'the agent would move into a directory of the other machine'],
  ['relocated', 'the same'],
  ['bridge-session', 'remote control of the session, bound to an account'],
  ['file-history-snapshot', 'rewinding would delete or overwrite absolute paths it names'],
  ['file-history-delta', 'the same'],
  ['queue-operation', 'input that waits on the other device must not run on this one'],
  ['cost-state', 'what another account has spent'],
  ['atis-latch', 'state of the running process'],
])

/** Types of which one must come first: Claude Code does not list a file that begins otherwise. */
const ordinaryTypes: ReadonlySet<string> = new Set([
  ...['user', 'assistant', 'attachment', 'system', 'progress'],
])

const keys = wantKeys([
  ...['type', 'uuid', 'parentUuid', 'logicalParentUuid', 'leafUuid'],
  ...['sessionId', 'session_id', 'permissionMode', 'attachment'],
])
const attachmentKeys = wantKeys(['type', 'allowedTools'])

const maxHeldLines = 1000
const maxHeldBytes = 1024 * 1024
const maxRelinks = 400
const maxIdChars = 64

export interface PlacementOptions {
  /** The main transcript: its first line must be an ordinary record. */
  readonly main: boolean
  /** The id it gets here, when it becomes a branch in a file of its own. */
  readonly as: string | undefined
  /** Where an earlier placement stands, to go on from there. */
  readonly state?: LineState | undefined
}

export interface Placement {
  /** What the placed file gets for one carried line: nothing, the line, or it and lines held back. */
  step(line: Bytes): readonly Bytes[]
  /** The line that the last step held back until an ordinary record comes, if it did. */
  held(): Bytes | undefined
  /** Forgets that line: the file has it already. */
  unhold(): void
  /** All that is still held back, when no ordinary record came. */
  end(): readonly Bytes[]
  state(): LineState
  readonly counts: Record<string, number>
}

export function createPlacement(options: PlacementOptions): Placement {
  const counts: Record<string, number> = {}
  const relink: Relink = new Map(options.state?.relink)
  let opened = options.state?.opened ?? !options.main
  let held: Bytes[] = []
  let heldBytes = 0
  let isHeld = false
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }

  const release = (first: readonly Bytes[]) => {
    const out = [...first, ...held]
    isHeld = false
    opened = true
    held = []
    return out
  }

  return {
    counts,
    step: (line) => {
      isHeld = false
      const members = scanMembers(line, keys)
      const type = members && last(line, members, 'type')
      if (members === undefined || type === undefined) {
        count('unreadable')
        return []
      }
      if (droppedTypes.has(type)) {
        count(type)
        forget(line, members, relink)
        return []
      }
      if (!isStrict(line)) {
        count('unreadable')
        return []
      }
      const placed = rewrite(line, type, members)
      if (opened) return [placed]
      if (ordinaryTypes.has(type)) return release([placed])
      held.push(placed)
      heldBytes += placed.length
      if (held.length >= maxHeldLines || heldBytes >= maxHeldBytes) return release([])
      isHeld = true
      return []
    },
    held: () => (isHeld ? held.at(-1) : undefined),
    unhold: () => {
      heldBytes -= held.pop()?.length ?? 0
      isHeld = false
    },
    end: () => (opened || held.length === 0 ? [] : release([])),
    state: () => ({ opened, relink: [...relink] }),
  }

  function rewrite(line: Bytes, type: string, members: readonly Member[]): Bytes {
    const edits: (readonly [Member, string])[] = []
    for (const member of members) {
      const text = replacement(line, type, member)
      if (text !== undefined) edits.push([member, text])
    }
    return edits.length === 0 ? line : replaceValues(line, edits)
  }

  function replacement(line: Bytes, type: string, member: Member): string | undefined {
    switch (member.key) {
      case 'attachment':
        if (type !== 'attachment' || !grantsTools(line, member)) return undefined
        count('command_permissions')
        return '{"type":"command_permissions","allowedTools":[]}'
      case 'permissionMode':
        if (stringValue(line, member) === 'default') return undefined
        count('permissionMode')
        return '"default"'
      case 'sessionId':
      case 'session_id': {
        const id = options.as === undefined ? undefined : stringValue(line, member)
        return id === undefined || id === options.as ? undefined : `"${options.as}"`
      }
      case 'parentUuid':
      case 'logicalParentUuid':
      case 'leafUuid': {
        const parent = relink.size === 0 ? undefined : stringValue(line, member)
        const kept = parent === undefined ? undefined : relink.get(parent)
        return kept === undefined ? undefined : JSON.stringify(kept)
      }
      default:
        return undefined
    }
  }
}

type Relink = Map<string, string | null>

/** Remembers where children of a record that is left out belong. */
function forget(line: Bytes, members: readonly Member[], relink: Relink): void {
  const uuid = last(line, members, 'uuid')
  if (uuid === undefined || uuid.length > maxIdChars) return
  const parent = last(line, members, 'parentUuid') ?? null
  const kept =
    parent !== null && relink.has(parent) ? (relink.get(parent) as string | null) : parent
  relink.set(uuid, kept !== null && kept.length > maxIdChars ? null : kept)
  if (relink.size > maxRelinks) relink.delete(relink.keys().next().value as string)
}

/** JSON.parse keeps the last of members with one key, and so does this. */
function last(line: Bytes, members: readonly Member[], key: string): string | undefined {
  const member = members.findLast((each) => each.key === key)
  return member && stringValue(line, member)
}

/** Whether an attachment lets tools run unasked: command_permissions with anything but `[]`. */
function grantsTools(line: Bytes, member: Member): boolean {
  const value = line.subarray(member.start, member.end)
  const inner = scanMembers(value, attachmentKeys)
  if (inner === undefined || last(value, inner, 'type') !== 'command_permissions') return false
  return inner.some(
    ({ key, start, end }) =>
      key === 'allowedTools' && Buffer.from(value.subarray(start, end)).toString('latin1') !== '[]',
  )
}
