/** Blobs that a peer gives, and those it is asked for (rules XC3, XC6). */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { blobChunkBytes } from '@baton/shared/limits'
import type { SyncForm } from '@baton/shared/protocol/sync-messages'
import type { Deflate } from '../ports/platform.ts'
import type { Repository } from '../repo/repository.ts'
import type { DiskTrouble } from './disk-trouble.ts'

export interface BlobTakingPorts {
  readonly repository: Repository
  readonly deflate: Deflate
  readonly disk: DiskTrouble
  missing(hash: Bytes, have: number): void
  taken(bytes: number): void
}

export function createBlobTaking({ repository, deflate, disk, missing, taken }: BlobTakingPorts) {
  const wanted = new Set<string>()
  const have = async (hash: Bytes) => (await repository.blobs.facts(hash))?.have ?? 0
  return {
    unfold: ([, , , , deflated, chunk]: SyncForm<'blob'>): Promise<Bytes> =>
      deflated ? deflate.inflate(chunk, blobChunkBytes) : Promise.resolve(chunk),
    async store([, hash, total, offset]: SyncForm<'blob'>, chunk: Bytes): Promise<void> {
      const result = await disk.storing(undefined, () =>
        repository.blobs.receive(hash, total, offset, chunk),
      )
      if (result === 'more' || result === 'done') taken(chunk.length)
      if (result !== 'skipped' || offset > 0) return
      const held = await have(hash)
      // What is held of it already need not come again.
      if (held > 0) missing(hash, held)
    },
    /** Blobs come before the entries that name them; one that did not is asked for, once a link. */
    async want(hash: Bytes): Promise<void> {
      const name = toHex(hash)
      if (wanted.has(name)) return
      wanted.add(name)
      missing(hash, await have(hash))
    },
    /** Any may be asked for again. */
    forget: () => wanted.clear(),
  }
}
