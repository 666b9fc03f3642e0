/**
 * The roster as this device sees it (rules RS1 to RS7): who belongs, what they are called and what
 * they can do, kept up with the roster's logs. The roster itself is a session; its
 * fold stands in shared/roster.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, deviceId, idBytes, type SessionId, sessionId } from '@baton/shared/ids'
import { nextHash, startHead } from '@baton/shared/log/chain'
import { type Dep, depHashBytes } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { At } from '@baton/shared/model/agent-entries'
import type { Primitives } from '@baton/shared/primitives'
import type { Role } from '@baton/shared/roster/authority'
import {
  mintRoster,
  type RosterAdd,
  rosterAddPayload,
  rosterRenamePayload,
} from '@baton/shared/roster/entries'
import { foldRoster, type Roster } from '@baton/shared/roster/fold'
import { type DeviceRecord, deviceRecordPayload } from '@baton/shared/roster/record'
import { placeKey, type RosterEntry } from '@baton/shared/roster/said'
import {
  appendRemoval,
  appendRole,
  checkAdding,
  checkRemoval,
  checkRole,
  heldOf,
  keysNamedBy,
  newCuts,
  roleCut,
} from './authority.ts'
import type { PairedPeer } from './pairing/ports.ts'
import type { Clock, Keyring, Random } from './ports/platform.ts'
import type { Store } from './ports/store.ts'
import { nameKey } from './repo/keys.ts'
import type { Appender, Repository } from './repo/repository.ts'
import { entriesOf } from './repo/rows.ts'

export interface DevicesPorts {
  readonly repository: Repository
  readonly store: Store
  readonly keyring: Keyring
  readonly primitives: Primitives
  readonly clock: Clock
  readonly random: Random
  readonly name: string
  readonly platform: string
  /** What this device can do, as found at start. */
  readonly record: DeviceRecord
}

export interface Devices {
  /** Undefined while this device never paired. */
  session(): SessionId | undefined
  roster(): Roster
  /** Id of the roster, and whether another device is in it: what pairing asks. */
  facts(): { readonly id: Bytes; readonly populated: boolean }
  isMember(device: DeviceId): boolean
  /** It was in the roster and is not any more. */
  isRemoved(device: DeviceId): boolean
  /**
   * No link to it: it was removed. Not so for one that was removed itself while there is a recovery
   * key: it keeps the roster, and nothing else, with the others that were, to hear that they are back.
   */
  isShut(device: DeviceId): boolean
  /** It may hold the roster: a member, or both were removed. */
  hasRoster(device: DeviceId): boolean
  /** A key that may write in the roster and is no device. */
  isRecoveryKey(author: DeviceId): boolean
  /** Takes in a paired device, durably; does nothing for a member. Throws `revoked` or `not-permitted`. */
  add(peer: PairedPeer): Promise<void>
  /** Tells the others which keys this device has and what it can do, unless they know. */
  describe(): Promise<void>
  /** Names a device for all of them, durably. Throws `not-paired` for one that is not in the roster. */
  rename(device: DeviceId, name: string): Promise<void>
  /**
   * Revokes a device, durably: what it wrote beyond what this one holds counts nowhere. Of one that is
   * revoked already, what else this one holds counts from then on. Throws `revoked`, `not-paired` or
   * `not-permitted`.
   */
  remove(device: DeviceId): Promise<void>
  /** Durable. Throws `revoked`, `not-paired` or `not-permitted`. */
  setRole(device: DeviceId, role: Role): Promise<void>
  /** Goes on with the roster of an inviter; does nothing when it is this one already. */
  adopt(roster: Bytes): Promise<void>
  /** Reads the roster's logs again. */
  refresh(): Promise<void>
  /** The entries of the roster as they were last read. */
  entries(): readonly RosterEntry[]
  /** The chain hash of an entry that gives a role or revokes, 32 bytes. */
  hashAt(at: At): Bytes | undefined
  /** Names of such entries for one that takes their place. */
  depsOf(places: readonly At[]): readonly Dep[]
}

/** What later entries name earlier ones of. */
const namedKinds: ReadonlySet<number> = new Set([kinds.rosterRole, kinds.rosterRevoke])

const rosterKey = nameKey('roster')

export async function openDevices(ports: DevicesPorts): Promise<Devices> {
  const { repository, store, primitives, keyring } = ports
  const self = deviceId(keyring.device)
  const minted = mintRoster(
    primitives.sha256,
    self,
    (length) => ports.random.bytes(length),
    ports.clock.now(),
  )
  const row = await store.get(rosterKey)
  let session = row && sessionId(row)
  let roster: Roster = foldRoster(primitives.sha256, session ?? minted.session, [])
  /** Chain hashes of entries that later ones name, by place. */
  let hashes = new Map<string, Bytes>()
  let read: readonly RosterEntry[] = []

  /** One at a time: an earlier look must not undo what a later one saw. */
  let tail: Promise<void> = Promise.resolve()
  function refresh(): Promise<void> {
    const looked = tail.then(look)
    tail = looked.catch(() => undefined)
    return looked
  }

  async function look(): Promise<void> {
    if (!session) return
    const entries: RosterEntry[] = []
    const found = new Map<string, Bytes>()
    for (const { log } of repository.heads(session)) {
      let { hash } = startHead(primitives.sha256, log)
      for await (const delta of repository.read(log, 0)) {
        for (const { seq, entry, body } of entriesOf(delta)) {
          hash = nextHash(primitives.sha256, hash, body)
          if (!entry) continue
          entries.push({ log, entry })
          if (namedKinds.has(entry.kind)) found.set(placeKey({ log, seq }), hash)
        }
      }
    }
    hashes = found
    read = entries
    roster = foldRoster(primitives.sha256, session, entries)
  }

  /** This device as the roster tells of it. */
  function ownAdd(): RosterAdd {
    return {
      device: self,
      exchange: keyring.exchange,
      name: ports.name,
      platform: ports.platform,
      addedAt: ports.clock.now(),
      pairing: new Uint8Array(32),
    }
  }

  async function add(peer: PairedPeer): Promise<void> {
    const device = deviceId(peer.device)
    if (roster.devices.has(device)) return
    checkAdding(roster, self, device)
    const begins = session === undefined
    const target = session ?? minted.session
    const entry: RosterAdd = {
      device,
      exchange: peer.exchange,
      name: peer.name,
      platform: peer.platform,
      addedAt: ports.clock.now(),
      pairing: peer.hash,
    }
    await repository.write(
      target,
      (to) => {
        if (!roster.devices.has(self)) to.append(kinds.rosterAdd, rosterAddPayload(ownAdd()))
        to.append(kinds.rosterAdd, rosterAddPayload(entry))
        if (!describes()) to.append(kinds.row, deviceRecordPayload(ports.record))
        return [{ put: rosterKey, value: idBytes(target) }]
      },
      begins ? minted.descriptor : undefined,
    )
    session = target
    await refresh()
  }

  const isShut = (device: DeviceId): boolean =>
    roster.removed.has(device) && !(roster.removed.has(self) && roster.recoveryAuthors.size > 0)

  const depsOf = (places: readonly At[]): readonly Dep[] =>
    places.flatMap((at) => {
      const hash = hashes.get(placeKey(at))
      return hash ? [{ ...at, hash: hash.slice(0, depHashBytes) }] : []
    })

  function endKeys(to: Appender, device: DeviceId): void {
    for (const key of keysNamedBy(roster, device)) {
      appendRemoval(to, key, heldOf(repository, key))
    }
  }

  /** True when the roster says of this device what it is. */
  const describes = (): boolean =>
    JSON.stringify(roster.devices.get(self)?.record) === JSON.stringify(ports.record)

  await refresh()
  return {
    session: () => session,
    roster: () => roster,
    facts: () => ({
      id: idBytes(session ?? minted.session),
      populated: [...roster.devices.keys()].some((device) => device !== self),
    }),
    isMember: (device) => roster.devices.has(device),
    isRemoved: (device) => roster.removed.has(device),
    isShut,
    hasRoster: (device) =>
      roster.devices.has(device) || (roster.removed.has(device) && !isShut(device)),
    isRecoveryKey: (author) =>
      roster.recoveryAuthors.has(author) &&
      !roster.devices.has(author) &&
      !roster.removed.has(author),
    add,
    async describe() {
      const own = roster.devices.get(self)
      if (!session || !own || (own.ownKeys && describes())) return
      await repository.write(session, (to) => {
        if (!own.ownKeys) to.append(kinds.rosterAdd, rosterAddPayload(ownAdd()))
        if (!describes()) to.append(kinds.row, deviceRecordPayload(ports.record))
        return []
      })
      await refresh()
    },
    async rename(device, name) {
      const known = roster.devices.get(device)
      if (!session || !known) {
        throw new BatonError(
          'not-paired',
          'failed to rename: no such device is paired with this one',
        )
      }
      if (known.name === name) return
      await repository.write(session, (to) => {
        to.append(kinds.rosterRename, rosterRenamePayload({ device, name }))
        return []
      })
      await refresh()
    },
    async remove(device) {
      checkRemoval(roster, self, device)
      const cut = newCuts(roster, device, heldOf(repository, device))
      if (!session || (roster.removed.has(device) && cut.length === 0)) return
      await repository.write(session, (to) => {
        appendRemoval(to, device, cut)
        if (device !== self) endKeys(to, device)
        return []
      })
      await refresh()
    },
    async setRole(device, role) {
      checkRole(roster, self, device, role)
      const known = roster.devices.get(device)
      if (!session || known?.role === role) return
      const cut = roleCut(repository, device, session, role)
      await repository.write(session, (to) => {
        appendRole(to, { device, role, cut }, depsOf(known?.roleSaid ?? []))
        // A key that it named is above it: in a thief's hand it would make it an admin again.
        if (device !== self && role !== 'admin') endKeys(to, device)
        return []
      })
      await refresh()
    },
    async adopt(id) {
      const next = sessionId(id)
      if (session === next) return
      await store.write([{ put: rosterKey, value: id }])
      await store.flush()
      session = next
      await refresh()
    },
    refresh,
    entries: () => read,
    hashAt: (at) => hashes.get(placeKey(at)),
    depsOf,
  }
}
