/**
 * Whom a session lets in (rules GR1, GR5): its author, and whom a device lets in that may do so itself.
 * Grants carry no epoch and are never taken back, so the order in which they came does not matter, nor
 * who holds the session: a device that was trusted with all of it once is one of the same person's.
 * What it says after it was removed, or made an observer, stands beyond its cut and is not among these.
 */
import type { DeviceId } from '../ids.ts'
import type { GrantKind, GrantPayload } from '../model/agent-entries.ts'

/** Each wider than the one before. */
const kindsUp: readonly GrantKind[] = ['copy', 'mirror', 'full']

/** True when a device with `has` gains nothing by `kind`. */
export const includes = (has: GrantKind | undefined, kind: GrantKind): boolean =>
  has !== undefined && kindsUp.indexOf(has) >= kindsUp.indexOf(kind)

export interface Rights {
  /** What each device that was let in may do; the author may do all. */
  readonly has: ReadonlyMap<DeviceId, GrantKind>
  /** The entry of its first word: who began the session. True when that says anything new. */
  begin(author: DeviceId): boolean
  /** Takes a grant of a device, whoever it is. True when somebody may do more by it. */
  take(by: DeviceId, grant: GrantPayload): boolean
}

export function createRights(): Rights {
  const has = new Map<DeviceId, GrantKind>()
  /** All that was said, by who said it: it may be let in later. */
  const said = new Map<DeviceId, Map<DeviceId, GrantKind>>()

  function give(device: DeviceId, kind: GrantKind): boolean {
    if (includes(has.get(device), kind)) return false
    const open: [DeviceId, GrantKind][] = [[device, kind]]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [whom, wider] = next
      if (includes(has.get(whom), wider)) continue
      has.set(whom, wider)
      if (wider === 'full') open.push(...(said.get(whom) ?? []))
    }
    return true
  }

  return {
    has,
    begin: (author) => give(author, 'full'),
    take(by, { device, kind }) {
      const own = said.get(by) ?? new Map<DeviceId, GrantKind>()
      said.set(by, own)
      if (!includes(own.get(device), kind)) own.set(device, kind)
      return has.get(by) === 'full' && give(device, kind)
    },
  }
}
