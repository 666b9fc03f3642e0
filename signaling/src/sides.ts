/**
 * A side is one end of a slot, or the listener of a mailbox: a capability token, a queue, and at
 * most one reader. The token is found by its first 8 bytes and compared in constant time in its
 * other 16; unknown and wrong do the same work and look the same (rule SV5).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Refusal } from '@baton/shared/protocol/rendezvous'
import type { Queue } from './queue.ts'

const handleBytes = 8
const secretBytes = 16

export interface Reader {
  /** The side is gone, another reader took over, or the service is closing. */
  end(why: Extract<Refusal, 'unknown' | 'replaced' | 'draining'>): void
}

export interface Side {
  readonly token: string
  readonly queue: Queue
  /** When its last reader left, or undefined while there is one. */
  readonly idleSince: number | undefined
}

export interface Sides {
  add(queue: Queue): Side
  find(token: string): Side | undefined
  /** What the token of a side that is no more, or never was, is answered. */
  lost(token: string): 'unknown' | 'replaced'
  remove(side: Side, why?: 'unknown' | 'replaced'): void
  /** Puts `reader` in place of any other; returns how it leaves. */
  attach(side: Side, reader: Reader): () => void
  endAll(why: 'draining'): void
}

/** How many sides that were replaced are remembered; the oldest go first. */
const maxReplaced = 1024

interface Entry extends Side {
  readonly handle: string
  readonly secret: Buffer
  idleSince: number | undefined
  reader: Reader | undefined
}

export function createSides(now: () => number): Sides {
  const entries = new Map<string, Entry>()
  /** One that was replaced between two of its polls would take its place back if it were not told. */
  const replaced = new Map<string, Pick<Entry, 'secret'>>()
  const nobody = randomBytes(secretBytes)

  function lookUp<E extends Pick<Entry, 'secret'>>(
    token: string,
    among: ReadonlyMap<string, E>,
  ): E | undefined {
    const bytes = Buffer.from(token, 'base64url')
    const entry = among.get(bytes.toString('hex', 0, handleBytes))
    const secret = bytes.subarray(handleBytes)
    if (secret.length !== secretBytes) return undefined
    return timingSafeEqual(secret, entry?.secret ?? nobody) ? entry : undefined
  }

  const find = (token: string) => lookUp(token, entries)

  function remember({ handle, secret }: Entry): void {
    const [oldest] = replaced.keys()
    if (oldest !== undefined && replaced.size >= maxReplaced) replaced.delete(oldest)
    replaced.set(handle, { secret })
  }

  return {
    add(queue) {
      const bytes = randomBytes(handleBytes + secretBytes)
      const entry: Entry = {
        token: bytes.toString('base64url'),
        handle: bytes.toString('hex', 0, handleBytes),
        secret: bytes.subarray(handleBytes),
        queue,
        idleSince: now(),
        reader: undefined,
      }
      entries.set(entry.handle, entry)
      return entry
    },
    find,
    lost: (token) => (lookUp(token, replaced) ? 'replaced' : 'unknown'),
    remove(side, why = 'unknown') {
      const entry = find(side.token)
      if (!entry) return
      entries.delete(entry.handle)
      if (why === 'replaced') remember(entry)
      entry.reader?.end(why)
    },
    attach(side, reader) {
      const entry = find(side.token)
      if (!entry) return () => {}
      const before = entry.reader
      entry.reader = reader
      entry.idleSince = undefined
      before?.end('replaced')
      return () => {
        if (entry.reader !== reader) return
        entry.reader = undefined
        entry.idleSince = now()
      }
    },
    endAll(why) {
      for (const entry of [...entries.values()]) entry.reader?.end(why)
    },
  }
}
