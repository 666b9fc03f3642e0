/** automerge-repo's network over the links of paired devices (rule AM2): a repo on each device. */
import {
  type Message,
  NetworkAdapter,
  type PeerId,
  type PeerMetadata,
} from '@automerge/automerge-repo'
import type { Channel } from '@baton/client/core/ports/channel'
import type { Value } from '@baton/shared/encoding/msgpack'
import type { DeviceId } from '@baton/shared/ids'
import { createMessageLink, type MessageLink } from './message-link.ts'
import type { PairedDevice } from './paired-devices.ts'
import { plain } from './plain.ts'

interface Neighbour {
  readonly link: MessageLink
  /** Who is there, once it has said so. */
  peerId: PeerId | undefined
}

/** How long a repo waits for its neighbours before it says that a document is nowhere. */
const patienceMs = 1000

export class LinkAdapter extends NetworkAdapter {
  readonly #device: PairedDevice
  readonly #neighbours = new Map<DeviceId, Neighbour>()
  #joined = false
  #ready = false
  #setReady = () => {}
  readonly #whenReady = new Promise<void>((resolve) => {
    this.#setReady = () => {
      this.#ready = true
      resolve()
    }
  })

  constructor(device: PairedDevice) {
    super()
    this.#device = device
    device.onLink((other, channel) => this.#joined && this.#attach(other, channel))
  }

  isReady(): boolean {
    return this.#ready
  }

  whenReady(): Promise<void> {
    return this.#whenReady
  }

  connect(peerId: PeerId, metadata: PeerMetadata = {}): void {
    this.peerId = peerId
    this.peerMetadata = metadata
    this.#joined = true
    this.#device.meet()
    for (const [other, channel] of this.#device.links) this.#attach(other, channel)
    setTimeout(this.#setReady, patienceMs).unref()
  }

  disconnect(): void {
    this.#joined = false
    void this.#device.leave()
  }

  send(message: Message): void {
    for (const { link, peerId } of this.#neighbours.values()) {
      if (this.#joined && peerId === message.targetId) link.say(plain(message))
    }
  }

  #attach(other: DeviceId, channel: Channel): void {
    const neighbour: Neighbour = {
      peerId: undefined,
      link: createMessageLink(channel, (message) => {
        // After `disconnect` what was on its way is nobody's.
        if (this.#joined && this.#neighbours.get(other) === neighbour) {
          this.#hear(neighbour, message)
        }
      }),
    }
    // A new channel replaces one that this side still believes in: a repo syncs anew only with a
    // peer that was gone.
    this.#part(other)
    this.#neighbours.set(other, neighbour)
    channel.onClose(() => {
      if (this.#neighbours.get(other) === neighbour) this.#part(other)
    })
    neighbour.link.say([this.peerId ?? '', plain(this.peerMetadata ?? {})])
  }

  #part(other: DeviceId): void {
    const { peerId } = this.#neighbours.get(other) ?? {}
    this.#neighbours.delete(other)
    if (peerId) this.emit('peer-disconnected', { peerId })
  }

  #hear(neighbour: Neighbour, message: Value): void {
    if (neighbour.peerId !== undefined) {
      this.emit('message', message as unknown as Message)
      return
    }
    const [peerId, peerMetadata] = message as unknown as [PeerId, PeerMetadata]
    neighbour.peerId = peerId
    this.emit('peer-candidate', { peerId, peerMetadata })
    const all = [...this.#neighbours.values()]
    if (all.every((each) => each.peerId !== undefined)) this.#setReady()
  }
}
