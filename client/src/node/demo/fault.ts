/**
 * What the demo breaks on purpose (rule DM2), one part at a time, to show that it would be noticed.
 * Nothing but the demo's own processes builds a peer on these ports.
 */
import { type Bytes, startsWith } from '@baton/shared/bytes'
import { label } from '@baton/shared/labels'
import type { MeshPorts } from '../../core/mesh.ts'
import { decodeStored, encodeStored } from '../../core/repo/rows.ts'

/**
 * `code`: the joiner types another word. `signature`: the sender signs its log wrongly. `digest`: a
 * byte of what the receiver stored changes. `record`: a byte of the file that was placed changes.
 */
export const faults = ['code', 'signature', 'digest', 'record'] as const
export type Fault = (typeof faults)[number]

export function faultyPorts(ports: MeshPorts, fault: Fault | undefined): MeshPorts {
  if (fault === 'signature') return { ...ports, keyring: wrongSigner(ports) }
  if (fault === 'digest') return { ...ports, store: forgetfulStore(ports) }
  return ports
}

/** Heads of logs are signed with one bit flipped; pairing and bind are left alone. */
function wrongSigner({ keyring }: MeshPorts): MeshPorts['keyring'] {
  const head = label('head')
  return {
    device: keyring.device,
    exchange: keyring.exchange,
    async sign(message) {
      const signature = (await keyring.sign(message)).slice()
      if (startsWith(message, head)) signature[0] = (signature[0] as number) ^ 1
      return signature
    },
    agree: (publicKey) => keyring.agree(publicKey),
    getSecret: (name) => keyring.getSecret(name),
    putSecret: (name, secret) => keyring.putSecret(name, secret),
    deleteSecret: (name) => keyring.deleteSecret(name),
  }
}

/** Of a run of entries larger than any of a roster's one letter comes back changed. */
function forgetfulStore({ store, deflate }: MeshPorts): MeshPorts['store'] {
  const entries = 'd'.charCodeAt(0)
  async function forget(row: Bytes): Promise<Bytes> {
    const { packed, ...place } = decodeStored(row)
    if (packed.rawBytes === 0) return row
    const raw = (await deflate.inflate(packed.bytes, packed.rawBytes)).slice()
    const middle = raw.length >> 1
    raw[middle] = (raw[middle] as number) ^ 1
    return encodeStored({ ...place, packed: { rawBytes: 0, bytes: raw } })
  }
  return {
    get: (key) => store.get(key),
    write: (batch) => store.write(batch),
    flush: () => store.flush(),
    close: () => store.close(),
    async *list(range) {
      for await (const [key, value] of store.list(range)) {
        yield [key, key[0] === entries ? await forget(value) : value] as const
      }
    },
  }
}
