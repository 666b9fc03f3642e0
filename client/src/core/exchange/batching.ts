/**
 * Runs too small to be packed, joined and deflated for the bulk lane (rule XC2): u32 length || delta,
 * repeated. Where deflating does not pay, the next few go as they are.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxDeltaBytes } from '@baton/shared/limits'
import { encodeSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { Deflate } from '../ports/platform.ts'
import { createShrinking, type Shrink } from '../shrinking.ts'

export interface Batch {
  /** Bytes it unfolds to. */
  readonly size: number
  add(part: Bytes): void
  /** The message; nothing is added afterwards. */
  pack(): Promise<Bytes>
}

export interface Batching {
  begin(): Batch
  readonly shrink: Shrink
}

export function createBatching(
  deflate: Deflate,
  count: (raw: number, message: Bytes) => void,
): Batching {
  const shrink = createShrinking(deflate)

  function begin(): Batch {
    const parts: Bytes[] = []
    let size = 0
    return {
      get size() {
        return size
      },
      add(part) {
        parts.push(part)
        size += part.length + 4
      },
      async pack() {
        const raw = new Uint8Array(size)
        const view = new DataView(raw.buffer)
        let at = 0
        for (const part of parts) {
          view.setUint32(at, part.length)
          raw.set(part, at + 4)
          at += part.length + 4
        }
        const small = await shrink(raw)
        const message = encodeSync([syncTypes.batch, small ? raw.length : 0, small ?? raw])
        count(raw.length, message)
        return message
      },
    }
  }

  return { begin, shrink }
}

/** The deltas of an unfolded batch. Throws `invalid` when lengths do not add up. */
export function* splitBatch(raw: Bytes): Generator<Bytes> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
  let at = 0
  while (at + 4 <= raw.length) {
    const length = view.getUint32(at)
    if (length > maxDeltaBytes || at + 4 + length > raw.length) break
    yield raw.subarray(at + 4, at + 4 + length)
    at += 4 + length
  }
  if (at !== raw.length) {
    throw new BatonError('invalid', 'failed to take a batch: its lengths do not add up')
  }
}
