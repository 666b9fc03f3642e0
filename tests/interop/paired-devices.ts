/**
 * Three devices, each paired with the others as a pairing leaves them, whose contacts find each other
 * over a signaling service and bind every channel. What goes over a bound channel is the user's.
 */
import type { BoundChannel } from '@baton/client/core/contact/bind'
import { type Contact, openContact } from '@baton/client/core/contact/contact'
import { freshRandom } from '@baton/client/core/fresh-random'
import type { PairRecord } from '@baton/client/core/pairing/memory'
import type { Channel, Dialer } from '@baton/client/core/ports/channel'
import type { Keyring } from '@baton/client/core/ports/platform'
import { createClock, createRandom } from '@baton/client/node/platform'
import { type DeviceId, deviceId } from '@baton/shared/ids'
import { protocolVersion } from '@baton/shared/protocol/version'
import { createMemoryKeyring } from '../support/memory-keyring.ts'
import { createMemorySignaling } from '../support/memory-rendezvous.ts'
import { nodePrimitives } from '../support/signer.ts'

export interface PairedDevice {
  /** The channel to each device that is connected now. */
  readonly links: ReadonlyMap<DeviceId, Channel>
  /** Keeps the others reachable; nothing when it does already. */
  meet(): void
  /** Closes every channel, and is not to be reached until `meet`. */
  leave(): Promise<void>
  /** Tries at once. */
  wake(): void
  onLink(handler: (device: DeviceId, channel: Channel) => void): void
}

export interface PairedOptions {
  readonly dialers: readonly [Dialer, Dialer, Dialer]
  /** Told of each message that any of them sends, before it goes. */
  readonly sending?: () => void
}

export interface PairedDevices {
  readonly devices: readonly [PairedDevice, PairedDevice, PairedDevice]
  /** Resolves when each has a channel to both others. */
  connected(): Promise<void>
  close(): Promise<void>
}

export async function openPairedDevices(options: PairedOptions): Promise<PairedDevices> {
  const { dialers, sending = () => {} } = options
  const clock = createClock()
  const random = freshRandom(createRandom())
  const signaling = createMemorySignaling()
  const keyrings = [61, 62, 63].map(createMemoryKeyring) as [Keyring, Keyring, Keyring]
  const waiting = new Set<() => void>()

  function record(one: number, other: number): PairRecord {
    const { device, exchange } = keyrings[other] as Keyring
    const pair = Uint8Array.of(Math.min(one, other), Math.max(one, other))
    return {
      at: 'paired',
      id: `pair ${pair.join(' ')}`,
      device,
      exchange,
      root: nodePrimitives.sha256(pair),
      hash: nodePrimitives.sha256(pair, pair),
      version: protocolVersion,
      name: `device ${other}`,
      platform: 'test',
      answer: undefined,
      adopting: undefined,
    }
  }

  function open(index: number): PairedDevice {
    const links = new Map<DeviceId, Channel>()
    const handlers = new Set<(device: DeviceId, channel: Channel) => void>()
    const rendezvous = signaling.client()
    let contacts: Contact[] = []
    const ports = {
      rendezvous,
      dialer: dialers[index] as Dialer,
      keyring: keyrings[index] as Keyring,
      memory: { all: async () => [], put: async () => {}, remove: async () => {} },
      clock,
      random,
      trace: () => {},
      verify: nodePrimitives.verify,
      ice: () => ({ servers: [], policy: 'auto' as const }),
    }

    function connected(bound: BoundChannel): void {
      const device = deviceId(bound.device)
      const channel: Channel = {
        ...bound.channel,
        send(lane, message) {
          sending()
          return bound.channel.send(lane, message)
        },
      }
      links.set(device, channel)
      channel.onClose(() => {
        if (links.get(device) === channel) links.delete(device)
      })
      for (const handler of handlers) handler(device, channel)
      for (const look of waiting) look()
    }

    return {
      links,
      meet() {
        if (contacts.length > 0) return
        const hooks = { connected, disconnected: () => {}, trouble: () => {} }
        contacts = [0, 1, 2]
          .filter((other) => other !== index)
          .map((other) => openContact(ports, record(index, other), hooks))
      },
      async leave() {
        const open = contacts
        contacts = []
        await Promise.all(open.map((contact) => contact.close()))
      },
      wake() {
        for (const contact of contacts) contact.wake()
      },
      onLink: (handler) => void handlers.add(handler),
    }
  }

  const devices = [open(0), open(1), open(2)] as const
  const all = () => devices.every(({ links }) => links.size === 2)
  return {
    devices,
    connected: () =>
      new Promise((resolve) => {
        const look = () => {
          if (!all()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    async close() {
      await Promise.all(devices.map((device) => device.leave()))
      await Promise.all(dialers.map((dialer) => dialer.close()))
    },
  }
}
