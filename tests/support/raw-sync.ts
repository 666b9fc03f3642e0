/** What a peer that follows no protocol can say: forged runs, batches and snapshots. */
import { deflateRawSync } from 'node:zlib'
import { type Bytes, concat } from '@baton/shared/bytes'
import { type Delta, encodeDelta } from '@baton/shared/log/delta'
import { type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'

export const deltaOf = (delta: Delta): SyncForm<'delta'> => [syncTypes.delta, encodeDelta(delta)]

/** Lengths and runs as a batch holds them; `lie` changes what the lengths say. */
export function folded(deltas: readonly Delta[], lie = 0): Bytes {
  const parts = deltas.map(encodeDelta).flatMap((part) => {
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, part.length + lie)
    return [length, part]
  })
  return concat(...parts)
}

export const batchOf = (raw: Bytes, says = raw.length): SyncForm<'batch'> => [
  syncTypes.batch,
  says,
  new Uint8Array(deflateRawSync(raw)),
]

/** A run in the form it is kept in, `raw` being what it unfolds to. */
export const runOf = (raw: Bytes, says = raw.length): SyncForm<'runs'> => [
  syncTypes.runs,
  [[says, new Uint8Array(deflateRawSync(raw))]],
]

/** One bit changed, at a place drawn from `roll`. */
export function flipped(bytes: Bytes, roll: number): Bytes {
  const out = bytes.slice()
  const at = roll % (bytes.length * 8)
  out[at >> 3] = (out[at >> 3] ?? 0) ^ (1 << (at & 7))
  return out
}
