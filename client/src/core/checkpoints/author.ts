/**
 * Says this device's own logs of a document again, once most of what they hold was replaced (rules CX1
 * to CX4): all that counts, in a log apart, and a checkpoint behind it. A crash on the way leaves a
 * part that counts for nothing. Once every device that shares the session has the checkpoint on its
 * disk, a drop says that the old entries may go. One of a session is under way at a time.
 */

import { utf8Decode, utf8Encode } from '@baton/shared/bytes'
import type { DocumentState } from '@baton/shared/conflict/document'
import {
  areStreamsOver,
  canRestate,
  type Restatement,
  type Standing,
} from '@baton/shared/conflict/restating'
import { decode, encode } from '@baton/shared/encoding/msgpack'
import type { LogId, SessionId } from '@baton/shared/ids'
import { checkpointBytes, maxOwnLogBytes, maxOwnLogs } from '@baton/shared/limits'
import type { SignedHead } from '@baton/shared/log/chain'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import { type Dep, depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { Sha256 } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { Trace } from '../ports/platform.ts'
import type { Write } from '../ports/store.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import { nameKey, soonKey, soonPrefix, under } from '../repo/keys.ts'
import type { StoredHead } from '../repo/rows.ts'
import { type FinishingPorts, openFinishing, partsOf } from './finishing.ts'
import { type Plan, planOf, planWhatPays, sizeOf } from './plan.ts'
import { isOwn, standingLog } from './standing.ts'

export interface AuthorPorts extends FinishingPorts {
  readonly cuts: CutKeeper
  readonly sha256: Sha256
  readonly trace: Trace
  readonly documents: { state(session: SessionId): Promise<DocumentState> }
}

export interface CheckpointAuthor {
  /** All that can go is to go at the next look, or as soon as nothing else is under way. */
  ask(session: SessionId): void
  /** Goes on with what is under way; begins where it pays, or was asked for. Durable when it resolves. */
  consider(session: SessionId): Promise<void>
  /** Sessions where something is to be done yet. */
  pending(): readonly SessionId[]
  /** Not everyone is known to have its last checkpoint. */
  isPending(session: SessionId): boolean
}

/** Entries in one batch. */
const batchEntries = 200

export async function openCheckpointAuthor(ports: AuthorPorts): Promise<CheckpointAuthor> {
  const { repository, store, cuts, sharing, sha256, documents } = ports
  const finishing = await openFinishing(ports)
  const inTurn = createLanes<SessionId>()
  /** By session. */
  const living = new Map<SessionId, Look>()
  /** Long logs behind which this process began another one. */
  const ended = new Set<LogId>()

  const livingKey = (session: SessionId) => nameKey(`living/${session}`)
  /** Where all is to go that can, and how often that was asked for. */
  const soon = new Map<SessionId, number>()
  for await (const [key] of store.list(under('m', utf8Encode(soonPrefix)))) {
    soon.set(utf8Decode(key.slice(1 + soonPrefix.length)) as SessionId, 1)
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
    if (all) return true
    const bytes = sizeOf(own)
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
    let room = maxOwnLogBytes
    for (const { log, seq, bytes } of heads) {
      // What is too much at once is the turn of a later look, when these are gone.
      if (bytes > room) continue
      room -= bytes
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

  async function begin(session: SessionId): Promise<void> {
    const asked = soon.get(session)
    const all = asked !== undefined
    if (!(await isDue(session, all))) return
    // Looked at again with the next entry, at the latest with the end of what is being written.
    if (!areStreamsOver(await documents.state(session), repository.device)) return
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
    // What was asked for meanwhile is not done by this.
    const isDone = () => all && soon.get(session) === asked
    const rows = (): Write[] => [
      { put: livingKey(session), value: encode([bytes, logs]) },
      ...(isDone() ? [{ delete: soonKey(session) }] : []),
    ]
    if (!found) await repository.write(session, rows)
    else {
      const named = new Map(found.restatement.heads.map((head) => [head.log, head]))
      // A copy may have said more of a log again than is held of it here.
      for (const head of found.heads) {
        if (head.seq >= (named.get(head.log)?.seq ?? 0)) named.set(head.log, head)
      }
      await write(session, found.restatement, [...named.values()], rows)
    }
    if (isDone()) soon.delete(session)
  }

  async function write(
    session: SessionId,
    { entries }: Restatement,
    named: readonly SignedHead[],
    rows: () => readonly Write[],
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
    let apply: (() => void) | undefined
    await apart((to) => {
      let place: Dep | undefined
      for (const part of partsOf(named)) {
        const { log, seq, hash } = to.append(kinds.checkpoint, encodeCheckpoint(part))
        place = { log, seq, hash: hash.slice(0, depHashBytes) }
      }
      if (!place) return []
      const begun = finishing.begin(session, { place, heads: named, since: ports.clock.now() })
      apply = begun.apply
      return [begun.row, ...rows()]
    })
    apply?.()
    ports.trace('checkpoint.made', { logs: named.length, entries: entries.length })
  }

  /** A log that grew so long while others were waited for ends, or it could never be said again. */
  async function endLong(session: SessionId): Promise<void> {
    const long = ownLogs(session).filter(({ log, bytes }) => {
      return bytes >= maxOwnLogBytes / 2 && !ended.has(log)
    })
    for (const { log } of long) ended.add(log)
    if (long.length > 0) await repository.renew(session)
  }

  return {
    pending: () => [...new Set([...finishing.open.keys(), ...soon.keys()])],
    isPending: (session) => finishing.open.has(session),
    ask: (session) => void soon.set(session, (soon.get(session) ?? 0) + 1),
    consider: (session) =>
      inTurn(session, async () => {
        await endLong(session)
        await finishing.finish(session)
        if (finishing.open.has(session)) return
        await begin(session)
        await finishing.finish(session)
      }),
  }
}

/** An agent's own transcript is read by where its entries stand. */
const transcriptKinds: ReadonlySet<number> = new Set([kinds.record, kinds.file, kinds.adopt])

/** What was left at the last look. */
interface Look {
  readonly bytes: number
  readonly logs: number
}
