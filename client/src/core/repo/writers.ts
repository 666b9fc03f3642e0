/**
 * Group commit of this device's own logs (rules RP2, RP3): the first change in an idle repository
 * starts a commit at once, later ones gather while its flush is in flight. One writer, hence one
 * incarnation, per session and process; a failed commit drops it, so that no seq is ever signed
 * twice.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
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
  /** A log of its own, beside the one of this process. */
  readonly line?: Line
  /** What is written after it goes into a new log. */
  readonly renew?: boolean
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** One log apart; broken once a batch of it failed. */
interface Line {
  writer?: LogWriter
  broken?: boolean
  /** It goes on from no log, and ends none. */
  readonly aside?: true
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
  const asides = new Map<SessionId, Line>()
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

  async function writerOf({ session, descriptor, author, line }: Job): Promise<LogWriter> {
    if (author) return writerAs(author, session)
    if (line?.broken) throw lostPart()
    const known = line ? line.writer : writers.get(session)
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
      if (line?.aside) return { predecessor: undefined, descriptor }
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
    if (line) line.writer = writer
    else writers.set(session, writer)
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
      // What is apart is not what the next process goes on from.
      const isOwn = !author && !jobs[0]?.line
      if (fresh && log && isOwn) rows.push({ put: ownKey(session), value: idBytes(log) })
      return { session, jobs, writer, rows, deltas: await writer.seal() }
    } catch (error) {
      forget(session, writer, jobs)
      throw error
    }
  }

  /** What was numbered may have been signed: a new incarnation cannot collide with it. */
  function forget(session: SessionId, writer: LogWriter, jobs: readonly Job[]): void {
    for (const { line } of jobs) if (line) line.broken = true
    if (writers.get(session) === writer) writers.delete(session)
  }

  async function commit(jobs: readonly Job[]): Promise<void> {
    const byLog = new Map<SessionId | OtherAuthor | Line, Job[]>()
    for (const job of jobs) {
      const key = job.author ?? job.line ?? job.session
      const list = byLog.get(key)
      if (list === undefined) byLog.set(key, [job])
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
      for (const { session, writer, jobs: those } of ready) forget(session, writer, those)
      for (const { failed } of ready.flatMap((each) => each.jobs)) failed(error)
      return
    }
    for (const { session, jobs: those } of ready) {
      if (those.some(({ renew }) => renew)) writers.delete(session)
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
    /** Resolves when nothing more goes into the logs of this device that there are. */
    renew: (session: SessionId): Promise<void> =>
      enter({ session, build: () => [], descriptor: undefined, author: undefined, renew: true }),
    /** Writes into one new log beside that of this process; after a failure no more. */
    apart(session: SessionId): (build: Build) => Promise<void> {
      const line: Line = {}
      return (build) => enter({ session, build, descriptor: undefined, author: undefined, line })
    },
    /** Into one more log of this process, that others do not go on from. */
    aside(session: SessionId, build: Build): Promise<void> {
      const known = asides.get(session)
      const line: Line = known && !known.broken ? known : { aside: true }
      asides.set(session, line)
      return enter({ session, build, descriptor: undefined, author: undefined, line })
    },
    /** A peer held more of this log than this process wrote. */
    met(log: LogId): void {
      const { session, device: author } = splitLogId(log)
      if (author !== device) return
      if (writers.get(session)?.log() === log) writers.delete(session)
      if (asides.get(session)?.writer?.log() === log) asides.delete(session)
    },
  }
}

const lostPart = () =>
  new BatonError('store-corrupt', 'failed to write: what it goes on from was not written')
