/**
 * The form in which a run of entries is kept and sent (rule RP10): deflated once, by whoever wrote it
 * or first received it plain, and from then on handed from disk to wire to disk as it is. Inflating
 * is bounded by the size a delta may have.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxDeltaBytes, packBytes } from '@baton/shared/limits'
import { type Delta, decodeDelta, encodeDelta } from '@baton/shared/log/delta'
import type { Deflate } from '../ports/platform.ts'
import { createShrinking } from '../shrinking.ts'

/** One signed run as bytes. */
export interface PackedRun {
  /** What `bytes` inflates to, or 0 when they are the encoded delta itself. */
  readonly rawBytes: number
  readonly bytes: Bytes
}

export interface Packing {
  pack(delta: Delta): Promise<PackedRun>
  /** The run as it is, without an attempt at making it smaller. */
  plain(delta: Delta): PackedRun
  /** Throws `invalid` or `too-large` for what is no packed run. */
  open(packed: PackedRun): Promise<Delta>
}

export function createPacking(deflate: Deflate): Packing {
  const shrink = createShrinking(deflate)

  const plain = (delta: Delta): PackedRun => ({ rawBytes: 0, bytes: encodeDelta(delta) })

  return {
    plain,
    async pack(delta) {
      const run = plain(delta)
      const raw = run.bytes
      if (raw.length < packBytes) return run
      const small = await shrink(raw)
      return small ? { rawBytes: raw.length, bytes: small } : run
    },
    async open({ rawBytes, bytes }) {
      if (rawBytes === 0) return decodeDelta(bytes)
      if (rawBytes > maxDeltaBytes) throw wrongSize('too-large')
      const raw = await deflate.inflate(bytes, rawBytes)
      if (raw.length !== rawBytes) throw wrongSize('invalid')
      return decodeDelta(raw)
    },
  }
}

/** Bytes of a run's encoded delta. */
export const rawSize = ({ rawBytes, bytes }: PackedRun): number => rawBytes || bytes.length

const wrongSize = (code: 'invalid' | 'too-large') =>
  new BatonError(code, 'failed to open entries: they unfold to another size than they say')
