/**
 * Says this device's own logs of a document again, once most of what they hold was replaced (rules CX1
 * to CX4): all that counts, in a log apart, and a checkpoint behind it. A crash on the way leaves a
 * part that counts for nothing. Once every device that shares the session has the checkpoint on its
 * disk, a drop says that the old entries may go. One of a session is under way at a time.
 */

import { utf8Decode, utf8Encode } from '@baton/shared/bytes'
import type { DocumentState } from '@baton/shared/conflict/document'
import { canRestate, type Restatement, type Standing } from '@baton/shared/conflict/restating'
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { type DeviceId, idBytes, type LogId, logId, type SessionId } from '@baton/shared/ids'
import {
  checkpointBytes,
  maxCheckpointLogs,
  maxOwnLogBytes,
  maxOwnLogs,
} from '@baton/shared/limits'
import type { SignedHead } from '@baton/shared/log/chain'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import { type Dep, depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { Sha256 } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { Store, Write } from '../ports/store.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import { ackKey, nameKey, under } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'
import type { StoredHead } from '../repo/rows.ts'
import type { Sharing } from '../sessions/sharing.ts'
import { type Plan, planOf, planWhatPays, sizeOf } from './plan.ts'
import { isOwn, standingLog } from './standing.ts'

export interface AuthorPorts {
  readonly repository: Repository
  readonly store: Store
  readonly cuts: CutKeeper
  readonly sharing: Sharing
  readonly sha256: Sha256
  readonly documents: { state(session: SessionId): Promise<DocumentState> }
  /** What a device that is, or was, linked acknowledged as durable; undefined for another. */
  readonly links: { ackedTo(device: DeviceId, log: LogId): number | undefined }
  /** One that was removed from the roster is not waited for. */
  readonly devices: { isRemoved(device: DeviceId): boolean }
}

export interface CheckpointAuthor {
  /**
   * Goes on with what is under way; begins where it pays, or, with `all`, wherever anything could go.
   * Durable when it resolves.
   */
  consider(session: SessionId, all?: boolean): Promise<void>
  /** Sessions whose checkpoint not everyone is known to have. */
  pending(): readonly SessionId[]
  isPending(session: SessionId): boolean
}

/** Entries in one batch. */
const batchEntries = 200

export async function openCheckpointAuthor(ports: AuthorPorts): Promise<CheckpointAuthor> {
  const { repository, store, cuts, sharing, sha256, documents } = ports
  const inTurn = createLanes<SessionId>()
  /** The last checkpoint of a session, and what it names. */
  const open = new Map<SessionId, Pending>()
  /** By session. */
  const living = new Map<SessionId, Look>()

  const prefix = 'checkpoint/'
  const openKey = (session: SessionId) => nameKey(`${prefix}${session}`)
  const livingKey = (session: SessionId) => nameKey(`living/${session}`)
  for await (const [key, row] of store.list(under('m', utf8Encode(prefix)))) {
    open.set(utf8Decode(key.slice(1 + prefix.length)) as SessionId, readPending(row))
  }

  async function lastLook(session: SessionId): Promise<Look> {
    const row = living.has(session) ? undefined : await store.get(livingKey(session))
    if (row) {
      const [bytes, logs] = decode(row) as [number, number]
      living.set(session, { bytes, logs })
    }
    return living.get(session) ?? { bytes: 0, logs: 0 }
  }

  /** Logs of this device of which entries are held. */
  const ownLogs = (session: SessionId): readonly StoredHead[] =>
    repository
      .heads(session)
      .filter(({ log, seq }) => isOwn(repository, log) && seq > (repository.dropped(log)?.seq ?? 0))

  async function isDue(session: SessionId, all: boolean): Promise<boolean> {
    const own = ownLogs(session)
    if (own.length === 0 || sharing.author(session) === undefined) return false
    // What is behind a fork or a cut is said again, or not, for other reasons.
    if (own.some(({ log }) => repository.forks.of(log) || cuts.now()(log))) return false
    const bytes = sizeOf(own)
    if (bytes > maxOwnLogBytes) return false
    if (all) return true
    const before = await lastLook(session)
    return (
      bytes >= Math.max(checkpointBytes, 2 * before.bytes) ||
      own.length > Math.max(maxOwnLogs, 2 * before.logs)
    )
  }

  /** What could be said again now; undefined when nothing, or when it does not pay. */
  async function plan(session: SessionId, all: boolean): Promise<Plan | undefined> {
    const heads = ownLogs(session)
    const logs: (readonly Standing[])[] = []
    for (const { log, seq } of heads) {
      const standing = await standingLog(repository, sha256, log, seq, transcriptKinds)
      // Where an agent's records stand is how its history is read.
      if (!standing) return undefined
      if (standing.entries.every(canRestate)) logs.push(standing.entries)
    }
    const state = await documents.state(session)
    const found = all ? planOf(state, heads, logs) : planWhatPays(state, heads, logs)
    if (!found || found.heads.length === 0) return undefined
    return all || sizeOf(found.heads) > found.bytes || found.heads.length > 1 ? found : undefined
  }

  async function begin(session: SessionId, all: boolean): Promise<void> {
    if (!(await isDue(session, all))) return
    let found = await plan(session, all)
    if (found) {
      // From here on the logs there are end where they do.
      await repository.renew(session)
      found = await plan(session, all)
    }
    const heads = ownLogs(session)
    const gone = found?.heads.length ?? 0
    living.set(session, {
      bytes: sizeOf(heads) - sizeOf(found?.heads ?? []) + (found?.bytes ?? 0),
      logs: heads.length - gone,
    })
    const { bytes, logs } = living.get(session) as Look
    const row: Write = { put: livingKey(session), value: encode([bytes, logs]) }
    if (!found) return repository.write(session, () => [row])
    const named = new Map(found.restatement.heads.map((head) => [head.log, head]))
    for (const head of found.heads) named.set(head.log, head)
    await write(session, found.restatement, [...named.values()], row)
  }

  async function write(
    session: SessionId,
    { entries }: Restatement,
    named: readonly SignedHead[],
    row: Write,
  ): Promise<void> {
    const apart = repository.apart(session)
    for (let at = 0; at < entries.length; at += batchEntries) {
      await apart((to) => {
        for (const { payload, deps } of entries.slice(at, at + batchEntries)) {
          to.append(kinds.again, payload, deps)
        }
        return []
      })
    }
    let pending: Pending | undefined
    await apart((to) => {
      let last: Dep | undefined
      for (const part of partsOf(named)) {
        const { log, seq, hash } = to.append(kinds.checkpoint, encodeCheckpoint(part))
        last = { log, seq, hash: hash.slice(0, depHashBytes) }
      }
      if (!last) return []
      pending = { place: last, heads: named }
      return [{ put: openKey(session), value: pendingValue(pending) }, row]
    })
    if (pending) open.set(session, pending)
  }

  async function hasAll(device: DeviceId, { log, seq }: Dep): Promise<boolean> {
    if ((ports.links.ackedTo(device, log) ?? 0) >= seq) return true
    const row = await store.get(ackKey(device, log))
    return row !== undefined && readU64(row) >= seq
  }

  async function finish(session: SessionId, { place, heads }: Pending): Promise<void> {
    for (const device of sharing.members(session)) {
      if (device === repository.device || ports.devices.isRemoved(device)) continue
      if (!(await hasAll(device, place))) return
    }
    await repository.write(session, (to) => {
      for (const part of partsOf(heads)) to.append(kinds.drop, encodeCheckpoint(part), [place])
      return [{ delete: openKey(session) }]
    })
    open.delete(session)
  }

  return {
    pending: () => [...open.keys()],
    isPending: (session) => open.has(session),
    consider: (session, all = false) =>
      inTurn(session, async () => {
        const before = open.get(session)
        if (before) await finish(session, before)
        if (open.has(session)) return
        await begin(session, all)
        const fresh = open.get(session)
        if (fresh) await finish(session, fresh)
      }),
  }
}

/** An agent's own transcript, and what is written bit by bit, are read by where their entries stand. */
const transcriptKinds: ReadonlySet<number> = new Set([
  ...[kinds.record, kinds.file, kinds.adopt, kinds.stream],
])

interface Pending {
  /** Of the last checkpoint entry. */
  readonly place: Dep
  readonly heads: readonly SignedHead[]
}

/** What was left at the last look. */
interface Look {
  readonly bytes: number
  readonly logs: number
}

const readU64 = (row: Uint8Array): number =>
  Number(new DataView(row.buffer, row.byteOffset).getBigUint64(0))

function* partsOf(heads: readonly SignedHead[]): Generator<readonly SignedHead[]> {
  for (let at = 0; at < heads.length; at += maxCheckpointLogs) {
    yield heads.slice(at, at + maxCheckpointLogs)
  }
}

const pendingValue = ({ place, heads }: Pending) =>
  encode([
    [idBytes(place.log), place.seq, place.hash],
    heads.map(({ log, seq, hash, signature }) => [idBytes(log), seq, hash, signature]),
  ])

type PendingForm = [
  [Uint8Array, number, Uint8Array],
  [Uint8Array, number, Uint8Array, Uint8Array][],
]

/** Of a row of this device's own store. */
function readPending(row: Uint8Array): Pending {
  const [[log, seq, hash], heads] = decode(row.slice()) as unknown as PendingForm
  return {
    place: { log: logId(log), seq, hash },
    heads: heads.map(([of, at, h, signature]) => ({ log: logId(of), seq: at, hash: h, signature })),
  }
}
