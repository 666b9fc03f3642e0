/** A mesh of plain values, for what stands on mesh-api.ts: nothing is sent, stored or signed. */
import { createEventQueue } from '@baton/client/core/event-queue'
import type {
  Archives,
  ConflictedSession,
  DeviceRow,
  Documents,
  DrivenDesk,
  HandoffEvent,
  Handoffs,
  HiddenRow,
  Invitations,
  JoinEvent,
  LiveEvent,
  Mesh,
  MeshEvent,
  MeshStatus,
  PairingEvent,
  ReceiptRow,
  RecoveryRow,
  SendEvent,
  SendOptions,
  SessionRow,
  ShownRecord,
} from '@baton/client/core/mesh-api'
import type { ArchiveDesk, ExportEvent, ImportEvent } from '@baton/client/node/archive/desk'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, deviceId, type SessionId, sessionId } from '@baton/shared/ids'

export const aliceId: DeviceId = deviceId(new Uint8Array(32).fill(1))
export const bobId: DeviceId = deviceId(new Uint8Array(32).fill(2))
const someSession: SessionId = sessionId(new Uint8Array(16).fill(3))

export const alice: DeviceRow = {
  id: aliceId,
  short: aliceId.slice(0, 8),
  name: 'alice',
  platform: 'linux 6, Node 20',
  self: true,
  state: 'self',
  path: undefined,
  rttMs: undefined,
  type: 'server',
  capabilities: [{ name: 'webrtc', version: '0.10.0', supported: true }],
  trust: 1,
  role: 'admin',
  removed: undefined,
  addedAt: 0,
  lastSeen: 1000,
}
export const bob: DeviceRow = {
  ...alice,
  id: bobId,
  short: bobId.slice(0, 8),
  name: 'bob',
  self: false,
  state: 'connected',
  path: 'direct',
  rttMs: 4,
}

export const aSession: SessionRow = {
  id: someSession,
  agent: 'claude-code',
  agentSession: '0a1b2c3d-0000-4000-8000-000000000000',
  title: 'a title',
  project: '/home/alice/project',
  origin: aliceId,
  records: 12,
  bytes: 34_567,
  modified: 1000,
  live: false,
  placed: undefined,
  sharedWith: [bobId],
  branches: [],
}

export const aReceipt: ReceiptRow = {
  id: 'abcdef0123456789',
  session: someSession,
  from: aliceId,
  to: bobId,
  at: 1000,
  records: 12,
  bytes: 34_567,
  lastRecord: 'aa'.repeat(32),
  digest: 'bb'.repeat(32),
  placed: '/home/bob/.claude/projects/-home-bob-project/0a1b2c3d-0000-4000-8000-000000000000.jsonl',
  unplaced: undefined,
  merged: undefined,
  neutralised: { permissionMode: 2 },
  signedBy: [aliceId, bobId],
}

const keyId = deviceId(new Uint8Array(32).fill(9))
export const aKeys: readonly RecoveryRow[] = [
  { id: keyId, short: keyId.slice(0, 8), by: aliceId, at: 1000, ended: undefined },
]

export const aRecord: ShownRecord = {
  file: 'transcript.jsonl',
  index: 0,
  kind: 'user',
  at: undefined,
  text: 'hello',
  bytes: 20,
}

export interface FakeMesh extends Mesh {
  /** What was called, with its arguments, in order. */
  readonly asked: readonly (readonly unknown[])[]
  readonly pairing: ReturnType<typeof createEventQueue<PairingEvent>>
  readonly sending: ReturnType<typeof createEventQueue<SendEvent>>
  readonly watchers: Set<(event: MeshEvent) => void>
}

export interface FakeParts {
  readonly devices?: readonly DeviceRow[]
  readonly sessions?: readonly SessionRow[]
  readonly receipts?: readonly ReceiptRow[]
  readonly shown?: readonly ShownRecord[]
  readonly status?: Partial<MeshStatus>
  readonly documents?: Documents
  readonly conflicts?: readonly ConflictedSession[]
  readonly hidden?: readonly HiddenRow[]
  readonly driven?: Partial<DrivenDesk>
}

const refused = async (): Promise<never> => {
  throw new BatonError('not-found', 'no document')
}
const noInvitations: Invitations = {
  list: () => [],
  invite: refused,
  inviteGuest: () => ({ events: createEventQueue<JoinEvent>().events, cancel: () => undefined }),
  join: () => ({ events: createEventQueue<JoinEvent>().events, cancel: () => undefined }),
}
const noDocuments: Documents = { create: refused, open: refused, withConflicts: async () => [] }

/** A desk that is never asked. */
export const noArchiveFiles: ArchiveDesk = {
  export: () => ({ events: createEventQueue<ExportEvent>().events, cancel: () => undefined }),
  import: () => ({ events: createEventQueue<ImportEvent>().events, cancel: () => undefined }),
}

const noHandoffs: Handoffs = {
  list: async () => [],
  holding: refused,
  hand: () => ({ events: createEventQueue<HandoffEvent>().events, cancel: () => undefined }),
  take: () => ({ events: createEventQueue<HandoffEvent>().events, cancel: () => undefined }),
  answer: refused,
  beside: async () => [],
  branchOff: refused,
  continueBranch: refused,
  cancel: refused,
  policy: () => 'ask',
  resume: async () => 'not-allowed' as const,
  resumePolicy: () => 'never' as const,
  setResumePolicy: async () => undefined,
  serveResume: () => () => undefined,
  setPolicy: refused,
}

const noneDriven: DrivenDesk = {
  create: refused,
  say: refused,
  live: () => ({ events: createEventQueue<LiveEvent>().events, cancel: () => undefined }),
  drive: refused,
}

const noArchives: Archives = {
  read: refused,
  take: refused,
  exchangeKey: () => new Uint8Array(32),
}

export function createFakeMesh(parts: FakeParts = {}): FakeMesh {
  const asked: unknown[][] = []
  const pairing = createEventQueue<PairingEvent>()
  const sending = createEventQueue<SendEvent>()
  const watchers = new Set<(event: MeshEvent) => void>()
  const devices = parts.devices ?? [alice, bob]
  const sessions = parts.sessions ?? [aSession]
  const task = (...call: unknown[]) => {
    asked.push(call)
    return {
      events: pairing.events,
      answer: (match: boolean) => void asked.push(['answer', match]),
      cancel: () => void asked.push(['cancel', call[0]]),
    }
  }
  return {
    asked,
    pairing,
    sending,
    watchers,
    self: aliceId,
    documents: parts.documents ?? noDocuments,
    archives: noArchives,
    handoffs: noHandoffs,
    invitations: noInvitations,
    driven: { ...noneDriven, ...parts.driven },
    async conflicts(ref) {
      asked.push(['conflicts', ref])
      return parts.conflicts ?? []
    },
    async settle(...call) {
      asked.push(['settle', ...call])
    },
    async hidden(ref) {
      asked.push(['hidden', ref])
      return parts.hidden ?? []
    },
    async adopt(...call) {
      asked.push(['adopt', ...call])
      return call[1] === 'all' ? 7 : 1
    },
    devices: async () => devices,
    async rename(...call) {
      asked.push(['rename', ...call])
    },
    async remove(...call) {
      asked.push(['remove', ...call])
    },
    recovery: {
      keys: async () => aKeys,
      async name(...call) {
        asked.push(['recovery.name', ...call])
      },
      async end(...call) {
        asked.push(['recovery.end', ...call])
      },
      async use(...call) {
        asked.push(['recovery.use', ...call])
      },
    },
    async setRole(...call) {
      asked.push(['setRole', ...call])
    },
    invite: (options) => task('invite', options),
    join: (code, options) => task('join', code, options),
    sessions: async () => sessions,
    async *show(ref, options) {
      asked.push(['show', ref, options])
      yield* parts.shown ?? [aRecord]
    },
    send(ref: string, options: SendOptions) {
      asked.push(['send', ref, options])
      return { events: sending.events, cancel: () => void asked.push(['cancel', 'send']) }
    },
    receipts: async () => parts.receipts ?? [aReceipt],
    status: async () => ({
      self: alice,
      signaling: { server: 'http://127.0.0.1:7370', state: 'up' },
      devices: { paired: devices.length - 1, connected: 1 },
      ranTwice: [],
      sessions: { found: sessions.length, carried: 1 },
      sources: [{ agent: 'claude-code', roots: ['/home/alice/.claude/projects'] }],
      store: { kind: 'memory', bytes: undefined },
      counters: {},
      ...parts.status,
    }),
    watch(handler) {
      watchers.add(handler)
      return () => watchers.delete(handler)
    },
    close: async () => undefined,
  }
}
