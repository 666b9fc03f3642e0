/**
 * A session's id is minted from its author's key and 16 random bytes, so that nobody else can claim
 * to have begun it: the descriptor in the first log holds the nonce (rule MO2).
 */
import { type Bytes, concat } from '../bytes.ts'
import { type DeviceId, idBytes, type SessionId, sessionId, sessionIdBytes } from '../ids.ts'
import { label } from '../labels.ts'
import type { Sha256 } from '../primitives.ts'

export const sessionNonceBytes = 16

export function mintSessionId(sha256: Sha256, author: DeviceId, nonce: Bytes): SessionId {
  return sessionId(
    sha256(concat(label('session'), idBytes(author), nonce)).slice(0, sessionIdBytes),
  )
}
