/** The links of a device whose contacts and channels are the test's, and a peer at the other end. */
import { type AheadDesk, createAhead } from '@baton/client/core/ahead/desk'
import type { BoundChannel, PairedLink } from '@baton/client/core/contact/bind'
import type { Contact, ContactHooks } from '@baton/client/core/contact/contact'
import { createLinks, type Links } from '@baton/client/core/links'
import type { PairRecord } from '@baton/client/core/pairing/memory'
import type { Store } from '@baton/client/core/ports/store'
import { createPresence, type Presence } from '@baton/client/core/presence'
import { openSeen } from '@baton/client/core/seen'
import { type DeviceId, idBytes } from '@baton/shared/ids'
import { type ChannelPair, createChannelPair } from './channel-pair.ts'
import { openSide, type Side, sessions, startSide } from './exchange-pair.ts'
import { nodePrimitives } from './signer.ts'
import { zlib } from './zlib.ts'

export interface FakeContact {
  readonly hooks: ContactHooks
  readonly record: PairRecord
  readonly link: PairedLink | undefined
  state: ReturnType<Contact['state']>
  woken: number
  closed: boolean
}

export interface LinksWorld {
  readonly alice: Side
  readonly bob: Side
  readonly links: Links
  readonly ahead: AheadDesk
  readonly presence: Presence
  readonly contacts: FakeContact[]
  readonly changes: DeviceId[]
  readonly troubles: (string | undefined)[]
  /** Opens a channel whose other end is an exchange of bob's, and gives it to a contact. */
  connect(contact?: FakeContact): Promise<ChannelPair>
  /** `caps`: what both know besides; nothing unless said. */
  bound(pair: ChannelPair, caps?: number): BoundChannel
  /** Devices that alice knows to be revoked. */
  readonly removed: Set<DeviceId>
}

export async function openLinks(store?: (inner: Store) => Store): Promise<LinksWorld> {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const contacts: FakeContact[] = []
  const changes: DeviceId[] = []
  const troubles: (string | undefined)[] = []
  const removed = new Set<DeviceId>()
  const ahead = createAhead({ repository: alice.repo, clock: alice.clock })
  const presence = createPresence(alice.device, alice.clock)
  const disk = store ? store(alice.repo.store) : alice.repo.store
  const seen = await openSeen(alice.repo.store, alice.clock)
  const links = createLinks({
    repository: alice.repo,
    store: disk,
    primitives: nodePrimitives,
    deflate: zlib,
    clock: alice.clock,
    trace: (event) => void alice.traced.push(event),
    self: alice.device,
    ...{ ahead, presence, seen },
    openContact(record, hooks, link) {
      const contact: FakeContact = {
        hooks,
        record,
        link,
        state: 'waiting',
        woken: 0,
        closed: false,
      }
      contacts.push(contact)
      return {
        state: () => contact.state,
        wake: () => void contact.woken++,
        async close() {
          contact.closed = true
        },
      }
    },
    shared: () => sessions,
    shares: () => true,
    knows: (device) => alice.knows(device),
    removed: (device) => removed.has(device),
    accepts: () => true,
    answer: async (_device, _method, body) => body,
    onDiskTrouble: (code) => void troubles.push(code),
  })
  links.onChange((device) => void changes.push(device))
  alice.repo.onGrew(links.grew)

  const bound = (pair: ChannelPair, caps = 0): BoundChannel => {
    const device = idBytes(bob.device)
    return { channel: pair.alice, device, version: 1, peerVersion: 1, caps }
  }
  return {
    alice,
    bob,
    links,
    ahead,
    presence,
    contacts,
    changes,
    troubles,
    removed,
    bound,
    async connect(contact = contacts.at(-1) as FakeContact) {
      const pair = openPair()
      contact.hooks.connected(bound(pair))
      await startSide(bob, alice.device, pair.bob)
      await pair.flush()
      return pair
    },
  }
}

export function openPair(): ChannelPair {
  const pair = createChannelPair()
  pair.alice.admit()
  pair.bob.admit()
  return pair
}

export const recordOf = (device: DeviceId, id = 'first') =>
  ({ at: 'paired', id, device: idBytes(device) }) as unknown as PairRecord

export const linkOf = (bound: BoundChannel) => ({ bound }) as unknown as PairedLink
