/**
 * Puts stored runs into messages of the bulk lane (rule XC2): packed ones side by side as they are
 * kept, runs too small for that joined in a batch. They leave in the order they were given. While one
 * message is on its way the next is filled, and deflated where it is not yet.
 */
import type { Bytes } from '@baton/shared/bytes'
import { batchBytes, maxRuns, packBytes, runsBytes } from '@baton/shared/limits'
import { encodeSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import { type PackedRun, rawSize } from '../repo/packing.ts'
import type { Batching } from './batching.ts'

export interface Parcels {
  /** Resolves when there is room for the next one. Rejects when an earlier message did not go. */
  add(run: PackedRun): Promise<void>
  /** Resolves when all that was added is sent. */
  flush(): Promise<void>
}

export interface ParcelsPorts {
  readonly batching: Batching
  send(message: Bytes): Promise<void>
  count(raw: number, message: Bytes): void
}

export function createParcels({ batching, send, count }: ParcelsPorts): Parcels {
  let batch = batching.begin()
  let runs: [number, Bytes][] = []
  let runsRaw = 0
  let runsWire = 0
  let sending: Promise<void> = Promise.resolve()

  async function hand(ready: Promise<Bytes>): Promise<void> {
    ready.catch(() => undefined)
    await sending
    sending = ready.then(send)
    sending.catch(() => undefined)
  }

  async function close(): Promise<void> {
    if (runs.length > 0) {
      const message = encodeSync([syncTypes.runs, runs])
      count(runsRaw, message)
      runs = []
      runsRaw = 0
      runsWire = 0
      await hand(Promise.resolve(message))
    } else if (batch.size > 0) {
      const packed = batch.pack()
      batch = batching.begin()
      await hand(packed)
    }
  }

  return {
    async add(run) {
      const raw = rawSize(run)
      const size = run.bytes.length
      if (raw >= packBytes) {
        if (batch.size > 0 || runsWire + size > runsBytes || runs.length === maxRuns) await close()
        runs.push([run.rawBytes, run.bytes])
        runsRaw += raw
        runsWire += size
      } else {
        if (runs.length > 0 || batch.size + size + 4 > batchBytes) await close()
        batch.add(run.bytes)
      }
    },
    async flush() {
      await close()
      await sending
    },
  }
}
