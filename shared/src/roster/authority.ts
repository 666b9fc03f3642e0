/**
 * Entries that give a role to a device of the roster, or revoke it (rule RO9). Both say up to where
 * they saw its logs: what it wrote beyond that is judged by them. Payloads may grow at their end.
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { anyField, bytesField, seqField } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import {
  type DeviceId,
  deviceId,
  deviceIdBytes,
  idBytes,
  type LogId,
  logId,
  logIdBytes,
  splitLogId,
} from '../ids.ts'
import { maxCutLogs } from '../limits.ts'
import { depHashBytes } from '../log/entry.ts'

/** Admins take in and remove devices and give roles; members take in; observers only read. */
export const roles = ['observer', 'member', 'admin'] as const
export type Role = (typeof roles)[number]

/** How far a log of the device was held by whoever says so. */
export interface CutLog {
  readonly log: LogId
  readonly seq: number
  /** The first 8 bytes of the chain hash there. */
  readonly hash: Bytes
}

export interface RosterRole {
  readonly device: DeviceId
  readonly role: Role
  /** Of its logs in this roster; for an observer of all its logs, since none of them goes on. */
  readonly cut: readonly CutLog[]
}

export interface RosterRevoke {
  readonly device: DeviceId
  /** Of all its logs; those that are not named count from nothing on. */
  readonly cut: readonly CutLog[]
}

const cutField = z
  .array(z.tuple([bytesField(logIdBytes), seqField, bytesField(depHashBytes)], anyField))
  .check(z.maxLength(maxCutLogs))
const roleSchema = z.tuple([bytesField(deviceIdBytes), z.enum(roles), cutField], anyField)
const revokeSchema = z.tuple([bytesField(deviceIdBytes), cutField], anyField)

const cutValue = (cut: readonly CutLog[]): Value =>
  cut.map(({ log, seq, hash }): Value => [idBytes(log), seq, hash])

export const rosterRolePayload = ({ device, role, cut }: RosterRole): Value => [
  idBytes(device),
  role,
  cutValue(cut),
]

export const rosterRevokePayload = ({ device, cut }: RosterRevoke): Value => [
  idBytes(device),
  cutValue(cut),
]

/** Throws `invalid`. */
export function parseRosterRole(payload: Value): RosterRole {
  const parsed = roleSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a role: wrong shape')
  const [device, role, cut] = parsed.data
  return { device: deviceId(device), role, cut: cutOf(deviceId(device), cut) }
}

/** Throws `invalid`. */
export function parseRosterRevoke(payload: Value): RosterRevoke {
  const parsed = revokeSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a removal: wrong shape')
  const [device, cut] = parsed.data
  return { device: deviceId(device), cut: cutOf(deviceId(device), cut) }
}

function cutOf(device: DeviceId, cut: z.infer<typeof cutField>): CutLog[] {
  return cut.map(([id, seq, hash]) => {
    const log = logId(id)
    if (splitLogId(log).device !== device) {
      throw new BatonError('invalid', 'failed to read a cut: it names a log of another device')
    }
    return { log, seq, hash }
  })
}
