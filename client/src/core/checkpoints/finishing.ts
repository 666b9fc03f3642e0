/**
 * The last step of a checkpoint (rules CX4, CX11): once all who share the session have it on their
 * disks, a drop says that what it names may go. Who is away is waited for only so long, and the next
 * time not at all until it is heard of again.
 */
import { utf8Decode, utf8Encode } from '@baton/shared/bytes'
import { decode, encode } from '@baton/shared/encoding/msgpack'
import {
  type DeviceId,
  deviceId,
  idBytes,
  type LogId,
  logId,
  type SessionId,
} from '@baton/shared/ids'
import { laggardMs, maxCheckpointLogs } from '@baton/shared/limits'
import type { SignedHead } from '@baton/shared/log/chain'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { Clock } from '../ports/platform.ts'
import type { Store, Write } from '../ports/store.ts'
import { ackKey, nameKey, under } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from '../sessions/sharing.ts'

export interface FinishingPorts {
  readonly repository: Repository
  readonly store: Store
  readonly sharing: Sharing
  readonly clock: Clock
  /** What a device that is, or was, linked acknowledged as durable; undefined for another. */
  readonly links: { ackedTo(device: DeviceId, log: LogId): number | undefined }
  /** One that was removed from the roster is not waited for. */
  readonly devices: { isRemoved(device: DeviceId): boolean }
}

/** A checkpoint that not everyone is known to have. */
export interface Pending {
  /** Of the last checkpoint entry. */
  readonly place: Dep
  readonly heads: readonly SignedHead[]
  /** ms since 1970. */
  readonly since: number
}

export interface Finishing {
  /** By session. */
  readonly open: ReadonlyMap<SessionId, Pending>
  /** The row that says so, and what to do once it is written. */
  begin(session: SessionId, pending: Pending): { row: Write; apply(): void }
  /** Writes the drop of a session's checkpoint if it is time. */
  finish(session: SessionId): Promise<void>
}

/** Who was away when a drop was written, and the checkpoint that it had not acknowledged. */
interface Away {
  readonly devices: ReadonlySet<DeviceId>
  readonly place: Pick<Dep, 'log' | 'seq'>
}

const prefix = 'checkpoint/'
const openKey = (session: SessionId) => nameKey(`${prefix}${session}`)
const awayKey = (session: SessionId) => nameKey(`away/${session}`)

export async function openFinishing(ports: FinishingPorts): Promise<Finishing> {
  const { repository, store, sharing, clock } = ports
  const open = new Map<SessionId, Pending>()
  for await (const [key, row] of store.list(under('m', utf8Encode(prefix)))) {
    open.set(utf8Decode(key.slice(1 + prefix.length)) as SessionId, readPending(row))
  }

  async function hasUpTo(device: DeviceId, { log, seq }: Away['place']): Promise<boolean> {
    if ((ports.links.ackedTo(device, log) ?? 0) >= seq) return true
    const row = await store.get(ackKey(device, log))
    return row !== undefined && readU64(row) >= seq
  }

  /** What is said again, and all of what it was said again from: so it saw that both are the same. */
  async function hasAll(device: DeviceId, { place, heads }: Pending): Promise<boolean> {
    if (!(await hasUpTo(device, place))) return false
    for (const head of heads) {
      // What is behind a fork goes nowhere, and nobody acknowledges it.
      const stays = repository.forks.of(head.log) !== undefined
      const gone = (repository.dropped(head.log)?.seq ?? 0) >= head.seq
      // A copy said more of it again: what is not held here nobody can acknowledge to this device.
      const isLess = (repository.head(head.log)?.seq ?? 0) < head.seq
      if (!gone && !stays && !isLess && !(await hasUpTo(device, head))) return false
    }
    return true
  }

  async function awayIn(session: SessionId): Promise<Away | undefined> {
    const row = await store.get(awayKey(session))
    return row && readAway(row)
  }

  /** Those that do not have it all; undefined while one of them is waited for. */
  async function missing(session: SessionId, pending: Pending): Promise<DeviceId[] | undefined> {
    const isLate = clock.now() - pending.since >= laggardMs
    let before: Away | undefined
    const without: DeviceId[] = []
    for (const device of sharing.members(session)) {
      if (device === repository.device || ports.devices.isRemoved(device)) continue
      if (await hasAll(device, pending)) continue
      before ??= await awayIn(session)
      const isAway = before?.devices.has(device) && !(await hasUpTo(device, before.place))
      if (!isLate && !isAway) return undefined
      without.push(device)
    }
    return without
  }

  return {
    open,
    begin: (session, pending) => ({
      row: { put: openKey(session), value: pendingValue(pending) },
      apply: () => void open.set(session, pending),
    }),
    async finish(session) {
      const pending = open.get(session)
      const without = pending && (await missing(session, pending))
      if (!pending || !without) return
      const { place, heads } = pending
      const away: Write =
        without.length > 0
          ? { put: awayKey(session), value: awayValue({ devices: new Set(without), place }) }
          : { delete: awayKey(session) }
      await repository.write(session, (to) => {
        for (const part of partsOf(heads)) to.append(kinds.drop, encodeCheckpoint(part), [place])
        return [{ delete: openKey(session) }, away]
      })
      open.delete(session)
    },
  }
}

export function* partsOf(heads: readonly SignedHead[]): Generator<readonly SignedHead[]> {
  for (let at = 0; at < heads.length; at += maxCheckpointLogs) {
    yield heads.slice(at, at + maxCheckpointLogs)
  }
}

const readU64 = (row: Uint8Array): number =>
  Number(new DataView(row.buffer, row.byteOffset).getBigUint64(0))

const awayValue = ({ devices, place }: Away) =>
  encode([[...devices].map(idBytes), idBytes(place.log), place.seq])

/** Of a row of this device's own store, as all here. */
function readAway(row: Uint8Array): Away {
  const form = decode(row.slice()) as unknown as [Uint8Array[], Uint8Array, number]
  const [devices, log, seq] = form
  return { devices: new Set(devices.map(deviceId)), place: { log: logId(log), seq } }
}

const pendingValue = ({ place, heads, since }: Pending) =>
  encode([
    since,
    [idBytes(place.log), place.seq, place.hash],
    heads.map(({ log, seq, hash, signature }) => [idBytes(log), seq, hash, signature]),
  ])

type PendingForm = [
  number,
  [Uint8Array, number, Uint8Array],
  [Uint8Array, number, Uint8Array, Uint8Array][],
]

function readPending(row: Uint8Array): Pending {
  const [since, [log, seq, hash], heads] = decode(row.slice()) as unknown as PendingForm
  return {
    since,
    place: { log: logId(log), seq, hash },
    heads: heads.map(([of, at, h, signature]) => ({ log: logId(of), seq: at, hash: h, signature })),
  }
}
