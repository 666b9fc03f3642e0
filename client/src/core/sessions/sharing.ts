/**
 * Who may hold which session (rules GR1 to GR4): its author, and the devices that the author's grants
 * name. It follows the claims of the repository, so the answer is in memory and right the moment an
 * entry is stored; no transcript is folded for it.
 */
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeGrant, type GrantKind, parseGrant } from '@baton/shared/model/agent-entries'
import { readBeginning, type SessionDescriptor } from '@baton/shared/model/beginning'
import type { Sha256 } from '@baton/shared/primitives'
import type { Claim } from '../repo/reading.ts'
import type { Repository } from '../repo/repository.ts'

export interface Sharing {
  /** Undefined while its beginning is not held, and for what is no agent session. */
  author(session: SessionId): DeviceId | undefined
  /** What the session is, as its author says. */
  descriptor(session: SessionId): SessionDescriptor | undefined
  members(session: SessionId): ReadonlySet<DeviceId>
  /** True when this device and `device` both may hold it. */
  isShared(session: SessionId, device: DeviceId): boolean
  sharedWith(device: DeviceId): readonly SessionId[]
  /** Sessions that this device shares with anyone. */
  sharedByAny(): readonly SessionId[]
  /** May `peer` bring here what `writer` wrote? The author's own entries say who may, so they always may. */
  accepts(session: SessionId, peer: DeviceId, writer: DeviceId): boolean
  /**
   * Durable when it resolves; nothing when the device has that right, or a wider one, already. Throws
   * `not-permitted`.
   */
  grant(session: SessionId, device: DeviceId, kind?: GrantKind): Promise<void>
  /** Members of a session changed. */
  onChange(handler: (session: SessionId) => void): void
}

interface Known {
  author: DeviceId | undefined
  descriptor: SessionDescriptor | undefined
  /** Whom each device granted; only the author's count. */
  readonly grants: Map<DeviceId, Map<DeviceId, GrantKind>>
  members: ReadonlySet<DeviceId>
}

const nobody: ReadonlySet<DeviceId> = new Set()

export async function openSharing(repository: Repository, sha256: Sha256): Promise<Sharing> {
  const self = repository.device
  const known = new Map<SessionId, Known>()
  const handlers = new Set<(session: SessionId) => void>()
  let byDevice = new Map<DeviceId, readonly SessionId[]>()

  function take({ log, entry }: Claim): void {
    const { session, device } = splitLogId(log)
    const facts = known.get(session) ?? {
      author: undefined,
      descriptor: undefined,
      grants: new Map(),
      members: nobody,
    }
    known.set(session, facts)
    if (entry.kind === kinds.genesis) {
      const beginning = readBeginning(sha256, log, entry)
      if (beginning.at === 'read' && beginning.descriptor) {
        facts.author = device
        facts.descriptor ??= beginning.descriptor
      }
    } else {
      const grant = parseGrant(entry.payload)
      if (!grant) return
      const granted = facts.grants.get(device) ?? new Map<DeviceId, GrantKind>()
      facts.grants.set(device, granted)
      if (granted.get(grant.device) !== 'mirror') granted.set(grant.device, grant.kind)
    }
    const { author } = facts
    const members = author ? new Set([author, ...(facts.grants.get(author)?.keys() ?? [])]) : nobody
    if (members.size === facts.members.size) return
    facts.members = members
    byDevice = new Map()
    for (const handler of [...handlers]) handler(session)
  }

  for await (const claim of repository.claims()) take(claim)
  repository.onClaim(take)

  const members = (session: SessionId) => known.get(session)?.members ?? nobody
  const isShared = (session: SessionId, device: DeviceId) =>
    members(session).has(device) && members(session).has(self)

  return {
    author: (session) => known.get(session)?.author,
    descriptor: (session) => known.get(session)?.descriptor,
    members,
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
      const author = known.get(session)?.author
      return author === undefined || writer === author || members(session).has(peer)
    },
    async grant(session, device, kind = 'copy') {
      const author = known.get(session)?.author
      const has =
        author &&
        (author === device ? 'mirror' : known.get(session)?.grants.get(author)?.get(device))
      if (has === kind || has === 'mirror') return
      if (author === undefined) {
        throw new BatonError('not-found', 'failed to share: nothing of the session is complete', {
          hint: 'its agent has not finished the first line yet; send it again then',
        })
      }
      if (author !== self) {
        throw new BatonError('not-permitted', 'failed to share: another device began the session', {
          hint: 'send it from the device where it was begun; that one can share it with any other',
        })
      }
      await repository.write(session, (to) => {
        to.append(kinds.grant, encodeGrant({ device, kind }))
        return []
      })
    },
    onChange(handler) {
      handlers.add(handler)
    },
  }
}
