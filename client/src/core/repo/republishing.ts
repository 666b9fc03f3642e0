/**
 * Saying again what is hidden (rules FK7, FK8): a device that finds that it signed two histories of
 * a log says everything of the one it holds once more in a new log, as it was; anyone who may write can
 * say again a single entry. What an entry was keeps its ids and its stamp, so nothing is doubled,
 * whoever does it how often.
 */
import { equalBytes } from '@baton/shared/bytes'
import { nextPoint, type TranscriptState } from '@baton/shared/conflict/transcript'
import { encode, type Value } from '@baton/shared/encoding/msgpack'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { maxDeps } from '@baton/shared/limits'
import { depKey, encodeAgain, originsOf } from '@baton/shared/log/again'
import { type Head, nextHash, startHead } from '@baton/shared/log/chain'
import { type Dep, depHashBytes, type Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import {
  type At,
  encodeRecord,
  type Position,
  parseRecord,
  type RecordPayload,
} from '@baton/shared/model/agent-entries'
import { parseCapture, parseRegister, pathKey } from '@baton/shared/model/document-entries'
import { parseStream } from '@baton/shared/model/stream-entries'
import type { Sha256 } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { Store } from '../ports/store.ts'
import { nameKey } from './keys.ts'
import type { Appender, Repository } from './repository.ts'
import { entriesOf } from './rows.ts'
import { type PlacedEntry, takenBack } from './taken-back.ts'

export interface RepublishingPorts {
  readonly repository: Repository
  readonly store: Store
  readonly sha256: Sha256
  readonly transcripts: { state(session: SessionId): Promise<TranscriptState> }
}

export interface Republishing {
  /**
   * Says again what of this device's own logs of the session is behind a fork and was not said again;
   * durable when it resolves. How many entries that were.
   */
  own(session: SessionId): Promise<number>
  /**
   * Says one entry behind `after` again, of a record also those before it in its file, of a piece of
   * a stream those before it in its text. False when it is not held, or says nothing.
   */
  one(log: LogId, seq: number, after: number): Promise<boolean>
  /** Says everything of a log behind `after` again that was not; how many entries that were. */
  all(log: LogId, after: number): Promise<number>
  /** Places, as `log seq`, that some log of a session says again. */
  said(session: SessionId): Promise<ReadonlySet<string>>
}

/** Said again in one batch. */
const batchEntries = 200

export function createRepublishing(ports: RepublishingPorts): Republishing {
  const { repository, store, sha256 } = ports
  const inTurn = createLanes<SessionId>()

  /** Entries behind `after`, each with the place by which others name it. */
  async function* behind(log: LogId, after: number): AsyncGenerator<PlacedEntry> {
    let { hash } = repository.dropped(log) ?? startHead(sha256, log)
    for await (const delta of repository.read(log, 0)) {
      for (const { seq, body, entry } of entriesOf(delta)) {
        hash = nextHash(sha256, hash, body)
        if (seq <= after || !entry) continue
        yield { entry, place: { log, seq, hash: hash.slice(0, depHashBytes) } }
      }
    }
  }

  /** Places that some log of the session says again. */
  async function saidAgain(session: SessionId): Promise<Set<string>> {
    const said = new Set<string>()
    for (const { log } of repository.heads(session)) {
      for await (const delta of repository.read(log, 0)) {
        for (const { entry } of entriesOf(delta)) {
          for (const place of entry?.again ?? []) said.add(depKey(place))
        }
      }
    }
    return said
  }

  async function own(session: SessionId): Promise<number> {
    // What was being written when the fork was found stands behind it, too.
    await repository.write(session, () => [])
    let count = 0
    for (const { log, seq } of repository.heads(session)) {
      const fork = repository.forks.of(log)
      if (!fork || splitLogId(log).device !== repository.device) continue
      const done = nameKey(`again/${log}`)
      const value = encode([fork.after.seq, seq])
      const before = await store.get(done)
      if (before && equalBytes(before, value)) continue
      count += await sayAgain(session, log, fork.after.seq, fork.after)
      await repository.write(session, () => [{ put: done, value }])
    }
    return count
  }

  /** `agreed`: the same place, where what its author had seen by then counts for all of it. */
  async function sayAgain(
    session: SessionId,
    log: LogId,
    after: number,
    agreed: Head | undefined,
  ): Promise<number> {
    const said = await saidAgain(session)
    const taken = await takenBack(repository, session, log, behind(log, 0))
    const line = createLine(sha256, log, agreed, await ports.transcripts.state(session))
    let count = 0
    let batch: PlacedEntry[] = []
    const flush = async () => {
      const entries = batch
      batch = []
      await repository.write(session, (to) => {
        line.begin()
        for (const each of entries) line.say(to, each, said.has(depKey(each.place)))
        return []
      })
    }
    for await (const each of behind(log, after)) {
      if (taken.has(each.place.seq)) continue
      // What a session is, its author alone can say.
      if (!agreed && each.entry.kind === kinds.genesis) continue
      batch.push(each)
      if (!said.has(depKey(each.place)) && saysSomething(each.entry)) count += 1
      if (batch.length >= batchEntries) await flush()
    }
    await flush()
    return count
  }

  return {
    own: (session) => inTurn(session, () => own(session)),
    one(log, seq, after) {
      const { session } = splitLogId(log)
      return inTurn(session, async () => {
        const wanted: PlacedEntry[] = []
        for await (const each of behind(log, after)) {
          if (each.place.seq <= seq) wanted.push(each)
        }
        const last = wanted.at(-1)
        if (last?.place.seq !== seq || last.entry.kind === kinds.genesis) return false
        const group = groupOf(last.entry)
        const said = await saidAgain(session)
        const line = createLine(sha256, log, undefined, await ports.transcripts.state(session))
        await repository.write(session, (to) => {
          for (const each of wanted) {
            // A record, or a piece of a stream, says nothing without those before it.
            if (each !== last && (group === undefined || groupOf(each.entry) !== group)) continue
            line.say(to, each, said.has(depKey(each.place)))
          }
          return []
        })
        return true
      })
    },
    all: (log, after) => {
      const { session } = splitLogId(log)
      return inTurn(session, () => sayAgain(session, log, after, undefined))
    },
    async said(session) {
      const places = [...(await saidAgain(session))]
      return new Set(places.map((place) => place.slice(0, place.lastIndexOf(' '))))
    },
  }
}

/** What an entry says a part of. */
function groupOf({ kind, payload }: Entry): string | undefined {
  const record = kind === kinds.record ? parseRecord(payload) : undefined
  const stream = kind === kinds.stream ? parseStream(payload) : undefined
  if (record) return `file ${record.file}`
  return stream && `stream ${stream.id}`
}

/**
 * What is said again of one log, in its order; `after`: where it was agreed on, which each register's
 * first write has seen. What went without saying there has to be said.
 */
function createLine(sha256: Sha256, log: LogId, after: Head | undefined, state: TranscriptState) {
  /** Where each file stands, and the files whose last record was said in this batch. */
  const points = new Map<string, Position>()
  const follows = new Set<string>()
  /**
   * The last place of each register, and what was said again there behind it: a later write of a log
   * has seen the earlier ones, what is said again has seen what it had seen.
   */
  const last = new Map<string, readonly Dep[]>()
  const before =
    after && after.seq > 0
      ? { log, seq: after.seq, hash: after.hash.slice(0, depHashBytes) }
      : undefined

  function depsOf({ kind, payload, deps, again }: Entry, place: Dep): readonly Dep[] {
    const register = kind === kinds.register ? parseRegister(payload) : undefined
    const capture = kind === kinds.capture ? parseCapture(payload) : undefined
    if (!register && !capture) return deps
    const key = `${kind} ${register ? pathKey(register.path) : capture?.origin}`
    const own = last.get(key) ?? (before ? [before] : [])
    last.set(key, again ? [...own, place] : [place])
    return again ? deps : [...own, ...deps].slice(0, maxDeps)
  }

  /** Without a base a record follows the log's last one of its file: here another one may stand there. */
  function recordOf({ payload }: Entry, record: RecordPayload): Value {
    const { file } = record
    const base = record.base ?? (follows.has(file) ? undefined : standsAt(file))
    return base ? encodeRecord({ ...record, base }) : payload
  }

  const standsAt = (file: string): Position | undefined =>
    points.get(file) ??
    state.pieces.findLast((piece) => piece.counts && piece.log === log && piece.file === file)?.end

  function passed({ file, base, content }: RecordPayload, at: At, said: boolean): void {
    const point = base ?? standsAt(file)
    if (point) points.set(file, nextPoint(sha256, point, content, at))
    if (said) follows.add(file)
    else follows.delete(file)
  }

  return {
    /** Others may write between two batches. */
    begin: () => follows.clear(),
    /** `skip`: it was said again before. */
    say(to: Appender, { entry, place }: PlacedEntry, skip: boolean): void {
      // The beginning of a log is no news but for what it says of the session.
      if (!saysSomething(entry)) return
      const record = entry.kind === kinds.record ? parseRecord(entry.payload) : undefined
      const payload = record ? recordOf(entry, record) : entry.payload
      const deps = depsOf(entry, place)
      const origins = originsOf(entry, place)
      const at = skip
        ? place
        : to.append(kinds.again, encodeAgain(origins, { ...entry, payload }), deps)
      if (record) passed(record, at, !skip)
    },
  }
}

const saysSomething = ({ kind, payload }: Entry): boolean =>
  kind !== kinds.genesis || (Array.isArray(payload) && payload[1] !== null)
