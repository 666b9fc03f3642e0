/** What of a device's logs is held and counts, and is not said again by its checkpoint (rule CX5). */
import { equalBytes } from '@baton/shared/bytes'
import { compareStamp } from '@baton/shared/clock/hlc'
import type { DocumentState } from '@baton/shared/conflict/document'
import { type Restated, restate, type Standing } from '@baton/shared/conflict/restating'
import { encode } from '@baton/shared/encoding/msgpack'
import type { LogId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import type { SignedHead } from '@baton/shared/log/chain'
import { checkpointHeads } from '@baton/shared/log/checkpoint'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'

/** What a later entry of the same logs replaces. */
const replaced: ReadonlySet<number> = new Set([kinds.register, kinds.row, kinds.capture])

export interface Checked {
  /** What the checkpoint names. */
  readonly heads: readonly SignedHead[]
  /** All that is held of these logs up to there. */
  readonly standing: readonly Standing[]
  /** False where not all of them is held: what may be replaced in the rest is not asked for. */
  readonly whole: boolean
  /** The log of the checkpoint, up to it. */
  readonly said: readonly Standing[]
}

/** Undefined when that cannot be found out. */
export function untoldOf(
  state: DocumentState,
  { heads, standing, whole, said }: Checked,
): readonly Restated[] | undefined {
  const plan = restate({ ...state, superseded: before(state, heads, standing) }, standing)
  if (!plan) return undefined
  const told = new Map<string, Entry>()
  for (const { entry } of said) {
    for (const place of entry?.again ?? []) told.set(depKey(place), entry as Entry)
  }
  return plan.entries.filter((each) => {
    const { entry, place } = each
    const isReplaced = replaced.has(entry.kind)
    // Where a log forked it may have been said again more than once, and told from any of these places.
    const places = isReplaced ? [place] : [place, ...(entry.again ?? [])]
    return (whole || !isReplaced) && !places.some((at) => isSame(each, told.get(depKey(at))))
  })
}

/** What was superseded before these logs were: what they say of others themselves. */
function before(
  { superseded }: DocumentState,
  heads: readonly SignedHead[],
  standing: readonly Standing[],
): Map<LogId, number> {
  const known = new Map(superseded)
  for (const { log } of heads) known.delete(log)
  for (const { place, entry } of standing) {
    for (const { log, seq } of entry ? (checkpointHeads(place.log, entry) ?? []) : []) {
      if (seq > (known.get(log) ?? 0)) known.set(log, seq)
    }
  }
  return known
}

const isSame = ({ entry }: Restated, told: Entry | undefined): boolean =>
  told !== undefined &&
  told.kind === entry.kind &&
  compareStamp(told.stamp, entry.stamp) === 0 &&
  equalBytes(encode(told.payload), encode(entry.payload))
