/**
 * When a device looks whether its logs of a document can be made smaller, and whether what others said
 * again may go (rules CX): when something was written or came, and when a peer acknowledged more.
 */
import { type SessionId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import type { Primitives } from '@baton/shared/primitives'
import { traceFault } from '../fault.ts'
import { type AuthorPorts, openCheckpointAuthor } from './author.ts'
import { type DroppingPorts, openDropping } from './dropping.ts'
import { isOwn } from './standing.ts'

export interface CheckpointsPorts extends Omit<AuthorPorts, 'sha256'>, DroppingPorts {
  readonly primitives: Primitives
  /** `onChange` runs when a peer acknowledged more. */
  readonly links: AuthorPorts['links'] & { onChange(run: () => void): unknown }
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
  const dropping = await openDropping(ports)
  /** Sessions to be looked at; true: whatever can go. */
  const due = new Map<SessionId, boolean>()
  let running: Promise<void> | undefined
  let closed = false

  function look(session: SessionId, all = false): void {
    if (closed) return
    due.set(session, all || (due.get(session) ?? false))
    running ??= run().finally(() => {
      running = undefined
    })
  }

  /** A disk that takes nothing, or a damaged log: tried again when something moves. */
  async function run(): Promise<void> {
    // What is being told has to be told to all first.
    await Promise.resolve()
    for (let next = first(); next && !closed; next = first()) {
      const [session, all] = next
      due.delete(session)
      try {
        await author.consider(session, all)
        await dropping.consider(session)
      } catch (error) {
        traceFault(trace, 'checkpoint.failed', error)
      }
    }
  }
  const first = () => [...due][0]

  // What was taken back is to go from the disks.
  repository.onEntries((log, entries) => {
    if (!isOwn(repository, log)) return
    if (entries.some(({ entry }) => entry?.kind === kinds.redact && !entry.again)) {
      look(splitLogId(log).session, true)
    }
  })
  const offGrew = repository.onGrew((session, _, own) => {
    const waits = dropping.pending().includes(session)
    // One that is under way goes on when others acknowledge it.
    if (waits || (own && !author.isPending(session))) look(session)
  })
  ports.links.onChange(() => {
    for (const session of author.pending()) look(session)
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
