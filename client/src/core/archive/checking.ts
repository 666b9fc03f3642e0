/**
 * Checks an archive as it passes by (rules AR2, AR3): every head and run against its author's
 * signature, every blob against its name, and that nothing is missing, left over or in conflict with
 * what is held. Stores nothing.
 */
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { LogId } from '@baton/shared/ids'
import { maxDeltaBytes } from '@baton/shared/limits'
import type { ArchiveItem } from '@baton/shared/log/archive'
import { type BlobReader, type BlobRef, createBlobReader } from '@baton/shared/log/blob'
import { type Head, hashBytes } from '@baton/shared/log/chain'
import { lastSeq, type VerifiedDelta } from '@baton/shared/log/delta'
import {
  createSnapshotReader,
  type Manifest,
  type SnapshotReader,
  verifyManifest,
} from '@baton/shared/log/snapshot'
import type { Primitives } from '@baton/shared/primitives'
import type { Packing } from '../repo/packing.ts'
import { factsOf } from '../repo/rows.ts'

export interface CheckingPorts {
  readonly primitives: Primitives
  readonly open: Packing['open']
  /** What is held of a log. */
  head(log: LogId): Head | undefined
}

/** Resolves with what the archive is. Throws `invalid`, `too-large` or `bad-signature`. */
export async function checkArchive(
  { primitives, open, head }: CheckingPorts,
  items: AsyncIterable<ArchiveItem>,
): Promise<Manifest> {
  let manifest: Manifest | undefined
  let reader: SnapshotReader | undefined
  let blob: (BlobRef & { reader: BlobReader }) | undefined
  const whole = new Map<string, number>()
  const wanted = new Map<LogId, number>()

  async function takeRun(item: ArchiveItem & { at: 'run' }): Promise<void> {
    if (item.rawBytes > maxDeltaBytes) throw refused('a run is too large')
    const segment = await open(item).catch((cause: unknown) => {
      throw refused('a run does not unfold', cause)
    })
    const verdict = await reader?.take(segment)
    if (verdict?.at !== 'verified') throw refused('its entries do not belong together')
    const { delta } = verdict
    if (lastSeq(delta) > (wanted.get(delta.log) ?? 0))
      throw refused('it has entries beyond its heads')
    for (const hash of factsOf(delta).blobs) {
      if (!whole.has(toHex(hash))) throw refused('what an entry names is not in it')
    }
    if (!agrees(head(delta.log), delta)) {
      throw refused('this device holds another history of one of its logs')
    }
  }

  function takeChunk(chunk: Bytes): void {
    if (!blob) throw refused('its parts are out of order')
    const { at } = blob.reader.take(blob.reader.offset(), chunk)
    if (at === 'more') return
    if (at !== 'done') throw refused('what a message or file holds is not what its name says')
    whole.set(toHex(blob.hash), blob.bytes)
    blob = undefined
  }

  for await (const item of items) {
    if ((manifest === undefined) !== (item.at === 'manifest')) throw refused('it has no beginning')
    if (blob && item.at !== 'chunk') throw refused('a part of it is missing')
    if (item.at === 'manifest') {
      manifest = item.manifest
      if (!(await verifyManifest(primitives, manifest))) {
        throw new BatonError('bad-signature', 'failed to import: its authors did not sign it')
      }
      reader = createSnapshotReader(primitives, manifest, new Map())
      for (const log of manifest.logs) wanted.set(log.head.log, log.head.seq)
    } else if (item.at === 'blob') {
      const { hash, bytes } = item.blob
      if (whole.has(toHex(hash))) throw refused('a part of it comes twice')
      blob = { hash, bytes, reader: createBlobReader(primitives.createHasher, item.blob) }
    } else if (item.at === 'chunk') takeChunk(item.chunk)
    else if (item.at === 'run') await takeRun(item)
  }
  if (!manifest || !reader?.done() || whole.size !== manifest.blobs.count) {
    throw refused('a part of it is missing')
  }
  return manifest
}

/** False when the run passes what is held of its log with another hash. */
function agrees(held: Head | undefined, delta: VerifiedDelta): boolean {
  const place = (held?.seq ?? 0) - delta.after - 1
  if (!held || place < 0 || place >= delta.bodies.length) return true
  return equalBytes(held.hash, delta.hashes.subarray(place * hashBytes, (place + 1) * hashBytes))
}

const refused = (why: string, cause?: unknown) =>
  new BatonError('invalid', `failed to import: ${why}`, { cause })
