/** Who holds a document, in its cache (rules DX1, LE11): what was said of it, and how entries were judged. */
import type { Bytes } from '../bytes.ts'
import type { Value } from '../encoding/msgpack.ts'
import { deviceId, idBytes } from '../ids.ts'
import { encodeAccept, encodeLease, parseAccept, parseLease } from '../model/lease-entries.ts'
import type { DocumentState } from './document.ts'
import { addLease, type HoldingReason, type Lease } from './leases.ts'
import type { LogTable, ReadLogs } from './log-table.ts'

type Held = Pick<DocumentState, 'session' | 'leases' | 'judged'>
type PlaceForm = readonly [number, number]
export type LeasesForm = readonly [
  leases: [PlaceForm, Bytes, PlaceForm[], Value][],
  readies: [string, Bytes][],
  accepts: [string, [Bytes, Value][]][],
  declines: [string, Bytes[]][],
  judged: [number, number, number, number, HoldingReason | null][],
]

export const leasesValue = ({ leases, judged }: Held, table: LogTable): Value => [
  [...leases.leases.values()]
    .flat()
    .map(
      (lease): Value => [
        [table.at(lease.log), lease.seq],
        lease.hash,
        lease.deps.map(({ log, seq }): Value => [table.at(log), seq]),
        encodeLease(lease),
      ],
    ),
  [...leases.readies].map(([key, device]): Value => [key, idBytes(device)]),
  [...leases.accepts].map(
    ([key, known]): Value => [
      key,
      [...known].map(([device, vector]): Value => [idBytes(device), encodeAccept({ vector })]),
    ],
  ),
  [...leases.declines].map(([key, devices]): Value => [key, [...devices].map(idBytes)]),
  [...judged].flatMap(([log, epochs]) =>
    [...epochs].map(
      ([epoch, { last, first, reason }]): Value => [
        table.at(log),
        epoch,
        last,
        first,
        reason ?? null,
      ],
    ),
  ),
]

/** Fills what was said; `judgedAs` what was judged by it. */
export function readLeases(
  { session, leases }: Held,
  [all, readies, accepts, declines]: LeasesForm,
  logs: ReadLogs,
): void {
  const place = ([at, seq]: PlaceForm) => ({ log: logs.at(at).log, seq })
  for (const [at, hash, deps, payload] of all) {
    const parsed = parseLease(session, payload)
    if (!parsed) continue
    const { log, seq } = place(at)
    const { device } = logs.at(at[0])
    const lease: Lease = { ...parsed, log, seq, device, hash: hash.slice(), deps: deps.map(place) }
    addLease(leases, lease)
  }
  for (const [key, device] of readies) leases.readies.set(key, deviceId(device))
  for (const [key, known] of accepts) {
    const vectors = known.flatMap(([device, form]) => {
      const accept = parseAccept(session, form)
      return accept ? [[deviceId(device), accept.vector] as const] : []
    })
    leases.accepts.set(key, new Map(vectors))
  }
  for (const [key, devices] of declines) leases.declines.set(key, new Set(devices.map(deviceId)))
}

export function readJudged({ judged }: Held, [, , , , forms]: LeasesForm, logs: ReadLogs): void {
  for (const [at, epoch, last, first, reason] of forms) {
    const { log } = logs.at(at)
    const epochs = judged.get(log) ?? new Map()
    judged.set(log, epochs.set(epoch, { last, first, reason: reason ?? undefined }))
  }
}
