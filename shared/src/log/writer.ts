/**
 * The author's side of one log (LG11, LG12): numbers, chains and signs entries. The log gets its
 * incarnation at the first write, and no seq is ever signed with two hashes. Knows no storage: its
 * owner persists what `seal` returns before it sends any of it.
 */
import type { Bytes } from '../bytes.ts'
import type { Stamp } from '../clock/hlc.ts'
import type { Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { type DeviceId, incarnationBytes, joinLogId, type LogId, type SessionId } from '../ids.ts'
import { segmentBytes, segmentEntries } from '../limits.ts'
import type { Sha256 } from '../primitives.ts'
import { type Head, headMessage, nextHash, type SignedHead, startHead } from './chain.ts'
import type { Delta, VerifiedDelta } from './delta.ts'
import { type Dep, encodeEntry } from './entry.ts'
import { type Genesis, genesisPayload } from './genesis.ts'
import { kinds } from './kinds.ts'

export interface WriterOptions {
  readonly session: SessionId
  /** Whose key `sign` uses. */
  readonly device: DeviceId
  readonly sha256: Sha256
  /** Ed25519 over the message, 64 bytes. */
  readonly sign: (message: Bytes) => Promise<Bytes>
  /** Called once, for the 8 bytes of the incarnation. */
  readonly random: (length: number) => Bytes
  /** The stamp of the next entry: strictly rising within one process. */
  readonly stamp: () => Stamp
  /** What the first entry says. Asked at the first write. */
  readonly genesis: () => Genesis
}

/** Where an entry came to stand: what another entry's dep names. */
export interface Written extends Head {
  readonly log: LogId
}

export interface LogWriter {
  /** The log written to, or undefined before the first write. */
  log(): LogId | undefined
  /** Adds an entry; it exists for nobody until it is sealed. Throws `too-large` or `invalid`. */
  append(kind: number, payload: Value, deps?: readonly Dep[]): Written
  /**
   * Signs all that was appended: runs of at most 64 KiB or 256 entries, in order, none when there
   * is nothing new. If it rejects, or what it returned could not be persisted, drop the writer and
   * go on with a new one: a new incarnation cannot collide with what this one signed.
   */
  seal(): Promise<readonly VerifiedDelta[]>
}

interface Pending {
  readonly body: Bytes
  readonly hash: Bytes
}

export function createWriter(options: WriterOptions): LogWriter {
  const { sha256 } = options
  let log: LogId | undefined
  let head: Head = { seq: 0, hash: new Uint8Array() }
  let pending: Pending[] = []
  let sealedSeq = 0
  let sealing: Promise<unknown> = Promise.resolve()
  let broken = false

  function open(): LogId {
    if (log !== undefined) return log
    const genesis = genesisPayload(options.genesis())
    const fresh = joinLogId(options.session, options.device, options.random(incarnationBytes))
    head = startHead(sha256, fresh)
    add(kinds.genesis, genesis, [])
    log = fresh
    return fresh
  }

  function add(kind: number, payload: Value, deps: readonly Dep[]): void {
    const seq = head.seq + 1
    const body = encodeEntry({ kind, seq, stamp: options.stamp(), deps, payload })
    const hash = nextHash(sha256, head.hash, body)
    pending.push({ body, hash })
    head = { seq, hash }
  }

  async function signRun(id: LogId, run: readonly Pending[]): Promise<VerifiedDelta> {
    const after = sealedSeq
    const last = run[run.length - 1] as Pending
    const end: Head = { seq: after + run.length, hash: last.hash }
    // Counted before signing: whatever `sign` did with the message, this seq is spent.
    sealedSeq = end.seq
    const signature = await options.sign(headMessage(id, end))
    const signed: SignedHead = { ...end, log: id, signature }
    const delta: Delta = { log: id, after, bodies: run.map(({ body }) => body), signature }
    const hashes = new Uint8Array(run.length * end.hash.length)
    for (const [i, { hash }] of run.entries()) hashes.set(hash, i * hash.length)
    return { ...delta, head: signed, hashes } as VerifiedDelta
  }

  async function sealPending(): Promise<readonly VerifiedDelta[]> {
    if (log === undefined) return []
    const entries = pending
    pending = []
    const out: VerifiedDelta[] = []
    try {
      for (const run of split(entries)) out.push(await signRun(log, run))
    } catch (cause) {
      broken = true
      throw cause
    }
    return out
  }

  return {
    log: () => log,
    append: (kind, payload, deps = []) => {
      refuseBroken(broken)
      const id = open()
      add(kind, payload, deps)
      return { log: id, ...head }
    },
    seal: () => {
      const run = sealing.then(() => {
        refuseBroken(broken)
        return sealPending()
      })
      sealing = run.catch(() => undefined)
      return run
    },
  }
}

function refuseBroken(broken: boolean): void {
  if (broken) throw new BatonError('cancelled', 'failed to write: signing failed before')
}

function* split(entries: readonly Pending[]): Generator<readonly Pending[]> {
  let run: Pending[] = []
  let bytes = 0
  for (const entry of entries) {
    const full = run.length >= segmentEntries || bytes + entry.body.length > segmentBytes
    if (full && run.length > 0) {
      yield run
      run = []
      bytes = 0
    }
    run.push(entry)
    bytes += entry.body.length
  }
  if (run.length > 0) yield run
}
