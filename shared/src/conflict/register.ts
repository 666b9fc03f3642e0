/**
 * A register with several writers (rules RG1 to RG4): it keeps every write that no other write has
 * seen, the antichain, and shows the one with the greatest stamp. Comparing pairs "by cause, then by
 * clock" instead is not transitive, and would make the winner depend on the order of arrival.
 * The result depends on the set of writes alone. It knows no path and no meaning of a value.
 */
import type { Bytes } from '../bytes.ts'
import { compareStamp, type Stamp } from '../clock/hlc.ts'
import type { DeviceId, LogId } from '../ids.ts'
import { depKey } from '../log/again.ts'
import type { At } from '../model/agent-entries.ts'
import type { Held } from '../model/document-entries.ts'

export interface Write extends At {
  /** The first 8 bytes of the chain hash there: what a later entry names it by, as a `Dep`. */
  readonly hash: Bytes
  readonly device: DeviceId
  readonly stamp: Stamp
  readonly held: Held
  /** It is said again: the places where it stood, as `depKey`. */
  readonly again?: readonly string[]
  /** Those of them that are superseded: whoever saw one of these, or a later place of its log, saw it. */
  readonly stood?: readonly At[]
}

/** A write that does not count, with what it had seen; of one that says another again, where that stood. */
export interface PassedWrite {
  readonly seq: number
  readonly saw: readonly At[]
  /** As `depKey`. */
  readonly again?: readonly string[]
}

/**
 * Writes that do not count, by log in the order of their places. They may have been shown while nobody
 * knew, or come to count with a checkpoint: whoever saw one saw what it replaced, and what it says again.
 */
export type Passed = Map<LogId, PassedWrite[]>

export interface Register {
  /** Up to here, in each log, every write of this register was seen by another one. */
  readonly covered: Map<LogId, number>
  /** The last write of each log, covered ones left out. */
  live: readonly Write[]
  /** Those that nobody who counts is known to have seen. */
  readonly passed: Passed
  /** Places beyond a cut, or of what is said again, as `depKey`, that someone who counts had seen. */
  seen: Set<string> | undefined
}

export const createRegister = (passed: Passed = new Map()): Register => ({
  covered: new Map(),
  live: [],
  passed,
  seen: undefined,
})

/**
 * Adds a write; `saw` are the writes, or later places of their logs, that its author had folded, and
 * `seen` those of them that are beyond a cut.
 * Writes may come in any order and repeatedly.
 */
export function foldWrite(
  register: Register,
  write: Write,
  saw: readonly At[],
  seen: readonly string[] = [],
): void {
  const { covered } = register
  for (const { log, seq } of saw) cover(covered, log, seq)
  seeAll(register, seen)
  // A log is one author's line: its later write has seen its earlier ones. What is said again is not.
  if (!write.again) cover(covered, write.log, write.seq - 1)
  passOn(register)
  // Said again twice, it is one; the place is the same for all who hold both.
  const same = register.live.filter((each) => isSameWrite(each, write))
  const others = register.live.filter((each) => !same.includes(each))
  register.live = [...others, same.reduce(joined, write)]
  close(register)
}

const isSameWrite = (a: Write, b: Write): boolean =>
  (a.log === b.log && a.seq === b.seq) || placesIn(a).some((place) => placesIn(b).includes(place))

/** Where a write that is said again stands and stood; nothing for another, whose place alone is it. */
const placesIn = (write: Write): readonly string[] =>
  write.again ? [...write.again, depKey(write)] : []

/** One write of two, the same in whichever order any number are joined: whoever saw either has seen it. */
function joined(a: Write, b: Write): Write {
  const [first, other] = compareWrites(a, b) <= 0 ? [a, b] : [b, a]
  const [decides, ...rest] = placesIn(first)
  if (decides === undefined) return first
  const others = new Set([...rest, ...placesIn(other)].filter((place) => place !== decides))
  const stood = [...(first.stood ?? []), ...(other.stood ?? [])]
  if (first.log !== other.log || first.seq !== other.seq) stood.push(other)
  return { ...first, again: [decides, ...[...others].sort()], stood: inOrder(stood) }
}

/** Each place once. */
function inOrder(places: readonly At[]): readonly At[] {
  const once = new Map(places.map(({ log, seq }) => [`${log} ${seq}`, { log, seq }]))
  return [...once.values()].sort((a, b) => compareText(a.log, b.log) || a.seq - b.seq)
}

/**
 * Leaves out what was seen; whoever saw a write in one of its places saw it in all of them. No two that
 * are live have a place in common: those were joined.
 */
function close(register: Register): void {
  const open = register.live.filter((each) => isOpen(register, each))
  if (open.length === register.live.length) return
  for (const gone of register.live) if (!open.includes(gone)) seeAll(register, placesIn(gone))
  register.live = open
}

function seeAll(register: Register, places: readonly string[] = []): void {
  for (const place of places) {
    register.seen ??= new Set()
    register.seen.add(place)
  }
}

const isOpen = ({ covered, seen }: Register, write: Write): boolean =>
  write.seq > (covered.get(write.log) ?? 0) &&
  !(seen && (write.again ?? [depKey(write)]).some((place) => seen.has(place))) &&
  !write.stood?.some((at) => at.seq <= (covered.get(at.log) ?? 0))

/** Takes a write that does not count (rule CU3). Undefined: nothing that counts was written there yet. */
export function passWrite(
  passed: Passed,
  register: Register | undefined,
  { log }: At,
  write: PassedWrite,
): void {
  const writes = passed.get(log) ?? []
  passed.set(log, writes)
  writes.splice(writes.findLastIndex((each) => each.seq < write.seq) + 1, 0, write)
  if (!register) return
  passOn(register)
  close(register)
}

/** Whoever saw a write that does not count has seen what its author saw, over any number of them. */
function passOn(register: Register): void {
  const { covered, passed } = register
  for (let more = passed.size > 0; more; ) {
    more = false
    for (const [log, writes] of passed) {
      const upTo = covered.get(log) ?? 0
      const behind = writes.findIndex(({ seq }) => seq > upTo)
      const seen = behind < 0 ? passed.get(log) : writes.splice(0, behind)
      if (behind < 0) passed.delete(log)
      for (const { saw, again } of seen ?? []) {
        for (const { log: on, seq } of saw) cover(covered, on, seq)
        seeAll(register, again)
      }
      more ||= (seen?.length ?? 0) > 0
    }
  }
}

function cover(covered: Map<LogId, number>, log: LogId, seq: number): void {
  if (seq > (covered.get(log) ?? 0)) covered.set(log, seq)
}

/** The antichain, the one that is shown first: by stamp, then device, then place. */
export const candidates = (register: Register): readonly Write[] =>
  register.live.length < 2 ? register.live : register.live.toSorted(compareWrites)

/** What is shown; undefined for a register that nobody wrote. */
export function winner(register: Register): Write | undefined {
  let best: Write | undefined
  for (const write of register.live) {
    if (best === undefined || compareWrites(write, best) < 0) best = write
  }
  return best
}

/** Negative when `a` is shown before `b`. */
export function compareWrites(a: Write, b: Write): number {
  return (
    compareStamp(b.stamp, a.stamp) ||
    compareText(a.device, b.device) ||
    compareText(a.log, b.log) ||
    b.seq - a.seq
  )
}

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
