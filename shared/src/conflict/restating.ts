/**
 * What of a device's own logs has to be said again before they may go (rules SU2, SU3): every register
 * write that no other of these logs replaced, the last row of each key, and everything else as it is.
 * Pure, and the same for whoever holds these logs. What was replaced goes, so the writes that stay name
 * what it had seen of others: else that would come back.
 */
import { compareStamp } from '../clock/hlc.ts'
import { encode, type Value } from '../encoding/msgpack.ts'
import { type DeviceId, type LogId, splitLogId } from '../ids.ts'
import { maxDeps, maxEntryBytes, maxOrigins } from '../limits.ts'
import { depKey, encodeAgain, originsOf } from '../log/again.ts'
import type { SignedHead } from '../log/chain.ts'
import { checkpointHeads } from '../log/checkpoint.ts'
import type { Dep, Entry } from '../log/entry.ts'
import { kinds } from '../log/kinds.ts'
import { parseCapture, parseRegister, parseRow, pathKey } from '../model/document-entries.ts'
import { parseStream } from '../model/stream-entries.ts'
import { cutReason } from './cuts.ts'
import type { DocumentState } from './document.ts'
import { redactionOf } from './redacted.ts'
import { compareWrites, createRegister, foldWrite, type Write } from './register.ts'
import { streamKey } from './streams.ts'
import { againOf, isGone, isSuperseded } from './superseded.ts'

/** An entry where it stands; undefined for one that cannot be read. */
export interface Standing {
  readonly place: Dep
  readonly entry: Entry | undefined
}

export interface Restated {
  /** Of an entry of the kind `again`. */
  readonly payload: Value
  readonly deps: readonly Dep[]
  readonly entry: Entry
  readonly place: Dep
}

export interface Restatement {
  /** By their stamps. */
  readonly entries: readonly Restated[]
  /** Logs that these logs superseded themselves, which their successor has to name. */
  readonly heads: readonly SignedHead[]
}

/** What a document folds, and what stands for itself wherever it is said. */
const restatable: ReadonlySet<number> = new Set([
  ...[kinds.genesis, kinds.grant, kinds.message, kinds.stream, kinds.tool, kinds.register],
  ...[kinds.inbox, kinds.row, kinds.capture, kinds.redact, kinds.checkpoint, kinds.drop],
])

/** False for an entry that only makes sense where it stands: its log is left alone. */
export function canRestate({ entry, place }: Standing): boolean {
  if (!entry || !restatable.has(entry.kind) || (entry.again?.length ?? 0) >= maxOrigins)
    return false
  // With all the places that a register's write may come to name.
  const payload = encode(encodeAgain(originsOf(entry, place), entry))
  return payload.length + maxDeps * 96 + 30 <= maxEntryBytes
}

/**
 * False while a device has streams without an end: what says that such a one is over, a later log of its
 * device, must not go before it.
 */
export function areStreamsOver({ streams }: DocumentState, device: DeviceId): boolean {
  for (const { author, end } of streams.values()) if (author === device && !end) return false
  return true
}

/** Undefined when a write would have to name more than an entry can. `standing`: each log in order. */
export function restate(
  state: DocumentState,
  standing: readonly Standing[],
): Restatement | undefined {
  const back = takenBack(state)
  const counts = standing.flatMap(({ place, entry }) =>
    entry && isSaid(state, place, entry) && !isOf(back, place, entry) ? [{ place, entry }] : [],
  )
  const heads = new Map<LogId, SignedHead>()
  const groups = new Map<string, Said[]>()
  const entries: Restated[] = []
  for (const said of counts) {
    const { place, entry } = said
    for (const head of checkpointHeads(place.log, entry) ?? []) {
      if (head.seq > (heads.get(head.log)?.seq ?? 0)) heads.set(head.log, head)
    }
    if (entry.kind === kinds.checkpoint || entry.kind === kinds.drop) continue
    const name = groupOf(entry)
    if (name === undefined) entries.push(restated(said, entry.deps))
    else groups.set(name, [...(groups.get(name) ?? []), said])
  }
  for (const group of groups.values()) {
    const of = group[0]?.entry.kind === kinds.row ? lastRow(state, group) : open(state, group)
    if (!of) return undefined
    entries.push(...of)
  }
  entries.sort((a, b) => compareStamp(a.entry.stamp, b.entry.stamp))
  return { entries, heads: [...heads.values()] }
}

interface Said {
  readonly place: Dep
  readonly entry: Entry
}

const restated = ({ place, entry }: Said, deps: readonly Dep[]): Restated => ({
  payload: encodeAgain(originsOf(entry, place), entry),
  ...{ deps, entry, place },
})

/** False for what counts nowhere, counts elsewhere already, or was taken back. */
function isSaid(state: DocumentState, place: Dep, entry: Entry): boolean {
  const { log, seq } = place
  if (isSuperseded(state.superseded, place)) return false
  if (entry.again && !isGone(state, log, entry.again)) return false
  if (seq > 1 && redactionOf(state, log, seq, entry)) return false
  return entry.kind !== kinds.genesis || (Array.isArray(entry.payload) && entry.payload[1] !== null)
}

/** Streams that were taken back, with their beginning: of these nothing is said again. */
function takenBack({ redactions, streams }: DocumentState): ReadonlySet<string> {
  const back = new Set<string>()
  for (const { by, id } of redactions.values()) {
    const key = streamKey(by.device, id)
    back.add(key)
    // What others went on with is shown no more than what it follows.
    for (const { device } of streams.get(key)?.continued.values() ?? []) {
      back.add(streamKey(device, id))
    }
  }
  return back
}

function isOf(back: ReadonlySet<string>, { log }: Dep, { kind, payload }: Entry): boolean {
  const of = kind === kinds.stream && back.size > 0 ? parseStream(payload) : undefined
  return of !== undefined && back.has(streamKey(splitLogId(log).device, of.id))
}

/** What replaces one another; undefined for what does not. */
function groupOf({ kind, payload }: Entry): string | undefined {
  if (kind === kinds.register) {
    const parsed = parseRegister(payload)
    return parsed && `register ${pathKey(parsed.path)}`
  }
  if (kind === kinds.row) {
    const parsed = parseRow(payload)
    return parsed && `row ${pathKey([parsed.collection, parsed.key])}`
  }
  const parsed = kind === kinds.capture ? parseCapture(payload) : undefined
  return parsed && `capture ${parsed.origin}`
}

function writeOf(state: DocumentState, { place, entry }: Said): Write {
  const { device } = splitLogId(place.log)
  const write: Write = { ...place, device, stamp: entry.stamp, held: { at: 'absent' } }
  return entry.again ? { ...write, ...againOf(state, place.log, entry.again) } : write
}

function lastRow(state: DocumentState, group: readonly Said[]): Restated[] {
  const [last] = [...group].sort((a, b) => compareWrites(writeOf(state, a), writeOf(state, b)))
  return last ? [restated(last, last.entry.deps)] : []
}

/** The writes of one register that none of these logs replaced, the first with all that they had seen. */
function open(state: DocumentState, group: readonly Said[]): Restated[] | undefined {
  const register = createRegister()
  const saw = new Map<string, Dep>()
  for (const said of group) {
    const { deps } = said.entry
    const beyond = deps.filter(({ log, seq }) => cutReason(state.cuts, log, seq) !== undefined)
    foldWrite(register, writeOf(state, said), deps, beyond.map(depKey))
    for (const dep of deps) {
      // Beyond a cut each place stands for itself; elsewhere a later one has seen the earlier ones.
      const key = beyond.includes(dep) ? depKey(dep) : dep.log
      if (dep.seq >= (saw.get(key)?.seq ?? 0)) saw.set(key, dep)
    }
  }
  const live = register.live.flatMap((write): Twins[] => {
    const at = group.find(({ place: { log, seq } }) => log === write.log && seq === write.seq)
    const again = new Set(write.again)
    const twins = group.filter((said) => said !== at && again.has(depKey(said.place)))
    return at ? [{ at, twins }] : []
  })
  // Said again twice it is one write: nobody replaced it who names the other place.
  const stands = live.flatMap(({ at, twins }) =>
    [at, ...twins].flatMap(({ place, entry }) => [place, ...(entry.again ?? [])]),
  )
  // What was replaced may be said again elsewhere, too: by a copy, or before a backup came back.
  for (const { place } of group) {
    // Behind a write that stays it was said again: who names that place has seen the write, too.
    if (stands.some(({ log, seq }) => log === place.log && seq <= place.seq)) continue
    if (place.seq >= (saw.get(place.log)?.seq ?? 0)) saw.set(place.log, place)
  }
  if (saw.size > maxDeps) return undefined
  return live.map((each, i) => restatedAll(each, i === 0 ? [...saw.values()] : each.at.entry.deps))
}

/** A write that stays, and other places of these logs where it was said again. */
interface Twins {
  readonly at: Said
  readonly twins: readonly Said[]
}

/** With all its places: whoever saw one of them has seen it. */
function restatedAll({ at, twins }: Twins, deps: readonly Dep[]): Restated {
  const places = [...twins, at].flatMap(({ place, entry }) => originsOf(entry, place))
  const [first, ...rest] = new Map(places.map((place) => [depKey(place), place])).values()
  // The first one decides whether it counts.
  const origins = first ? [first, ...rest.slice(1 - maxOrigins)] : []
  return { payload: encodeAgain(origins, at.entry), deps, ...{ entry: at.entry, place: at.place } }
}
