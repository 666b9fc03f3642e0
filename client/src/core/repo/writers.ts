/**
 * Group commit of this device's own logs (rules RP2, RP3): the first change in an idle repository
 * starts a commit at once, later ones gather while its flush is in flight. One writer, hence one
 * incarnation, per session and process; a failed commit drops it, so that no seq is ever signed
 * twice.
 */
import type { Bytes } from '@baton/shared/bytes'
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

/** A key that is no device's, in hand for one write. */
export interface OtherAuthor {
  readonly device: DeviceId
  /** Ed25519 over the message, 64 bytes. */
  sign(message: Bytes): Promise<Bytes>
}

interface Job {
  readonly session: SessionId
  /** This device, when it is not named. */
  readonly author: OtherAuthor | undefined
  readonly build: Build
  readonly descriptor: Descriptor | undefined
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

interface Prepared {
  readonly session: SessionId
  readonly jobs: readonly Job[]
  readonly writer: LogWriter
  readonly rows: readonly Write[]
  readonly deltas: readonly VerifiedDelta[]
}

export function createWriters(ports: WritersPorts) {
  const device: DeviceId = deviceId(ports.keyring.device)
  const writers = new Map<SessionId, LogWriter>()
  let queue: Job[] = []
  let pumping = false

  const ownKey = (session: SessionId) => nameKey(`own/${session}`)

  /** A log of its own each time, which is never gone on with. */
  const writerAs = (author: OtherAuthor, session: SessionId): LogWriter =>
    createWriter({
      session,
      device: author.device,
      sha256: ports.primitives.sha256,
      sign: author.sign,
      random: (length) => ports.random.bytes(length),
      stamp: () => ports.stamps.next(),
      genesis: () => ({ predecessor: undefined, descriptor: undefined }),
    })

  async function writerOf({ session, descriptor, author }: Job): Promise<LogWriter> {
    if (author) return writerAs(author, session)
    const known = writers.get(session)
    if (known) return known
    const row = await ports.store.get(ownKey(session))
    const last = row && logId(row)
    let predecessorHash: Bytes | undefined
    /**
     * A machine that was copied while it ran may draw the same again; what it wrote since is its own.
     */
    const incarnation = (length: number): Bytes => {
      const drawn = ports.random.bytes(length)
      if (!predecessorHash) return drawn
      return ports.primitives.sha256(drawn, predecessorHash).slice(0, length)
    }
    /** Asked at the first entry: a restored device may have got more of its own logs by then. */
    const genesis = (): Genesis => {
      const own = ports.heads(session).filter((head) => splitLogId(head.log).device === device)
      const before = own.find((head) => head.log === last) ?? own.at(-1)
      predecessorHash = before?.hash
      const predecessor = before && {
        incarnation: splitLogId(before.log).incarnation,
        seq: before.seq,
        hash: before.hash,
      }
      return { predecessor, descriptor }
    }
    const writer = createWriter({
      session,
      device,
      sha256: ports.primitives.sha256,
      sign: (message) => ports.keyring.sign(message),
      random: (length) => incarnation(length),
      stamp: () => ports.stamps.next(),
      genesis,
    })
    writers.set(session, writer)
    return writer
  }

  /** The entries of one session's jobs, signed; whoever throws takes the jobs of that session. */
  async function prepare(jobs: readonly Job[]): Promise<Prepared> {
    const [first] = jobs as [Job, ...Job[]]
    const { session, author } = first
    const writer = await writerOf(first)
    try {
      const rows: Write[] = []
      const fresh = writer.log() === undefined
      for (const { build } of jobs) {
        rows.push(...build({ log: writer.log(), append: writer.append }))
      }
      const log = writer.log()
      if (fresh && log && !author) rows.push({ put: ownKey(session), value: idBytes(log) })
      return { session, jobs, writer, rows, deltas: await writer.seal() }
    } catch (error) {
      forget(session, writer)
      throw error
    }
  }

  /** What was numbered may have been signed: a new incarnation cannot collide with it. */
  function forget(session: SessionId, writer: LogWriter): void {
    if (writers.get(session) === writer) writers.delete(session)
  }

  async function commit(jobs: readonly Job[]): Promise<void> {
    const byLog = new Map<SessionId | OtherAuthor, Job[]>()
    for (const job of jobs) {
      const list = byLog.get(job.author ?? job.session)
      if (list === undefined) byLog.set(job.author ?? job.session, [job])
      else list.push(job)
    }
    const ready: Prepared[] = []
    for (const list of byLog.values()) {
      try {
        ready.push(await prepare(list))
      } catch (error) {
        for (const { failed } of list) failed(error)
      }
    }
    try {
      await ports.commit(
        ready.flatMap(({ deltas }) => deltas),
        ready.flatMap(({ rows }) => rows),
      )
    } catch (error) {
      for (const { session, writer } of ready) forget(session, writer)
      for (const { failed } of ready.flatMap((each) => each.jobs)) failed(error)
      return
    }
    for (const { done } of ready.flatMap((each) => each.jobs)) done()
  }

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      const jobs = queue
      queue = []
      await commit(jobs)
    }
    pumping = false
  }

  function enter(job: Omit<Job, 'done' | 'failed'>): Promise<void> {
    return new Promise((done, failed) => {
      queue.push({ ...job, done, failed })
      if (pumping) return
      pumping = true
      void pump()
    })
  }

  return {
    device,
    write: (session: SessionId, build: Build, descriptor?: Descriptor): Promise<void> =>
      enter({ session, build, descriptor, author: undefined }),
    writeAs: (author: OtherAuthor, session: SessionId, build: Build): Promise<void> =>
      // Of its own for each call: two that come at once are two logs.
      enter({ session, build, descriptor: undefined, author: { ...author } }),
    /** A peer held more of this log than this process wrote. */
    met(log: LogId): void {
      const { session, device: author } = splitLogId(log)
      if (author === device && writers.get(session)?.log() === log) writers.delete(session)
    },
  }
}
