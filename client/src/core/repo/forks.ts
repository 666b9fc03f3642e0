/**
 * Logs whose author signed two histories (rules FK1 to FK4): the proof of each, kept in the store
 * before anyone hears of it, and the comparing that makes one. Of several proofs of a log the one
 * that begins first counts.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { maxLogsPerSession } from '@baton/shared/limits'
import { entryHash, type Head, startHead } from '@baton/shared/log/chain'
import { chainBodies, type Delta, sliceDelta, verifyDelta } from '@baton/shared/log/delta'
import {
  decodeFork,
  encodeFork,
  type ForkProof,
  forkBetween,
  verifyFork,
} from '@baton/shared/log/fork'
import type { Primitives, Sha256 } from '@baton/shared/primitives'
import type { Store } from '../ports/store.ts'
import { forkKey, under } from './keys.ts'
import { fromStore } from './rows.ts'

export interface Forks {
  of(log: LogId): ForkProof | undefined
  all(): readonly ForkProof[]
  /**
   * Takes a proof from anyone. True when it is news; then it is on disk, and told to `onFork`. Throws
   * `bad-signature` for one that proves nothing.
   */
  take(proof: ForkProof): Promise<boolean>
  /**
   * The chain hash of what is held of a log where all have to agree; undefined while less is held.
   * Read from its beginning: another one than the proof has is a third history.
   */
  hashAt(log: LogId): Promise<Bytes | undefined>
  /** Compares what a peer gives of a log, from its beginning on, with what is held. */
  compare(log: LogId): Comparing
}

/**
 * `more`: the same so far; `same`: all that is held of it; `refused`: something its author never
 * signed; or the proof that it signed both.
 */
export type Compared = 'more' | 'same' | 'refused' | ForkProof

export interface Comparing {
  take(delta: Delta): Promise<Compared>
}

export interface ForksPorts {
  readonly store: Store
  readonly primitives: Primitives
  /** Signed runs of a log that are held, opened, from behind `after`. */
  read(log: LogId, after: number): AsyncIterable<Delta>
  /** Where the entries of a log begin to be held. */
  from(log: LogId): Head
  /** A fork is on disk. */
  found(proof: ForkProof): Promise<void>
}

export async function openForks(ports: ForksPorts): Promise<Forks> {
  const { store, primitives } = ports
  const known = new Map<LogId, ForkProof>()
  for await (const [, row] of store.list(under('k'))) {
    const proof = await fromStore('a fork', async () => decodeFork(row))
    known.set(proof.log, proof)
  }
  const countIn = (session: SessionId) =>
    [...known.keys()].filter((log) => splitLogId(log).session === session).length

  const isNews = ({ log, after }: ForkProof) =>
    after.seq < (known.get(log)?.after.seq ?? Number.POSITIVE_INFINITY)

  async function take(proof: ForkProof): Promise<boolean> {
    const { log } = proof
    if (!isNews(proof)) return false
    // Its author alone can make any number of them, of logs that nobody else ever saw.
    if (!known.has(log) && countIn(splitLogId(log).session) >= maxLogsPerSession) {
      return false
    }
    if (!(await verifyFork(primitives, proof))) {
      throw new BatonError('bad-signature', 'failed to take a fork proof: it proves nothing')
    }
    await store.write([{ put: forkKey(log), value: encodeFork(proof) }])
    await store.flush()
    // Another one may have been taken meanwhile; the smaller one has to stand on disk, too.
    if (!isNews(proof)) {
      const counts = known.get(log) as ForkProof
      await store.write([{ put: forkKey(log), value: encodeFork(counts) }])
      return false
    }
    known.set(log, proof)
    await ports.found(proof)
    return true
  }

  function compare(log: LogId): Comparing {
    let common: Head = ports.from(log)
    let last: Promise<unknown> = Promise.resolve()

    async function next(delta: Delta): Promise<Compared> {
      // Something else on its way: what is compared follows what was.
      if (delta.after !== common.seq) return 'more'
      const held: Bytes[] = []
      for await (const { bodies } of ports.read(log, common.seq)) {
        held.push(...bodies)
        if (held.length >= delta.bodies.length) break
      }
      const differs = delta.bodies.findIndex(
        (body, i) => !held[i] || !isSame(primitives.sha256, body, held[i] as Bytes),
      )
      const same = differs < 0 ? delta.bodies : delta.bodies.slice(0, differs)
      common = chainBodies(primitives.sha256, common, same).head
      if (differs < 0) return 'more'
      return held.length <= differs ? 'same' : prove(delta, common)
    }

    return {
      take(delta) {
        const compared = last.then(() => next(delta))
        last = compared.catch(() => undefined)
        return compared
      },
    }
  }

  async function prove(theirs: Delta, common: Head): Promise<Compared> {
    const verdict = await verifyDelta(primitives, common, sliceDelta(theirs, common.seq))
    if (verdict.at !== 'verified') return 'refused'
    for await (const own of ports.read(theirs.log, common.seq)) {
      const { head } = chainBodies(primitives.sha256, common, own.bodies)
      const signed = { ...head, log: own.log, signature: own.signature }
      const mine = { bodies: own.bodies, head: signed }
      return forkBetween(primitives.sha256, common, mine, verdict.delta) ?? 'same'
    }
    return 'same'
  }

  async function hashAt(log: LogId): Promise<Bytes | undefined> {
    const { seq, hash } = known.get(log)?.after ?? startHead(primitives.sha256, log)
    let at = ports.from(log)
    // Of what is not held its author's word has to do.
    if (at.seq >= seq) return at.seq === seq ? at.hash : hash
    for await (const { bodies } of ports.read(log, at.seq)) {
      at = chainBodies(primitives.sha256, at, bodies.slice(0, seq - at.seq)).head
      if (at.seq === seq) return at.hash
    }
    return undefined
  }

  return { hashAt, of: (log) => known.get(log), all: () => [...known.values()], take, compare }
}

/** One of them may have been taken back: the hash is what its author signed. */
const isSame = (sha256: Sha256, a: Bytes, b: Bytes): boolean =>
  equalBytes(a, b) || equalBytes(entryHash(sha256, a), entryHash(sha256, b))

/** How far all agree on a log: up to its fork. */
export const agreedSeq = (forks: Pick<Forks, 'of'>, log: LogId): number =>
  forks.of(log)?.after.seq ?? Number.POSITIVE_INFINITY
