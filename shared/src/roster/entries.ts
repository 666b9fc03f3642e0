/**
 * What stands in a roster (RO1): a session of kind 'roster' whose logs name the devices that belong
 * together. Payloads are arrays that may grow at their end.
 */
import * as z from 'zod/mini'
import type { Bytes } from '../bytes.ts'
import { anyField, bytesField, countField } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { type DeviceId, deviceId, deviceIdBytes, idBytes, type SessionId } from '../ids.ts'
import { maxRosterTextBytes } from '../limits.ts'
import type { Descriptor } from '../log/genesis.ts'
import { mintSessionId, sessionNonceBytes } from '../model/session-id.ts'
import type { Sha256 } from '../primitives.ts'

/** One device takes in another. A device also writes one about itself, as the roster's first does. */
export interface RosterAdd {
  readonly device: DeviceId
  /** X25519 public key, 32 bytes. */
  readonly exchange: Bytes
  /** As the device calls itself; untrusted text, to be cleaned where it is shown. */
  readonly name: string
  /** Like "linux, Node 20"; untrusted text. */
  readonly platform: string
  /** ms since 1970 by the author's clock. */
  readonly addedAt: number
  /** Transcript hash of the pairing, 32 bytes; zero for the device that adds itself. */
  readonly pairing: Bytes
}

const text = z.string().check(z.maxLength(maxRosterTextBytes))
const addSchema = z.tuple(
  [bytesField(deviceIdBytes), bytesField(32), text, text, countField, bytesField(32)],
  anyField,
)
const descriptorSchema = z.object({
  kind: z.literal('roster'),
  nonce: bytesField(sessionNonceBytes),
  created: countField,
})

export const rosterAddPayload = (add: RosterAdd): Value => [
  idBytes(add.device),
  add.exchange,
  add.name.slice(0, maxRosterTextBytes),
  add.platform.slice(0, maxRosterTextBytes),
  add.addedAt,
  add.pairing,
]

/** Throws `invalid`. */
export function parseRosterAdd(payload: Value): RosterAdd {
  const parsed = addSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a roster entry: wrong shape')
  const [device, exchange, name, platform, addedAt, pairing] = parsed.data
  return { device: deviceId(device), exchange, name, platform, addedAt, pairing }
}

/** One device names another, or itself, for all. */
export interface RosterRename {
  readonly device: DeviceId
  /** Untrusted text, to be cleaned where it is shown; never empty. */
  readonly name: string
}

const renameSchema = z.tuple([bytesField(deviceIdBytes), text.check(z.minLength(1))], anyField)

export const rosterRenamePayload = ({ device, name }: RosterRename): Value => [
  idBytes(device),
  name.slice(0, maxRosterTextBytes),
]

/** Throws `invalid`. */
export function parseRosterRename(payload: Value): RosterRename {
  const parsed = renameSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a new name: wrong shape')
  const [device, name] = parsed.data
  return { device: deviceId(device), name }
}

/**
 * A new roster: its id commits to the device that begins it, so that nobody else can claim to have.
 * `created` in ms since 1970.
 */
export function mintRoster(
  sha256: Sha256,
  founder: DeviceId,
  random: (length: number) => Bytes,
  created: number,
): { session: SessionId; descriptor: Descriptor } {
  const nonce = random(sessionNonceBytes)
  return {
    session: mintSessionId(sha256, founder, nonce),
    descriptor: { kind: 'roster', nonce, created },
  }
}

/** True when `descriptor`, in a log of `author`, is that of this very roster. */
export function foundsRoster(
  sha256: Sha256,
  session: SessionId,
  author: DeviceId,
  descriptor: Descriptor,
): boolean {
  const parsed = descriptorSchema.safeParse(descriptor)
  return parsed.success && mintSessionId(sha256, author, parsed.data.nonce) === session
}
