/**
 * What the demo breaks on purpose (rule DM2), one part at a time, to show that it would be noticed.
 * Nothing but the demo's own processes builds a peer on these ports.
 */
import { startsWith } from '@baton/shared/bytes'
import { label } from '@baton/shared/labels'
import type { MeshPorts } from '../../core/mesh.ts'

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

/** A row of entries larger than any of a roster's comes back with one letter changed. */
function forgetfulStore({ store }: MeshPorts): MeshPorts['store'] {
  const entries = 'd'.charCodeAt(0)
  return {
    get: (key) => store.get(key),
    write: (batch) => store.write(batch),
    flush: () => store.flush(),
    close: () => store.close(),
    async *list(range) {
      for await (const [key, value] of store.list(range)) {
        if (key[0] === entries && value.length > 8192) {
          const changed = value.slice()
          const middle = changed.length >> 1
          changed[middle] = (changed[middle] as number) ^ 1
          yield [key, changed] as const
        } else yield [key, value] as const
      }
    },
  }
}
