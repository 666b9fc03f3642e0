/**
 * Who stands where in a roster (rules RO3, RO10, RO11, RO16): from the founder on, whoever is taken in
 * by one that stands there, in the order of seniority, with the role that its seniors gave it; right
 * above an admin the recovery keys it named. Which entries are beyond a cut it is told; who cuts whom
 * stands in removal.ts.
 */
import { createRegister, foldWrite } from '../conflict/register.ts'
import type { DeviceId, LogId } from '../ids.ts'
import { maxRecoveryKeys, maxRosterDevices } from '../limits.ts'
import { type Role, roles } from './authority.ts'
import { type Adding, groupBy, type Naming, type RoleGiving, type Said } from './said.ts'

export interface Standing {
  /** From the founder on: by distance from it, then by the seniority of who took it in, then by stamp. */
  readonly rank: ReadonlyMap<DeviceId, number>
  /** Recovery keys that stand, each with where it was named, in the order of seniority. */
  readonly keys: ReadonlyMap<DeviceId, Naming>
  /** Device or recovery key. */
  stands(author: DeviceId): boolean
  /** The smaller the more senior: a recovery key is right above the device that it goes back to. */
  seniority(author: DeviceId): number
  role(device: DeviceId): Role | undefined
  /** Might its author say this, as one of at least that role? */
  allows(said: Said, role: Role): boolean
  /** Of an observer: how much of its logs whoever made it one had seen. */
  silentFrom(device: DeviceId): ReadonlyMap<LogId, number> | undefined
  /** Where its role was last said: a new word about it names these. */
  words(device: DeviceId): readonly Said[]
  /** The entries by which one stands where it does: what took it in or named it, and what gave it its role. */
  pillars(device: DeviceId): readonly Said[]
}

interface Place {
  readonly taken: Adding | undefined
  readonly given: readonly RoleGiving[]
  readonly live: readonly RoleGiving[]
  /** Of several at once the least. */
  readonly present: RoleGiving | undefined
  /** The highest it ever had. */
  readonly highest: number
  readonly role: Role
}

const weight = (role: Role): number => roles.indexOf(role)
const absent: Said['from']['entry']['payload'] = null

/** What standing comes from; each list in the order of `before`. */
export interface Grounds {
  readonly founder: DeviceId | undefined
  readonly adds: readonly Adding[]
  readonly given: readonly RoleGiving[]
  readonly namings: readonly Naming[]
  isSound(key: DeviceId): boolean
}

/** `beyond`: what is cut off. */
export function standingOf(
  { founder, adds, given, namings, isSound }: Grounds,
  beyond: (said: Said) => boolean,
): Standing {
  const places = new Map<DeviceId, Place>()
  const rank = new Map<DeviceId, number>()
  const keys = new Map<DeviceId, Naming>()
  const keyRank = new Map<DeviceId, number>()
  const namingsOf = groupBy(namings, ({ author }) => author)
  const addsOf = groupBy(adds, ({ author }) => author)
  const givenTo = groupBy(given, ({ device }) => device)

  function allows({ author, from }: Said, role: Role): boolean {
    if (keys.has(author)) return true
    const place = places.get(author)
    if (place === undefined) return false
    if (weight(place.role) >= weight(role)) return true
    // It was more before: what whoever took that away had seen still counts.
    const seen = place.present?.cut.get(from.log) ?? 0
    return from.entry.seq <= seen && place.highest >= weight(role)
  }

  function placeOf(device: DeviceId, taken: Adding | undefined): Place {
    const first: Role = taken === undefined ? 'admin' : 'member'
    const said = (givenTo.get(device) ?? []).filter((each) => !beyond(each))
    // From seniors, whose own roles are known: so no two devices take each other's.
    const others = said.filter((each) => each.author !== device && allows(each, 'admin'))
    const highest = Math.max(weight(first), ...new Set(others.map(({ role }) => weight(role))))
    // Itself it can only give up what it has.
    const counted = said.filter((each) =>
      each.author === device ? weight(each.role) < highest : allows(each, 'admin'),
    )
    const register = createRegister()
    for (const { from, author } of counted) {
      const { seq, stamp, deps } = from.entry
      const held = { at: 'value' as const, value: absent }
      foldWrite(register, { log: from.log, seq, stamp, device: author, hash: noHash, held }, deps)
    }
    const last = new Map(register.live.map(({ log, seq }) => [log, seq]))
    const live = counted.filter(({ from }) => last.get(from.log) === from.entry.seq)
    const present = live.reduce<RoleGiving | undefined>(
      (least, each) => (least && weight(least.role) <= weight(each.role) ? least : each),
      undefined,
    )
    return { taken, given: counted, live, present, highest, role: present?.role ?? first }
  }

  function take(device: DeviceId, taken: Adding | undefined): void {
    if (rank.has(device) || keys.has(device) || rank.size >= maxRosterDevices) return
    rank.set(device, rank.size)
    order.push({ device, taken })
  }

  /** The first ones, in the order in which they were named, each before those that it named itself. */
  function seatKeys(author: DeviceId, above: number): void {
    if (!namingsOf.has(author)) return
    const own = new Set(addsOf.get(author)?.map(({ add }) => add.device))
    for (const naming of (namingsOf.get(author) ?? []).slice(0, maxRecoveryKeys)) {
      const { key } = naming
      // What it or a senior took in is a device and stays one; a key has one seat, the first.
      if (rank.has(key) || own.has(key) || keys.has(key) || keys.size >= maxRecoveryKeys) continue
      if (beyond(naming) || !allows(naming, 'admin') || !isSound(key)) continue
      keys.set(key, naming)
      keyRank.set(key, above - 1 + keys.size / (maxRecoveryKeys + 1))
      seatKeys(key, above)
    }
  }

  const order: { readonly device: DeviceId; readonly taken: Adding | undefined }[] = []
  if (founder !== undefined) take(founder, undefined)
  // Grows while it is walked: whom a device took in stands behind all that stood there before.
  for (const { device, taken } of order) {
    places.set(device, placeOf(device, taken))
    seatKeys(device, rank.get(device) as number)
    // Once more: the keys are above it, and say what it may from now on.
    if (keys.size > 0) places.set(device, placeOf(device, taken))
    for (const each of addsOf.get(device) ?? []) {
      if (!beyond(each) && allows(each, 'member')) take(each.add.device, each)
    }
  }

  return {
    rank,
    keys,
    stands: (author) => rank.has(author) || keys.has(author),
    seniority: (author) => keyRank.get(author) ?? rank.get(author) ?? Number.POSITIVE_INFINITY,
    role: (device) => places.get(device)?.role,
    allows,
    silentFrom(device) {
      const { role, present } = places.get(device) ?? {}
      return role === 'observer' ? present?.cut : undefined
    },
    words: (device) => places.get(device)?.live ?? [],
    pillars(device) {
      const naming = keys.get(device)
      if (naming) return [naming]
      const place = places.get(device)
      return place ? [...(place.taken ? [place.taken] : []), ...place.given] : []
    },
  }
}

const noHash = new Uint8Array(8)
