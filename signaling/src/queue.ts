/**
 * What waits for one reader: numbered events, kept until the reader says it has them. This is the
 * seam for a shared backplane (append, read, watch): a lost wake-up does no harm, since a reader
 * always reads again by number.
 */
import { maxQueueBytes, maxQueueMessages } from '@baton/shared/limits'
import type { RendezvousEvent } from '@baton/shared/protocol/rendezvous'

type Unnumbered<E> = E extends unknown ? Omit<E, 'seq'> : never
export type NewEvent = Unnumbered<RendezvousEvent>

export interface Queue {
  /** Why it was not kept: the queue holds all it may, or all queues together do. */
  append(event: NewEvent): 'quota' | 'full' | undefined
  /** Forgets events up to `after` and gives the later ones. */
  read(after: number): readonly RendezvousEvent[]
  /** One watcher: the newest. */
  watch(wake: () => void): () => void
  /** Forgets messages appended before `time` (ms). */
  expire(time: number): void
  clear(): void
}

/** Message bytes held over all queues, and how many there may be. */
export interface Held {
  bytes: number
  readonly max: number
}

interface Kept {
  readonly event: RendezvousEvent
  readonly bytes: number
  readonly at: number
}

export function createQueue(held: Held, now: () => number): Queue {
  let kept: Kept[] = []
  let seq = 0
  let messages = 0
  let bytes = 0
  let wake: (() => void) | undefined

  function keepOnly(stays: (each: Kept) => boolean): void {
    kept = kept.filter((each) => {
      if (stays(each)) return true
      if (each.event.kind === 'message') messages--
      bytes -= each.bytes
      held.bytes -= each.bytes
      return false
    })
  }

  return {
    append(event) {
      const size = event.kind === 'message' ? blobBytes(event.blob) : 0
      if (event.kind === 'message') {
        if (messages === maxQueueMessages || bytes + size > maxQueueBytes) return 'quota'
        if (held.bytes + size > held.max) return 'full'
        messages++
      }
      bytes += size
      held.bytes += size
      kept.push({ event: { ...event, seq: ++seq }, bytes: size, at: now() })
      wake?.()
      return undefined
    },
    read(after) {
      keepOnly((each) => each.event.seq > after)
      return kept.map((each) => each.event)
    },
    watch(newest) {
      wake = newest
      return () => {
        if (wake === newest) wake = undefined
      }
    },
    expire(time) {
      if (kept[0] && kept[0].at < time) {
        keepOnly((each) => each.at >= time || each.event.kind !== 'message')
      }
    },
    clear() {
      keepOnly(() => false)
    },
  }
}

/** Bytes of a blob, from its base64url. */
export const blobBytes = (blob: string): number => Math.floor((blob.length * 3) / 4)
