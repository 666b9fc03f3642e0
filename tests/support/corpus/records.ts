/**
 * Claude Code records in the two forms found in the field: 2.1.19x and 2.1.3xx. One builder per
 * record type; a `Pen` keeps what the records of one file share and the chain by parentUuid.
 */
import type { Dice } from './dice.ts'

export type Generation = '2.1.197' | '2.1.329'
export type Json = Record<string, unknown>

export interface Pen {
  readonly dice: Dice
  readonly generation: Generation
  readonly session: string
  readonly cwd: string
  readonly branch: string
  /** Set in the file of a sub-agent. */
  readonly agent: string | undefined
  /** uuid of the last chained record. */
  parent: string | null
  /** ms since 1970 of the last record. */
  now: number
}

export function createPen(
  dice: Dice,
  given: Pick<Pen, 'generation' | 'session' | 'cwd'> & Partial<Pen>,
): Pen {
  const now = Date.UTC(2026, 10, 3, 9) + dice.int(1_000_000_000)
  return { branch: 'main', agent: undefined, parent: null, now, ...given, dice }
}

const newer = (pen: Pen) => pen.generation === '2.1.329'

export function time(pen: Pen): string {
  pen.now += 20 + pen.dice.int(4000)
  return new Date(pen.now).toISOString()
}

/** A record with a uuid: chained to the last one, which it replaces. */
export function chained(pen: Pen, type: string, fields: Json, after: Json = {}): Json {
  const uuid = pen.dice.uuid()
  const record = {
    parentUuid: pen.parent,
    isSidechain: pen.agent !== undefined,
    ...(pen.agent === undefined ? {} : { agentId: pen.agent }),
    ...fields,
    type,
    uuid,
    timestamp: time(pen),
    ...after,
    userType: 'external',
    entrypoint: 'cli',
    cwd: pen.cwd,
    sessionId: pen.session,
    version: pen.generation,
    gitBranch: pen.branch,
  }
  pen.parent = uuid
  return record
}

/** A record without a uuid: settings and bookkeeping. */
export function loose(pen: Pen, type: string, fields: Json): Json {
  return { type, ...fields, sessionId: pen.session }
}

export function userRecord(pen: Pen, content: unknown, after: Json = {}): Json {
  const mode = pen.dice.pick(['default', 'acceptEdits', 'bypassPermissions', 'plan'])
  return chained(
    pen,
    'user',
    { promptId: pen.dice.uuid(), message: { role: 'user', content } },
    {
      permissionMode: mode,
      promptSource: 'user',
      ...(newer(pen) ? { turnOrigin: 'user', turnPosition: { promptIndex: 0, turnIndex: 1 } } : {}),
      ...after,
    },
  )
}

/** One block of an assistant message; blocks of one message share `id`. */
export function assistantRecord(pen: Pen, id: string, block: Json, stop: string | null): Json {
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model: newer(pen) ? 'claude-opus-5-5' : 'claude-opus-4-8',
    content: [block],
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: 12, output_tokens: pen.dice.int(900), service_tier: 'standard' },
  }
  return chained(
    pen,
    'assistant',
    { message, requestId: `req_${pen.dice.hex(20)}` },
    newer(pen) ? { effort: 'medium', madeBy: 'model' } : {},
  )
}

export function attachmentRecord(pen: Pen, attachment: Json): Json {
  return chained(
    pen,
    'attachment',
    { attachment },
    newer(pen) ? { rendered: pen.dice.prose(80), renderedRole: 'system' } : {},
  )
}

export function systemRecord(pen: Pen, subtype: string, fields: Json = {}): Json {
  return chained(pen, 'system', { subtype, ...fields }, { level: 'info', isMeta: false })
}

export function progressRecord(pen: Pen, tool: string, data: Json): Json {
  return chained(pen, 'progress', { data, parentToolUseID: tool, toolUseID: tool })
}

/** The boundary and the summary that replaces what is before it. */
export function* compaction(pen: Pen): Generator<Json> {
  const logicalParentUuid = pen.parent
  pen.parent = null
  yield systemRecord(pen, 'compact_boundary', {
    logicalParentUuid,
    content: 'Conversation compacted',
    compactMetadata: { trigger: 'auto', preTokens: 150_000 + pen.dice.int(20_000) },
  })
  yield userRecord(pen, `Earlier work in short: ${pen.dice.prose(600)}`, {
    isCompactSummary: true,
    isVisibleInTranscriptOnly: true,
  })
}

export function snapshotRecord(pen: Pen, files: readonly string[]): Json {
  const backups = Object.fromEntries(
    files.map((file) => [file, { backupFileName: null, version: 1, backupTime: time(pen) }]),
  )
  const messageId = pen.parent ?? pen.dice.uuid()
  return {
    type: 'file-history-snapshot',
    messageId,
    snapshot: { messageId, trackedFileBackups: backups, timestamp: time(pen) },
    isSnapshotUpdate: false,
  }
}

export function queueRecords(pen: Pen, content: string): Json[] {
  const entry = (operation: string, more: Json) => ({
    type: 'queue-operation',
    operation,
    timestamp: time(pen),
    sessionId: pen.session,
    ...more,
  })
  return [entry('enqueue', { content }), entry('dequeue', {})]
}

/** What 2.1.3xx keeps of each request; a third of a small file. */
export function requestRecords(pen: Pen): Json[] {
  if (!newer(pen)) return []
  const { dice } = pen
  const at = () => ({ timestamp: time(pen), version: pen.generation })
  const shapeHash = dice.hex(64)
  return [
    loose(pen, 'api-request-shape', { shapeHash, ...at(), shape: { system: dice.prose(300) } }),
    loose(pen, 'api-request-blob', { hash: dice.hex(64), message: dice.prose(500) }),
    loose(pen, 'api-request', { id: dice.uuid(), ...at(), shapeHash, params: { betas: [] } }),
  ]
}

/** Settings and machine- or account-bound facts, all kinds of them. */
export function settingRecords(pen: Pen): Json[] {
  const { dice } = pen
  const both = [
    loose(pen, 'permission-mode', { permissionMode: 'bypassPermissions' }),
    loose(pen, 'mode', { mode: 'normal' }),
    loose(pen, 'agent-name', { agentName: 'helper' }),
    loose(pen, 'tag', { tag: dice.pick(['wip', 'done']) }),
    loose(pen, 'pr-link', { prNumber: 7, prUrl: 'https://example.invalid/o/r/pull/7' }),
    loose(pen, 'relocated', { relocatedCwd: `${pen.cwd}/elsewhere` }),
    loose(pen, 'worktree-state', {
      worktreeSession: {
        originalCwd: pen.cwd,
        worktreePath: `${pen.cwd}/wt`,
        sessionId: pen.session,
      },
    }),
    loose(pen, 'bridge-session', { bridgeSessionId: dice.uuid(), ownerAccountUuid: dice.uuid() }),
  ]
  if (!newer(pen)) return both
  return [
    ...both,
    loose(pen, 'frame-link', { path: `${pen.cwd}/a.html`, frameUrl: 'https://example.invalid/f' }),
    loose(pen, 'atis-latch', { atis: '' }),
    loose(pen, 'tools-used', { tools: ['Bash', 'Edit'] }),
    loose(pen, 'cost-state', { totalCostUSD: 0.25, totalDuration: 1000 + dice.int(9000) }),
    { type: 'file-history-delta', messageId: dice.uuid(), delta: { [`${pen.cwd}/a.ts`]: null } },
    loose(pen, `later-${dice.hex(4)}`, { note: 'a type of a version to come' }),
  ]
}

export function titleRecords(pen: Pen, title: string): Json[] {
  return [
    { type: 'summary', summary: `summary of ${title}`, leafUuid: pen.parent },
    loose(pen, 'ai-title', { aiTitle: `ai: ${title}` }),
    loose(pen, 'custom-title', { customTitle: title }),
  ]
}

export function lastPrompt(pen: Pen, lastPrompt: string): Json {
  return { type: 'last-prompt', lastPrompt, leafUuid: pen.parent, sessionId: pen.session }
}
