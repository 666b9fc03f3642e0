/** Repositories of test devices over any store, and runs of entries between them. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Keyring, Random } from '@baton/client/core/ports/platform'
import type { Store } from '@baton/client/core/ports/store'
import { openRepository, type Repository } from '@baton/client/core/repo/repository'
import { entriesOf } from '@baton/client/core/repo/rows'
import { utf8Encode } from '@baton/shared/bytes'
import type { LogId, SessionId } from '@baton/shared/ids'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRecord } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import type { Primitives } from '@baton/shared/primitives'
import { createCount } from './count.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createMemoryKeyring } from './memory-keyring.ts'
import { seededRandom } from './pair-world.ts'
import { nodePrimitives, session as sessionOf } from './signer.ts'
import { zlib } from './zlib.ts'

export interface RepoOptions {
  readonly store?: Store
  readonly clock?: ManualClock
  readonly keyring?: Keyring
  readonly random?: Random
  readonly primitives?: Primitives
}

export interface TestRepo extends Repository {
  readonly store: Store
  readonly clock: ManualClock
  /** Writes lines of the main file, each an entry; resolves when they are durable. */
  append(session: SessionId, ...lines: string[]): Promise<void>
  /** The texts of all lines of a log, in order. */
  lines(log: LogId): Promise<string[]>
  entries(log: LogId): Promise<Entry[]>
  /** All lines of all logs of a session, sorted. */
  all(session: SessionId): Promise<string[]>
}

const opening = createCount()

export async function openTestRepo(seed: number, options: RepoOptions = {}): Promise<TestRepo> {
  const store = options.store ?? createMemoryStore()
  const clock = options.clock ?? createManualClock()
  const repository = await openRepository({
    store,
    clock,
    keyring: options.keyring ?? createMemoryKeyring(seed),
    random: options.random ?? seededRandom(`repo ${opening()}`),
    primitives: options.primitives ?? nodePrimitives,
    deflate: zlib,
  })

  async function entries(log: LogId): Promise<Entry[]> {
    const found: Entry[] = []
    for await (const delta of repository.read(log, 0)) {
      for (const { entry } of entriesOf(delta)) if (entry) found.push(entry)
    }
    return found
  }

  async function lines(log: LogId): Promise<string[]> {
    return (await entries(log))
      .filter(({ kind }) => kind === kinds.record)
      .map(({ payload }) => new TextDecoder().decode((payload as Uint8Array[])[3]))
  }

  return {
    ...repository,
    store,
    clock,
    append: (session, ...texts) =>
      repository.write(session, (to) => {
        for (const text of texts) to.append(kinds.record, recordOf(text))
        return []
      }),
    lines,
    entries,
    async all(session) {
      const found: string[] = []
      for (const { log } of repository.heads(session)) found.push(...(await lines(log)))
      return found.sort()
    },
  }
}

export const recordOf = (text: string) =>
  encodeRecord({ epoch: 0, file: mainFile, base: undefined, content: { inline: utf8Encode(text) } })

/** Gives `to` all that `from` holds of a session, from behind what it has. */
export async function hand(from: Repository, to: Repository, session: SessionId): Promise<void> {
  for (const { log } of from.heads(session)) {
    for await (const delta of from.read(log, to.head(log)?.seq ?? 0)) await to.receive(delta)
  }
}

/** A keyring that says what it signed: log id and seq, by the hash they were signed with. */
export function watchedKeyring(seed: number, signed: Map<string, string>): Keyring {
  const inner = createMemoryKeyring(seed)
  return {
    ...inner,
    device: inner.device,
    exchange: inner.exchange,
    async sign(message) {
      const text = Buffer.from(message).toString('hex')
      // "hd\0" || log(56) || seq(8) || hash(32)
      const place = text.slice(0, 2 * (3 + 56 + 8))
      const hash = text.slice(place.length)
      const before = signed.get(place)
      if (before !== undefined && before !== hash) throw new Error('a seq was signed twice')
      signed.set(place, hash)
      return inner.sign(message)
    },
  }
}

/** The log of a session that was met first. */
export function firstLog(repo: Repository, session: SessionId = sessionOf(1)): LogId {
  const [head] = repo.heads(session)
  if (head === undefined) throw new Error('the session has no log')
  return head.log
}
