/**
 * Branded identifiers. Inside the program an id is its base64url text (a map key); on the wire and
 * in hashes it is the raw bytes.
 */
import { type Bytes, concat, fromBase64url, toBase64url } from './bytes.ts'
import { BatonError } from './errors.ts'

declare const kind: unique symbol
type Branded<K extends string> = string & { readonly [kind]: K }

/** A device's Ed25519 public key, 32 bytes, as base64url (43 characters). */
export type DeviceId = Branded<'device'>
/** 16 random bytes, as base64url (22 characters). */
export type SessionId = Branded<'session'>
/** session(16) || device(32) || incarnation(8), as base64url (75 characters). */
export type LogId = Branded<'log'>

export const deviceIdBytes = 32
export const sessionIdBytes = 16
export const incarnationBytes = 8
export const logIdBytes = sessionIdBytes + deviceIdBytes + incarnationBytes

export const deviceId = (bytes: Bytes): DeviceId => make<DeviceId>('device', bytes, deviceIdBytes)
export const sessionId = (bytes: Bytes): SessionId =>
  make<SessionId>('session', bytes, sessionIdBytes)
export const logId = (bytes: Bytes): LogId => make<LogId>('log', bytes, logIdBytes)

export const parseDeviceId = (text: string): DeviceId => deviceId(fromBase64url(text))
export const parseSessionId = (text: string): SessionId => sessionId(fromBase64url(text))
export const parseLogId = (text: string): LogId => logId(fromBase64url(text))

export const idBytes = (id: DeviceId | SessionId | LogId): Bytes => fromBase64url(id)

export function joinLogId(session: SessionId, device: DeviceId, incarnation: Bytes): LogId {
  return logId(concat(idBytes(session), idBytes(device), incarnation))
}

export function splitLogId(id: LogId): {
  session: SessionId
  device: DeviceId
  incarnation: Bytes
} {
  const bytes = idBytes(id)
  return {
    session: sessionId(bytes.subarray(0, 16)),
    device: deviceId(bytes.subarray(16, 48)),
    incarnation: bytes.subarray(48),
  }
}

function make<T>(name: string, bytes: Bytes, length: number): T {
  if (bytes.length !== length) {
    throw new BatonError('invalid', `a ${name} id has ${length} bytes, not ${bytes.length}`)
  }
  return toBase64url(bytes) as T
}
