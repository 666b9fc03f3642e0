/**
 * Who is revoked, and up to where its logs count (rules RO12 to RO14, RO17), from the set of
 * revocations. One that nobody contests counts. Of those that contest each other (each beyond the cut that the
 * other makes) the senior's does. What counts may take away what others rest on: the rest is looked
 * at again, until nothing is left.
 */
import type { DeviceId, LogId } from '../ids.ts'
import { maxCutLogs } from '../limits.ts'
import { groupBy, type Judging, placeKey, type Restoring, type Said } from './said.ts'
import { type Grounds, type Standing, standingOf } from './standing.ts'

export interface Removal {
  /** Those that count, in the order given; the first says when and by whom. */
  readonly by: readonly Judging[]
  /** Entries that count, by log; none of the logs that are not named. */
  readonly cut: ReadonlyMap<LogId, number>
}

export interface Removals {
  readonly removed: ReadonlyMap<DeviceId, Removal>
  readonly standing: Standing
  /** Recovery keys that stood before any revocation counted: whose words are worth having. */
  readonly named: ReadonlySet<DeviceId>
}

/** All lists in the order of `before`. */
export function removalsOf(
  grounds: Grounds,
  revocations: readonly Judging[],
  restorings: readonly Restoring[],
): Removals {
  let named: ReadonlySet<DeviceId> | undefined
  const undone = indexRestorings(restorings)
  const accepted = new Set<Judging>()
  const idle = new Set<Judging>()
  /** Recovery keys whose own word about their end counts. */
  const givenUp = new Set<DeviceId>()
  for (;;) {
    const removed = cutsOf(
      revocations.filter((each) => accepted.has(each)),
      givenUp,
    )
    const beyond = ({ author, from }: Said): boolean => {
      const removal = removed.get(author)
      return removal !== undefined && from.entry.seq > (removal.cut.get(from.log) ?? 0)
    }
    const standing = standingOf(grounds, beyond)
    named ??= new Set(standing.keys.keys())
    // A junior has nothing to say about a key that is given up: it could only bring its finder back.
    const isLate = ({ author, device }: Judging) =>
      givenUp.has(device) && standing.seniority(author) >= standing.seniority(device)
    const open = revocations.filter(
      (each) =>
        !accepted.has(each) &&
        !idle.has(each) &&
        !beyond(each) &&
        !undone(each, standing, beyond) &&
        !isLate(each) &&
        // Anyone may leave; only admins remove others.
        (each.author === each.device
          ? standing.stands(each.author)
          : standing.allows(each, 'admin')),
    )
    if (open.length === 0) return { removed, standing, named }
    const { next, void: sawn } = nextOf(open, standing)
    for (const each of next) {
      accepted.add(each)
      const { author, device } = each
      if (author === device && standing.keys.has(author)) givenUp.add(author)
    }
    for (const each of sawn) idle.add(each)
  }
}

/**
 * Of a junior's revocation a recovery key may say that it does not count. Asked again after every word
 * that counts, so places are looked up: of several words of one log the first stands whenever any does.
 */
function indexRestorings(restorings: readonly Restoring[]) {
  const byPlace = new Map<string, Map<LogId, Restoring>>()
  for (const said of restorings) {
    const { log, entry } = said.from
    for (const place of said.places) {
      const known = byPlace.get(place) ?? new Map<LogId, Restoring>()
      byPlace.set(place, known)
      const first = known.get(log)
      if (!first || entry.seq < first.from.entry.seq) known.set(log, said)
    }
  }
  return (
    { author, from: { log, entry } }: Judging,
    standing: Standing,
    beyond: (said: Said) => boolean,
  ): boolean => {
    for (const said of byPlace.get(placeKey({ log, seq: entry.seq }))?.values() ?? []) {
      if (!standing.keys.has(said.author) || beyond(said)) continue
      if (standing.seniority(said.author) < standing.seniority(author)) return true
    }
    return false
  }
}

function cutsOf(
  accepted: readonly Judging[],
  givenUp: ReadonlySet<DeviceId>,
): Map<DeviceId, Removal> {
  const removed = new Map<DeviceId, Removal>()
  for (const [device, all] of groupBy(accepted, (each) => each.device)) {
    // What a device says of itself when it leaves is worth nothing once others remove it.
    const others = all.filter(({ author }) => author !== device)
    if (givenUp.has(device)) {
      // What a key says of its end is for good: others take away from it, and add nothing.
      const own = all.filter(({ author }) => author === device)
      const cut = new Map(mostOf(own))
      for (const [log, seq] of cut) {
        const least = others.reduce((so, each) => Math.min(so, each.cut.get(log) ?? 0), seq)
        cut.set(log, least)
      }
      removed.set(device, { by: [...own, ...others], cut })
      continue
    }
    const by = others.length > 0 ? others : all
    removed.set(device, { by, cut: mostOf(by) })
  }
  return removed
}

/** Of each log the farthest that any of them names. */
function mostOf(all: readonly Judging[]): ReadonlyMap<LogId, number> {
  const most = new Map<LogId, number>()
  for (const { cut } of all) {
    for (const [log, seq] of cut) most.set(log, Math.max(most.get(log) ?? 0, seq))
  }
  return most
}

/**
 * Those of one device: one that nobody contests, or the most senior of a ring. And before any others
 * those that are void: they would take away what their own author stands on.
 */
function nextOf(
  open: readonly Judging[],
  standing: Standing,
): { readonly next: readonly Judging[]; readonly void: readonly Judging[] } {
  const against = groupBy(
    open.filter(({ author, device }) => author !== device),
    ({ device }) => device,
  )
  /** By log of a device: up to where each of those that would remove it lets it count, in all it says. */
  const lets = new Map<LogId, Map<DeviceId, number>>()
  const contesting = ({ author, from: { log, entry } }: Said): DeviceId[] => {
    const known = lets.get(log) ?? new Map<DeviceId, number>()
    if (!lets.has(log)) {
      for (const each of against.get(author) ?? []) {
        const most = known.get(each.author) ?? 0
        known.set(each.author, Math.max(most, each.cut.get(log) ?? 0))
      }
      lets.set(log, known)
    }
    return [...known].filter(([, seq]) => entry.seq > seq).map(([by]) => by)
  }

  /** Who would take away what a device stands on, itself or those it stands on. */
  const shaken = new Map<DeviceId, ReadonlySet<DeviceId>>()
  const shakenBy = (device: DeviceId): ReadonlySet<DeviceId> => {
    const known = shaken.get(device)
    if (known) return known
    const found = new Set<DeviceId>()
    shaken.set(device, found)
    for (const pillar of standing.pillars(device)) {
      for (const each of contesting(pillar)) found.add(each)
      if (pillar.author === device) continue
      for (const each of shakenBy(pillar.author)) found.add(each)
    }
    return found
  }
  const contested = new Map(
    open.map((each) => [each, new Set([...contesting(each), ...shakenBy(each.author)])]),
  )
  const sawn = open.filter(
    ({ author, device }) => shakenBy(author).has(author) && restsOn(author, device, standing),
  )
  if (sawn.length > 0) return { next: [], void: sawn }
  const author = mostSenior(contested, standing)
  const words = open.filter((each) => each.author === author)
  // Whoever leaves says nothing any more behind its own cut.
  const leaving = words.filter(({ device }) => device === author)
  return { next: leaving.length > 0 ? firstWord(leaving) : words, void: [] }
}

/**
 * The one by which a device left or a key was given up, the first: whoever finds it could say more,
 * and let what it says itself count. It goes on right behind only where one entry has no more room.
 */
function firstWord([first, ...rest]: readonly Judging[]): readonly Judging[] {
  const said = first ? [first] : []
  for (const each of rest) {
    const last = said.at(-1) as Judging
    const goesOn =
      each.from.log === last.from.log && each.from.entry.seq === last.from.entry.seq + 1
    if (goesOn && last.cut.size === maxCutLogs) said.push(each)
  }
  return said
}

/** Does a device stand where it does by the word of another, over any distance? */
function restsOn(device: DeviceId, on: DeviceId, standing: Standing): boolean {
  const seen = new Set([device])
  for (const each of seen) {
    for (const { author } of standing.pillars(each)) seen.add(author)
  }
  return device !== on && seen.has(on)
}

/** Of those that nobody contests but whom they contest as well, over any distance. */
function mostSenior(
  contested: ReadonlyMap<Judging, ReadonlySet<DeviceId>>,
  standing: Standing,
): DeviceId | undefined {
  const from = new Map<DeviceId, Set<DeviceId>>()
  for (const [{ author }, by] of contested) {
    const known = from.get(author) ?? new Set<DeviceId>()
    from.set(author, known)
    for (const each of by) known.add(each)
  }
  const reached = new Map<DeviceId, ReadonlySet<DeviceId>>()
  for (const author of from.keys()) {
    const seen = new Set<DeviceId>()
    const todo = [...(from.get(author) ?? [])]
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      todo.push(...(from.get(next) ?? []))
    }
    reached.set(author, seen)
  }
  const first = [...from.keys()].filter((author) =>
    [...(reached.get(author) ?? [])].every((each) => reached.get(each)?.has(author)),
  )
  return first.sort((a, b) => standing.seniority(a) - standing.seniority(b))[0]
}
