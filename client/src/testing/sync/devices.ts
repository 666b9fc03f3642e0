/** The devices of one sync test: joined, parted, and compared by what their documents show. */
import type { SessionId } from '@baton/shared/ids'
import type { Document } from '../../core/documents-api.ts'
import type { Channel, Lane } from '../../core/ports/channel.ts'
import { ok } from '../check.ts'
import type { SyncPeer, SyncWorld } from '../sync.ts'

export interface Passed {
  readonly from: number
  readonly lane: Lane
  readonly bytes: number
}

export interface SyncLink {
  /** What either side gave to its channel so far. */
  readonly passed: readonly Passed[]
  lose(): Promise<void>
  /** Resolves when nothing passes for a while. */
  quiet(): Promise<void>
}

export interface SyncDevices {
  peer(index: number): SyncPeer
  /** Joins two; the link is lost in place of the message at `loseAt`, counted from 0 over both. */
  join(one: number, other: number, loseAt?: number): Promise<SyncLink>
  /** A connection whose other end nobody has joined. */
  raw(index: number, as: number): Promise<Channel>
  /** Starts a device again, where the world can; whether it did. */
  restart(index: number): Promise<boolean>
  until(holds: () => boolean | Promise<boolean>): Promise<void>
  rest(): Promise<void>
  /** Resolves when all of them show the same document. */
  same(session: SessionId, ...of: number[]): Promise<void>
  open(index: number, session: SessionId): Promise<Document>
}

const restMoves = 20

export function openDevices(world: SyncWorld, patience: number): SyncDevices {
  const peers: SyncPeer[] = [...world.peers]
  const peer = (index: number) => peers[index] as SyncPeer

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let i = 0; i < patience; i++) {
      if (await holds()) return
      await world.move()
    }
    ok(await holds(), 'what the test waits for comes')
  }

  async function rest(): Promise<void> {
    for (let i = 0; i < restMoves; i++) await world.move()
  }

  async function connect() {
    const ends = await world.connect()
    ends.alice.admit()
    ends.bob.admit()
    return ends
  }

  /** What it shows, or undefined while its beginning is not there. */
  async function shown(index: number, session: SessionId): Promise<string | undefined> {
    const document = await peer(index)
      .documents.open(session)
      .catch(() => undefined)
    return document && (await document.digest())
  }

  return {
    peer,
    until,
    rest,
    async join(one, other, loseAt = Number.POSITIVE_INFINITY) {
      const ends = await connect()
      const passed: Passed[] = []
      let closed = 0
      let lost = false
      for (const end of [ends.alice, ends.bob]) {
        end.onClose(() => {
          closed += 1
        })
      }
      const tapped = (from: number, channel: Channel): Channel => ({
        ...channel,
        send(lane, message) {
          if (passed.length >= loseAt) {
            if (!lost) ends.lose()
            lost = true
            return Promise.resolve()
          }
          passed.push({ from, lane, bytes: message.length })
          return channel.send(lane, message)
        },
      })
      await Promise.all([
        peer(one).join(tapped(one, ends.alice), peer(other).self),
        peer(other).join(tapped(other, ends.bob), peer(one).self),
      ])
      return {
        passed,
        async lose() {
          if (!lost) ends.lose()
          lost = true
          await until(() => closed === 2)
        },
        async quiet() {
          for (let before = -1; before !== passed.length; ) {
            before = passed.length
            await rest()
          }
        },
      }
    },
    async raw(index, as) {
      const ends = await connect()
      await peer(index).join(ends.alice, peer(as).self)
      ends.bob.receive(() => undefined)
      return ends.bob
    },
    async restart(index) {
      if (!world.restart) return false
      peers[index] = await world.restart(index)
      return true
    },
    async same(session, ...of) {
      await until(async () => {
        const [first, ...others] = await Promise.all(of.map((index) => shown(index, session)))
        return first !== undefined && others.every((each) => each === first)
      })
    },
    open: (index, session) => peer(index).documents.open(session),
  }
}

/** Ids of the messages of a document, in the order shown. */
export const saidIn = async (document: Document): Promise<string[]> =>
  (await document.history()).map(({ id }) => id)

/** A document of the first device that all others may write, too. */
export async function begin(devices: SyncDevices, ...others: number[]): Promise<Document> {
  const document = await devices.peer(0).documents.create('agent', { title: 'one', open: true })
  for (const index of others) await document.share(devices.peer(index).self, { write: true })
  return document
}
