/**
 * Who may hold which session (rules GR1 to GR6): its author, whom the author lets in, and whom those
 * let in that may. It follows the claims of the repository, so the answer is in memory and right the
 * moment an entry is stored; no transcript is folded for it.
 */
import { cutReason } from '@baton/shared/conflict/cuts'
import { createRights, includes, type Rights } from '@baton/shared/conflict/grants'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import {
  type At,
  encodeGrant,
  type GrantKind,
  type GrantPayload,
  parseGrant,
} from '@baton/shared/model/agent-entries'
import { readBeginning, type SessionDescriptor } from '@baton/shared/model/beginning'
import type { Sha256 } from '@baton/shared/primitives'
import { type CutKeeper, cutOf } from '../repo/cuts.ts'
import type { Claim } from '../repo/reading.ts'
import type { Repository } from '../repo/repository.ts'

export interface Sharing {
  /** Undefined while its beginning is not held, and for what is no agent session. */
  author(session: SessionId): DeviceId | undefined
  /** What the session is, as its author says. */
  descriptor(session: SessionId): SessionDescriptor | undefined
  members(session: SessionId): ReadonlySet<DeviceId>
  /** What a device may do in it; undefined for one that was not let in. */
  right(session: SessionId, device: DeviceId): GrantKind | undefined
  /** True when this device and `device` both may hold it. */
  isShared(session: SessionId, device: DeviceId): boolean
  sharedWith(device: DeviceId): readonly SessionId[]
  /** Sessions that this device shares with anyone. */
  sharedByAny(): readonly SessionId[]
  /**
   * May `peer` bring here what `writer` wrote? The entries of those that let others in say who may, so
   * they always may.
   */
  accepts(session: SessionId, peer: DeviceId, writer: DeviceId): boolean
  /** Throws what `grant` would for a device that gains by it; undefined: one of somebody else. */
  checkGrant(session: SessionId, device: DeviceId | undefined, kind?: SharedKind): void
  /**
   * Durable when it resolves; nothing when the device has that right, or a wider one, already. Throws
   * `not-found` and `not-permitted`.
   */
  grant(session: SessionId, device: DeviceId, kind?: SharedKind): Promise<void>
  /** Who may do what in a session changed. */
  onChange(handler: (session: SessionId) => void): void
}

/** A device of the same person that may write may let others in, too. */
export type SharedKind = Exclude<GrantKind, 'full'>

export interface SharingPorts {
  readonly repository: Repository
  readonly cuts: CutKeeper
  readonly sha256: Sha256
  /** Whether a device belongs to the person whose this one is. */
  isOwn(device: DeviceId): boolean
}

interface Granted extends At {
  readonly by: DeviceId
  readonly grant: GrantPayload
}

interface Known {
  author: DeviceId | undefined
  descriptor: SessionDescriptor | undefined
  readonly grants: Granted[]
  rights: Rights
  members: ReadonlySet<DeviceId>
}

const nobody: ReadonlySet<DeviceId> = new Set()

export async function openSharing(ports: SharingPorts): Promise<Sharing> {
  const { repository, cuts, sha256 } = ports
  const self = repository.device
  const known = new Map<SessionId, Known>()
  const handlers = new Set<(session: SessionId) => void>()
  let byDevice = new Map<DeviceId, readonly SessionId[]>()

  function take({ log, entry }: Claim): void {
    const { session, device } = splitLogId(log)
    const fresh = { author: undefined, descriptor: undefined, grants: [], members: nobody }
    const facts = known.get(session) ?? { ...fresh, rights: createRights() }
    known.set(session, facts)
    if (entry.kind === kinds.genesis) {
      const beginning = readBeginning(sha256, log, entry)
      if (beginning.at !== 'read' || !beginning.descriptor) return
      facts.descriptor ??= beginning.descriptor
      if (facts.author === device) return
      facts.author = device
      judge(facts)
      tell(session, facts)
    } else {
      const grant = parseGrant(entry.payload)
      if (!grant) return
      const said = { log, seq: entry.seq, by: device, grant }
      facts.grants.push(said)
      if (counts(facts, said) && facts.rights.take(device, grant)) tell(session, facts)
    }
  }

  /** What a device said after it was removed, or made an observer, lets nobody in. */
  function counts({ author }: Known, { by, log, seq }: Granted): boolean {
    const reason = by === author ? undefined : cutReason(cuts.now(), log, seq)
    return reason === undefined || reason === 'forked'
  }

  function judge(facts: Known): void {
    facts.rights = createRights()
    if (facts.author) facts.rights.begin(facts.author)
    for (const said of facts.grants) if (counts(facts, said)) facts.rights.take(said.by, said.grant)
  }

  function tell(session: SessionId, facts: Known): void {
    facts.members = new Set(facts.rights.has.keys())
    byDevice = new Map()
    for (const handler of [...handlers]) handler(session)
  }

  function judgeAnew(): void {
    for (const [session, facts] of known) {
      const before = facts.rights.has
      judge(facts)
      const { has } = facts.rights
      const isSame =
        has.size === before.size && [...has].every(([d, kind]) => before.get(d) === kind)
      if (!isSame) tell(session, facts)
    }
  }

  for await (const claim of repository.claims()) take(claim)
  repository.onClaim(take)
  cuts.onChange(judgeAnew)

  const members = (session: SessionId) => known.get(session)?.members ?? nobody
  const right = (session: SessionId, device: DeviceId) => known.get(session)?.rights.has.get(device)
  const isShared = (session: SessionId, device: DeviceId) =>
    members(session).has(device) && members(session).has(self)
  const widest = (device: DeviceId, kind: SharedKind): GrantKind =>
    kind === 'mirror' && ports.isOwn(device) ? 'full' : kind

  function checkGrant(
    session: SessionId,
    device: DeviceId | undefined,
    kind: SharedKind = 'copy',
  ): void {
    if (device && includes(right(session, device), widest(device, kind))) return
    const author = known.get(session)?.author
    if (author === undefined) {
      throw new BatonError('not-found', 'failed to share: nothing of the session is complete', {
        hint: 'its agent has not finished the first line yet; send it again then',
      })
    }
    if (cutOf(cuts.now(), session, self)) {
      throw new BatonError(
        'not-permitted',
        'failed to share: what this device says counts no longer',
        {
          hint: 'it was removed or is an observer; share it from another device that holds it',
        },
      )
    }
    if (author === self) return
    if (right(session, self) !== 'full') {
      throw new BatonError('not-permitted', 'failed to share: this device may not let others in', {
        hint: 'do it from the device where it was begun, or from one that it was handed to',
      })
    }
    if (device && ports.isOwn(device)) return
    throw new BatonError('not-permitted', 'failed to share: that device is not one of yours', {
      hint: 'only the device where the session was begun lets in devices of others',
    })
  }

  return {
    author: (session) => known.get(session)?.author,
    descriptor: (session) => known.get(session)?.descriptor,
    members,
    right,
    isShared,
    sharedWith(device) {
      const listed = byDevice.get(device)
      if (listed) return listed
      const sessions = [...known.keys()].filter((session) => isShared(session, device))
      byDevice.set(device, sessions)
      return sessions
    },
    sharedByAny: () =>
      [...known.keys()].filter((session) => isShared(session, self) && members(session).size > 1),
    accepts(session, peer, writer) {
      const facts = known.get(session)
      if (facts?.author === undefined) return true
      return facts.rights.has.get(writer) === 'full' || facts.members.has(peer)
    },
    checkGrant,
    async grant(session, device, kind = 'copy') {
      checkGrant(session, device, kind)
      const wanted = widest(device, kind)
      if (includes(right(session, device), wanted)) return
      await repository.write(session, (to) => {
        to.append(kinds.grant, encodeGrant({ device, kind: wanted }))
        return []
      })
    },
    onChange(handler) {
      handlers.add(handler)
    },
  }
}
