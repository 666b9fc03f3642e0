/** Devices that sign with node:crypto, from one byte of seed: fast, and the same in every run. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { type DeviceId, deviceId, type SessionId, sessionId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'

const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const keyOf = (seed: number) =>
  createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.alloc(32, seed)]),
    format: 'der',
    type: 'pkcs8',
  })

export interface Signer {
  readonly device: DeviceId
  sign(message: Uint8Array): Promise<Uint8Array>
}

export function signer(seed: number): Signer {
  const key = keyOf(seed)
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    device: deviceId(new Uint8Array(Buffer.from(x ?? '', 'base64url'))),
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, key))),
  }
}

const publicKeys = new Map<string, KeyObject>()

export const nodePrimitives: Primitives = {
  sha256: (...parts) => {
    const [only] = parts
    if (only !== undefined && parts.length === 1)
      return new Uint8Array(hash('sha256', only, 'buffer'))
    const state = createHash('sha256')
    for (const part of parts) state.update(part)
    return new Uint8Array(state.digest())
  },
  createHasher: () => {
    const state = createHash('sha256')
    return {
      update: (part) => void state.update(part),
      digest: () => new Uint8Array(state.digest()),
    }
  },
  verify: (publicKey, message, signature) => {
    if (signature.length !== 64) return false
    const x = Buffer.from(publicKey).toString('base64url')
    const known = publicKeys.get(x)
    const key = known ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    if (publicKeys.size < 100) publicKeys.set(x, key)
    return verify(null, message, key, signature)
  },
}

export const session = (seed: number): SessionId => sessionId(new Uint8Array(16).fill(seed))
