/**
 * Entries about a recovery key (rules RO16 to RO18): an admin names one, and the key itself says which
 * revocations do not count. It is the author of a log like a device, and no device. Payloads may
 * grow at their end.
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { anyField, bytesField, seqField } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { type DeviceId, deviceId, deviceIdBytes, idBytes, logId, logIdBytes } from '../ids.ts'
import { maxCutLogs } from '../limits.ts'
import { depHashBytes } from '../log/entry.ts'
import type { CutLog } from './authority.ts'

const namingSchema = z.tuple([bytesField(deviceIdBytes)], anyField)
const restoringSchema = z.tuple(
  [
    z
      .array(z.tuple([bytesField(logIdBytes), seqField, bytesField(depHashBytes)], anyField))
      .check(z.maxLength(maxCutLogs)),
  ],
  anyField,
)

export const rosterRecoveryPayload = (key: DeviceId): Value => [idBytes(key)]

/** The public key. Throws `invalid`. */
export function parseRosterRecovery(payload: Value): DeviceId {
  const parsed = namingSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a recovery key: wrong shape')
  return deviceId(parsed.data[0] as Bytes)
}

/** `places`: of revocations, at most 400. */
export const rosterRestorePayload = (places: readonly CutLog[]): Value => [
  places.map(({ log, seq, hash }): Value => [idBytes(log), seq, hash]),
]

/** Throws `invalid`. */
export function parseRosterRestore(payload: Value): CutLog[] {
  const parsed = restoringSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read what is undone: wrong shape')
  return parsed.data[0].map(([log, seq, hash]) => ({ log: logId(log), seq, hash }))
}
