/**
 * Blobs on their way to one peer (rule XC3): each goes once, from where the peer says it stopped, and
 * only those that entries given on this link name. One that is not complete here goes when it is.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { encodeSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { Channel } from '../ports/channel.ts'
import type { Repository } from '../repo/repository.ts'

export interface BlobSendingPorts {
  readonly channel: Channel
  readonly repository: Repository
  shrink(raw: Bytes): Promise<Bytes | undefined>
  count(raw: number, message: Bytes): void
}

export function createBlobSending(ports: BlobSendingPorts) {
  const { channel, repository, shrink, count } = ports
  /** Named by what was given on this link, by hex. */
  const offered = new Set<string>()
  /** Where the peer wants one that is not complete here. */
  const waiting = new Map<string, number>()
  /** Where the peer wants those that wait for their turn: one turn each, however often asked for. */
  const queued = new Map<string, number>()
  /** The one being sent, and from where the peer wants it instead. */
  let current: { readonly name: string; jump: number } | undefined

  async function send(hash: Bytes, offset: number): Promise<void> {
    const name = toHex(hash)
    // Before it is looked at: it may be complete by the time that is known.
    waiting.set(name, offset)
    const facts = await repository.blobs.facts(hash)
    // It is complete since, and has its turn.
    if (!waiting.has(name) || !facts || facts.have < facts.bytes) return
    waiting.delete(name)
    const here = { name, jump: offset }
    current = here
    for (let at = offset; at < facts.bytes; ) {
      const before = at
      for await (const { offset: place, chunk } of repository.blobs.read(hash, at)) {
        at = place + chunk.length
        const small = await shrink(chunk)
        const message = encodeSync([
          syncTypes.blob,
          hash,
          facts.bytes,
          place,
          small !== undefined,
          small ?? chunk,
        ])
        count(chunk.length, message)
        await channel.send('bulk', message)
        if (here.jump > at) break
      }
      at = Math.max(at, here.jump)
      if (at === before) throw gone()
    }
    current = undefined
  }

  return {
    send,
    /** True the first time a blob is named by what is given. */
    isNews(hash: Bytes): boolean {
      const name = toHex(hash)
      if (offered.has(name)) return false
      offered.add(name)
      return true
    },
    /** True when it has to be sent from `offset` on; one on its way jumps there instead. */
    want(hash: Bytes, offset: number): boolean {
      const name = toHex(hash)
      if (!offered.has(name)) return false
      if (current?.name === name) {
        current.jump = Math.max(current.jump, offset)
        return false
      }
      const waits = queued.has(name)
      queued.set(name, offset)
      return !waits
    },
    /** Sends it from where the peer wanted it last. */
    async sendWanted(hash: Bytes): Promise<void> {
      const offset = queued.get(toHex(hash)) ?? 0
      queued.delete(toHex(hash))
      await send(hash, offset)
    },
    /** Where the peer waits for a blob that is complete now. */
    wanted(hash: Bytes): number | undefined {
      const offset = waiting.get(toHex(hash))
      waiting.delete(toHex(hash))
      return offset
    },
  }
}

const gone = () =>
  new BatonError('store-corrupt', 'failed to send a blob: a part of it is gone from the store')
