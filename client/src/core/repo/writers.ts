/**
 * Group commit of this device's own logs (rule RP2): the first change in an idle repository starts a
 * commit at once, later ones gather while its flush is in flight. One writer, hence one incarnation,
 * per session and process; a failed commit drops it, so that no seq is ever signed twice.
 */
import {
  type DeviceId,
  deviceId,
  idBytes,
  type LogId,
  logId,
  type SessionId,
  splitLogId,
} from '@baton/shared/ids'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import type { Descriptor, Genesis } from '@baton/shared/log/genesis'
import { createWriter, type LogWriter } from '@baton/shared/log/writer'
import type { Primitives } from '@baton/shared/primitives'
import type { Keyring, Random } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { nameKey } from './keys.ts'
import type { Build } from './repository.ts'
import type { StoredHead } from './rows.ts'
import type { Stamps } from './stamps.ts'

export interface WritersPorts {
  readonly store: Store
  readonly primitives: Primitives
  readonly keyring: Keyring
  readonly random: Random
  readonly stamps: Stamps
  heads(session: SessionId): readonly StoredHead[]
  /** Makes deltas and rows durable, in one batch. */
  commit(deltas: readonly VerifiedDelta[], extra: readonly Write[]): Promise<void>
}

interface Job {
  readonly session: SessionId
  readonly build: Build
  readonly descriptor: Descriptor | undefined
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export function createWriters(ports: WritersPorts) {
  const device: DeviceId = deviceId(ports.keyring.device)
  const writers = new Map<SessionId, LogWriter>()
  let queue: Job[] = []
  let pumping = false

  const ownKey = (session: SessionId) => nameKey(`own/${session}`)

  /** The log of this device that the next incarnation goes on from. */
  async function predecessor(session: SessionId): Promise<StoredHead | undefined> {
    const own = ports.heads(session).filter((head) => splitLogId(head.log).device === device)
    const row = await ports.store.get(ownKey(session))
    const last =
      row?.length === idBytes(own[0]?.log ?? ('' as LogId)).length ? logId(row) : undefined
    return own.find((head) => head.log === last) ?? own.at(-1)
  }

  async function writerOf(job: Job): Promise<LogWriter> {
    const known = writers.get(job.session)
    if (known) return known
    const before = await predecessor(job.session)
    const genesis: Genesis = {
      predecessor: before && {
        incarnation: splitLogId(before.log).incarnation,
        seq: before.seq,
        hash: before.hash,
      },
      descriptor: job.descriptor,
    }
    const writer = createWriter({
      session: job.session,
      device,
      sha256: ports.primitives.sha256,
      sign: (message) => ports.keyring.sign(message),
      random: (length) => ports.random.bytes(length),
      stamp: () => ports.stamps.next(),
      genesis: () => genesis,
    })
    writers.set(job.session, writer)
    return writer
  }

  async function commit(jobs: readonly Job[]): Promise<void> {
    const touched = new Set<SessionId>()
    const rows: Write[] = []
    try {
      for (const job of jobs) {
        const writer = await writerOf(job)
        const fresh = writer.log() === undefined
        touched.add(job.session)
        const { append } = writer
        rows.push(...job.build({ log: writer.log(), append }))
        const log = writer.log()
        if (fresh && log) rows.push({ put: ownKey(job.session), value: idBytes(log) })
      }
      const deltas: VerifiedDelta[] = []
      for (const session of touched) deltas.push(...((await writers.get(session)?.seal()) ?? []))
      await ports.commit(deltas, rows)
    } catch (error) {
      // What was numbered may have been signed: a new incarnation cannot collide with it.
      for (const session of touched) writers.delete(session)
      throw error
    }
  }

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      const jobs = queue
      queue = []
      try {
        await commit(jobs)
        for (const job of jobs) job.done()
      } catch (error) {
        for (const job of jobs) job.failed(error)
      }
    }
    pumping = false
  }

  return {
    device,
    write(session: SessionId, build: Build, descriptor?: Descriptor): Promise<void> {
      return new Promise((done, failed) => {
        queue.push({ session, build, descriptor, done, failed })
        if (pumping) return
        pumping = true
        void pump()
      })
    },
    /** A peer held more of this log than this process wrote. */
    met(log: LogId): void {
      const { session, device: author } = splitLogId(log)
      if (author === device && writers.get(session)?.log() === log) writers.delete(session)
    },
  }
}
