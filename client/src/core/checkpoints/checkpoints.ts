/**
 * When a device looks whether its logs of a document can be made smaller, and whether what others said
 * again may go (rules CX): when something was written or came, and when a peer acknowledged more.
 */
import { type SessionId, splitLogId } from '@baton/shared/ids'
import { checkpointHeads } from '@baton/shared/log/checkpoint'
import { kinds } from '@baton/shared/log/kinds'
import type { Primitives } from '@baton/shared/primitives'
import { traceFault } from '../fault.ts'
import { type AuthorPorts, openCheckpointAuthor } from './author.ts'
import { type DroppingPorts, openDropping } from './dropping.ts'
import { isOwn } from './standing.ts'
import { createTrails, type TrailsPorts } from './trails.ts'

export interface CheckpointsPorts
  extends Omit<AuthorPorts, 'sha256'>,
    Omit<DroppingPorts, 'trails'> {
  readonly primitives: Primitives
  /** `onChange` runs when a peer acknowledged more. */
  readonly links: AuthorPorts['links'] &
    TrailsPorts['links'] & { onChange(run: () => void): unknown }
}

export interface Checkpoints {
  /** Whatever can go of this device's logs of a session goes as soon as all have the rest. */
  soon(session: SessionId): void
  /** Resolves when all that was to be looked at was. */
  settled(): Promise<void>
  close(): void
}

export async function createCheckpoints(ports: CheckpointsPorts): Promise<Checkpoints> {
  const { repository, trace } = ports
  const author = await openCheckpointAuthor({ ...ports, sha256: ports.primitives.sha256 })
  const trails = createTrails({
    ...ports,
    sha256: ports.primitives.sha256,
    answered: (session) => look(session),
  })
  const dropping = await openDropping({ ...ports, trails })
  /** Sessions to be looked at. */
  const due = new Set<SessionId>()
  let running: Promise<void> | undefined
  let closed = false

  function look(session: SessionId, all = false): void {
    if (all) author.ask(session)
    if (closed) return
    due.add(session)
    running ??= run().finally(() => {
      running = undefined
    })
  }

  /** A disk that takes nothing, or a damaged log: tried again when something moves. */
  async function run(): Promise<void> {
    // What is being told has to be told to all first.
    await Promise.resolve()
    for (let next = first(); next && !closed; next = first()) {
      due.delete(next)
      for (const room of [author, dropping]) {
        await room.consider(next).catch((error: unknown) => {
          traceFault(trace, 'checkpoint.failed', error)
        })
      }
    }
  }
  const first = () => [...due][0]

  repository.onEntries((log, entries) => {
    if (!isOwn(repository, log)) return
    // A copy of this device said it again: what is written there now would count for nothing.
    for (const { entry } of entries) {
      for (const head of entry ? (checkpointHeads(log, entry) ?? []) : []) repository.end(head.log)
    }
    // What was taken back is to go from the disks.
    if (entries.some(({ entry }) => entry?.kind === kinds.redact && !entry.again)) {
      look(splitLogId(log).session, true)
    }
  })
  const offGrew = repository.onGrew((session, log, own) => {
    const waits = dropping.pending().includes(session)
    // A copy went on behind the place where that log went: archives leave such a log out.
    const gone = isOwn(repository, log) ? repository.dropped(log)?.seq : undefined
    if (gone !== undefined && gone < (repository.head(log)?.seq ?? 0)) look(session, true)
    // One that is under way goes on when others acknowledge it.
    if (waits || (own && !author.isPending(session))) look(session)
  })
  ports.links.onChange(() => {
    for (const session of [...author.pending(), ...dropping.pending()]) look(session)
  })
  for (const session of new Set([...author.pending(), ...dropping.pending()])) look(session)

  return {
    soon: (session) => look(session, true),
    async settled() {
      while (running) await running
    },
    close() {
      closed = true
      offGrew()
    },
  }
}
