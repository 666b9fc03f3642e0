/**
 * automerge-repo's network over one document of a mesh (rule AM4): what an application says to another
 * device goes as a field that its receiver deletes, which syncs, is sealed and is relayed like any
 * other. It needs nothing of the mesh but documents.
 */
import {
  type Message,
  NetworkAdapter,
  type PeerId,
  type PeerMetadata,
} from '@automerge/automerge-repo'
import type { Document } from '@baton/client/core/mesh-api'
import type { DeviceId } from '@baton/shared/ids'
import { type Change, setAt, unsetAt } from '@baton/shared/model/changes'
import { plain } from './plain.ts'

interface Joined {
  readonly peerId: PeerId
  readonly metadata: PeerMetadata
  /** Tells one joining from the next. */
  readonly time: number
}

/** How long a repo waits for others before it says that a document is nowhere. */
const patienceMs = 2000

export class DocumentAdapter extends NetworkAdapter {
  readonly #document: Document
  readonly #self: DeviceId
  readonly #others = new Map<string, Joined>()
  #setReady = () => {}
  readonly #ready = new Promise<void>((resolve) => {
    this.#setReady = resolve
  })
  #isReady = false
  #joined: number | undefined
  #sent = 0
  #waiting: Change[] = []
  #writing: Promise<void> | undefined
  #looking: Promise<void> | undefined
  #lookAgain = false
  #stop = () => {}

  constructor(document: Document, self: DeviceId) {
    super()
    this.#document = document
    this.#self = self
  }

  isReady(): boolean {
    return this.#isReady
  }

  whenReady(): Promise<void> {
    return this.#ready
  }

  connect(peerId: PeerId, metadata: PeerMetadata = {}): void {
    this.peerId = peerId
    this.peerMetadata = metadata
    this.#joined = Date.now()
    const joined = plain({ peerId, metadata: plain(metadata), time: this.#joined })
    this.#write(setAt(['repo', this.#self], joined))
    this.#stop = this.#document.watch(() => this.#look())
    this.#look()
    setTimeout(() => {
      this.#isReady = true
      this.#setReady()
    }, patienceMs).unref()
  }

  disconnect(): void {
    if (this.#joined === undefined) return
    this.#joined = undefined
    this.#stop()
    this.#write(unsetAt(['repo', this.#self]))
    for (const device of [...this.#others.keys()]) this.#part(device)
  }

  send(message: Message): void {
    if (this.#joined === undefined) return
    for (const [device, { peerId }] of this.#others) {
      if (peerId !== message.targetId) continue
      this.#sent += 1
      const place = `${this.#joined} ${String(this.#sent).padStart(9, '0')}`
      this.#write(setAt(['mail', device, this.#self, place], plain(message)))
    }
  }

  /** Resolves when nothing is being written or read. */
  async idle(): Promise<void> {
    while (this.#writing || this.#looking) await (this.#writing ?? this.#looking)
  }

  /** What is said while a batch is on its way to the disk goes with the next. */
  #write(...changes: readonly Change[]): void {
    this.#waiting.push(...changes)
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#document.change(this.#waiting.splice(0))
  }

  #look(): void {
    this.#lookAgain = true
    this.#looking ??= this.#lookOn().finally(() => {
      this.#looking = undefined
    })
  }

  async #lookOn(): Promise<void> {
    while (this.#lookAgain) {
      this.#lookAgain = false
      const there = await this.#document.entries(['repo'])
      const mail = await this.#document.entries(['mail', this.#self])
      if (this.#joined === undefined) return
      this.#meet(new Map(there.map(([[, device = ''], joined]) => [device, joined as never])))
      if (mail.length > 0) this.#write(...mail.map(([path]) => unsetAt(path)))
      for (const [[, , from = '', place = ''], message] of mail) {
        // What someone said who has left since, or joined anew, is nobody's.
        if (place.split(' ')[0] !== String(this.#others.get(from)?.time)) continue
        this.emit('message', message as unknown as Message)
      }
    }
  }

  #meet(there: ReadonlyMap<string, Joined>): void {
    for (const [device, { time }] of [...this.#others]) {
      if (there.get(device)?.time !== time) this.#part(device)
    }
    for (const [device, joined] of there) {
      if (device === this.#self || this.#others.has(device)) continue
      this.#others.set(device, joined)
      this.emit('peer-candidate', { peerId: joined.peerId, peerMetadata: joined.metadata })
    }
  }

  #part(device: string): void {
    const other = this.#others.get(device)
    this.#others.delete(device)
    if (other) this.emit('peer-disconnected', { peerId: other.peerId })
  }
}
