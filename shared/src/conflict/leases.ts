/**
 * Who holds a session, epoch after epoch (rules LE3 to LE9): a chain of leases from the device that began
 * it, out of the set of all entries that speak of it. The order in which they came does not matter.
 * Of two successors of one holder one counts; the other, and what was written under it, is a branch.
 */
import { type Bytes, compareBytes } from '../bytes.ts'
import { mergeVectors, type Vector } from '../clock/vector.ts'
import { type DeviceId, type LogId, type SessionId, splitLogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import type { At } from '../model/agent-entries.ts'
import {
  isDecline,
  type LeasePayload,
  parseAccept,
  parseLease,
  parseReady,
} from '../model/lease-entries.ts'

/** A lease where it stands. */
export interface Lease extends LeasePayload, At {
  /** Chain hash at its place, 32 bytes: which of two equals counts must not be up to a place. */
  readonly hash: Bytes
  /** Who signed it. */
  readonly device: DeviceId
  /** Its dependencies: what it answers and what it follows. */
  readonly deps: readonly At[]
}

/** Everything that was said; it only grows. Keys are places. */
export interface LeaseFacts {
  readonly leases: Map<number, readonly Lease[]>
  readonly epochs: Map<string, number>
  readonly readies: Map<string, DeviceId>
  /** The first epoch of a lease that answers the entry at a place. */
  readonly answered: Map<string, number>
  /** What a device that accepted a lease knew then. */
  readonly accepts: Map<string, ReadonlyMap<DeviceId, Vector>>
  readonly declines: Map<string, ReadonlySet<DeviceId>>
  /** The first and the last epoch of which something was learnt since it was last asked for. */
  from: number
  to: number
}

/** Nothing that was found out before counts. */
export const everyEpoch = { from: 0, to: Number.POSITIVE_INFINITY }

export const noLeases = (): LeaseFacts => ({
  leases: new Map(),
  epochs: new Map(),
  readies: new Map(),
  answered: new Map(),
  accepts: new Map(),
  declines: new Map(),
  ...everyEpoch,
})

export const isLeaseKind = (kind: number): boolean =>
  kind === kinds.ready || kind === kinds.lease || kind === kinds.accept || kind === kinds.decline

/** Of one log for one epoch the first so many are kept: what comes later must not push out what was accepted. */
const maxLeases = 64

const keyOf = ({ log, seq }: At): string => `${log} ${seq}`

/** False for what is malformed. Whether what it names is so is judged by `holding`, from the set. */
export function foldLease(
  facts: LeaseFacts,
  session: SessionId,
  log: LogId,
  { kind, payload, seq, deps }: Entry,
  hash: Bytes,
): boolean {
  const { device } = splitLogId(log)
  const key = keyOf({ log, seq })
  if (kind === kinds.ready) {
    if (!parseReady(session, payload)) return false
    facts.readies.set(key, device)
    // Before a lease answers it nothing hangs on it.
    return learnt(facts, facts.answered.get(key))
  }
  if (kind === kinds.lease) {
    const parsed = parseLease(session, payload)
    return (
      parsed !== undefined && keep(facts, { ...parsed, log, seq, hash: hash.slice(), device, deps })
    )
  }
  const [named] = deps
  if (!named) return false
  const of = keyOf(named)
  if (kind === kinds.decline) {
    if (!isDecline(payload)) return false
    facts.declines.set(of, new Set(facts.declines.get(of)).add(device))
  } else {
    const accept = parseAccept(session, payload)
    if (!accept) return false
    const known = new Map(facts.accepts.get(of))
    facts.accepts.set(
      of,
      known.set(device, mergeVectors(known.get(device) ?? new Map(), accept.vector)),
    )
  }
  return learnt(facts, facts.epochs.get(of))
}

function keep(facts: LeaseFacts, lease: Lease): true {
  if (facts.epochs.has(keyOf(lease))) return true
  addLease(facts, lease)
  return learnt(facts, lease.epoch)
}

/** Takes one that is not there yet. */
export function addLease(facts: LeaseFacts, lease: Lease): void {
  const { epoch, log } = lease
  const [answers] = lease.deps
  if (answers) {
    const known = facts.answered.get(keyOf(answers)) ?? epoch
    facts.answered.set(keyOf(answers), Math.min(known, epoch))
  }
  facts.epochs.set(keyOf(lease), epoch)
  const all = [...(facts.leases.get(epoch) ?? []), lease]
  const own = all.filter((each) => each.log === log).sort((a, b) => a.seq - b.seq)
  const gone = own[maxLeases]
  facts.leases.set(epoch, gone ? all.filter((each) => each !== gone) : all)
}

function learnt(facts: LeaseFacts, epoch: number | undefined): true {
  if (epoch === undefined) return true
  facts.from = Math.min(facts.from, epoch)
  facts.to = Math.max(facts.to, epoch)
  return true
}

/** One device's time with the session. */
export interface Tenure {
  readonly epoch: number
  readonly holder: DeviceId
  /** The lease it began with; undefined: it began the session. */
  readonly by: Lease | undefined
}

export interface Holding {
  /** By epoch, from 0. */
  readonly tenures: readonly Tenure[]
  /** Signed over and not accepted yet: nobody writes meanwhile. */
  readonly passing: Lease | undefined
}

export const heldByNobody: Holding = { tenures: [], passing: undefined }

/**
 * Who holds it. Only what devices said that may write is among the facts. `before`: what was found for
 * the same author when less was known.
 */
export function holding(
  facts: LeaseFacts,
  author: DeviceId | undefined,
  before = heldByNobody,
): Holding {
  if (author === undefined) return heldByNobody
  const known = before.tenures
  const { from, to } = facts
  facts.from = Number.POSITIVE_INFINITY
  facts.to = 0
  if (known.length > 0) {
    // What is right in itself but follows nobody, or changes nothing, must not cost a look at all epochs.
    let at = Math.max(1, from)
    while (at <= to && at < known.length && nextOf(facts, known[at - 1]) === known[at]?.by) at++
    if (at > to || at > known.length) return before
  }
  const tenures = known.slice(0, Math.min(from, known.length))
  if (tenures.length === 0) tenures.push({ epoch: 0, holder: author, by: undefined })
  for (;;) {
    const next = nextOf(facts, tenures.at(-1))
    if (next === undefined) return { tenures, passing: undefined }
    if (next.how === 'transfer' && !acceptOf(facts, next)) return { tenures, passing: next }
    tenures.push({ epoch: next.epoch, holder: next.holder, by: next })
  }
}

const nextOf = (facts: LeaseFacts, last: Tenure | undefined): Lease | undefined =>
  last && successor(facts, successors(facts, last))

const acceptOf = (facts: LeaseFacts, lease: Lease): Vector | undefined =>
  facts.accepts.get(keyOf(lease))?.get(lease.holder)

/** Leases that follow a tenure, right in themselves. */
function successors(facts: LeaseFacts, { epoch, holder, by }: Tenure): readonly Lease[] {
  return (facts.leases.get(epoch + 1) ?? []).filter((lease) => {
    const [first, second] = lease.deps
    const follows = (at: At | undefined) => (at && keyOf(at)) === (by && keyOf(by))
    if (lease.how === 'takeover') return lease.device === lease.holder && follows(first)
    const isReady = first && facts.readies.get(keyOf(first)) === lease.holder
    const isDeclined = facts.declines.get(keyOf(lease))?.has(lease.holder)
    // To itself it would only take back what it gave away.
    const isAway = lease.device === holder && lease.holder !== holder
    return isAway && isReady && follows(second) && !isDeclined
  })
}

/**
 * An accepted transfer before a takeover, unless the accept knew less of the logs of who held it than
 * a takeover did; a takeover before a transfer that nobody accepted; of equals the smaller hash.
 */
function successor(facts: LeaseFacts, all: readonly Lease[]): Lease | undefined {
  const takeovers = all.filter(({ how }) => how === 'takeover')
  const transfers = all.filter(({ how }) => how === 'transfer')
  const accepted = transfers.filter((lease) => {
    const knew = acceptOf(facts, lease)
    return knew && !takeovers.some((other) => knowsMore(other.vector, knew, lease.device))
  })
  const open = transfers.filter((lease) => !acceptOf(facts, lease))
  for (const group of [accepted, takeovers, open]) {
    if (group.length > 0) return [...group].sort(byHash)[0]
  }
  return undefined
}

/** Of the logs of one device. */
function knowsMore(a: Vector, b: Vector, device: DeviceId): boolean {
  for (const [log, seq] of a) {
    if (splitLogId(log).device === device && seq > (b.get(log) ?? 0)) return true
  }
  return false
}

const byHash = (a: Lease, b: Lease): number =>
  compareBytes(a.hash, b.hash) || (keyOf(a) < keyOf(b) ? -1 : 1)

/**
 * Why an entry of a writer kind does not count: its device never held that epoch, had let go of it, or
 * held it while another took over without having seen this.
 */
export type HoldingReason = 'not-holder' | 'fenced' | 'split'

export interface Writing extends At {
  readonly epoch: number
}

export function holdingReason(
  facts: LeaseFacts,
  { tenures, passing }: Holding,
  { log, seq, epoch }: Writing,
): HoldingReason | undefined {
  const { device } = splitLogId(log)
  const tenure = tenures[epoch]
  if (tenure?.holder === device) {
    const end = tenures[epoch + 1]?.by ?? (tenures.length === epoch + 1 ? passing : undefined)
    if (!end || isBefore(end, { log, seq })) return undefined
    return end.device === device ? 'fenced' : 'split'
  }
  const once = facts.leases
    .get(epoch)
    ?.some(
      (lease) => lease.holder === device && (lease.how === 'takeover' || acceptOf(facts, lease)),
    )
  return once ? 'split' : 'not-holder'
}

/** What a lease hands over of the epoch before it. */
const isBefore = (lease: Lease, { log, seq }: At): boolean =>
  (log === lease.log && seq < lease.seq) || seq <= (lease.vector.get(log) ?? 0)

/** Who writes now; undefined while nobody does. */
export const holderOf = ({ tenures, passing }: Holding): DeviceId | undefined =>
  passing ? undefined : tenures.at(-1)?.holder

export const epochOf = ({ tenures }: Holding): number => Math.max(0, tenures.length - 1)
