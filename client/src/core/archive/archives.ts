/**
 * Sessions out of this device and in again, as archives (rules AR1 to AR4). What comes in is checked
 * whole before anything of it is stored, and then only stored: no file is placed, nobody is told.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, splitLogId } from '@baton/shared/ids'
import { readItems } from '@baton/shared/log/archive'
import type { BlobRef } from '@baton/shared/log/blob'
import { lastSeq } from '@baton/shared/log/delta'
import type { Manifest } from '@baton/shared/log/snapshot'
import type { Primitives } from '@baton/shared/primitives'
import type { Archives } from '../archives-api.ts'
import type { Devices } from '../devices.ts'
import type { Keyring } from '../ports/platform.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from '../sessions/sharing.ts'
import type { Taking } from '../sessions/taking.ts'
import { checkArchive } from './checking.ts'
import { openArchive } from './writing.ts'

export interface ArchivesPorts {
  readonly repository: Repository
  readonly primitives: Primitives
  readonly keyring: Pick<Keyring, 'exchange'>
  readonly taking: Pick<Taking, 'ref'>
  readonly devices: Pick<Devices, 'session'>
  readonly sharing: Pick<Sharing, 'author'>
  readonly paired: ReadonlyMap<DeviceId, { readonly exchange: Bytes }>
}

export function createArchives(ports: ArchivesPorts): Archives {
  const { repository, sharing } = ports

  async function store(manifest: Manifest, pieces: AsyncIterable<Bytes>): Promise<number> {
    const before = count(manifest)
    let blob: (BlobRef & { at: number }) | undefined
    for await (const item of readItems(pieces)) {
      if (item.at === 'blob') blob = { ...item.blob, at: 0 }
      else if (item.at === 'chunk' && blob) {
        await repository.blobs.receive(blob.hash, blob.bytes, blob.at, item.chunk.slice())
        blob.at += item.chunk.length
      } else if (item.at === 'run') {
        const packed = { rawBytes: item.rawBytes, bytes: item.bytes.slice() }
        const delta = await repository.open(packed)
        const known = repository.head(delta.log)?.seq ?? 0
        if (known >= lastSeq(delta)) continue
        const { at } = await repository.receive(delta, packed)
        if (at === 'refused' || at === 'gap') throw changed()
      }
    }
    await repository.flush()
    return count(manifest) - before
  }

  /** Entries that are held of its logs, up to its heads. */
  const count = ({ logs }: Manifest): number =>
    logs.reduce((sum, { head }) => sum + Math.min(head.seq, repository.head(head.log)?.seq ?? 0), 0)

  return {
    read: async (ref) => openArchive(repository, await ports.taking.ref(ref, { thorough: true })),
    async take(open, tell) {
      const { primitives } = ports
      tell('checking')
      const manifest = await checkArchive(
        { primitives, open: repository.open, head: repository.head },
        readItems(open()),
      )
      const { session, logs, blobs } = manifest
      // Who belongs to this device's roster is told by those in it, and by nobody's file.
      if (session === ports.devices.session()) {
        throw new BatonError('not-permitted', 'failed to import: it is no session of an agent')
      }
      tell('storing')
      const fresh = await store(manifest, open())
      const entries = logs.reduce((sum, { head }) => sum + head.seq, 0)
      const authors = [...new Set(logs.map(({ head }) => splitLogId(head.log).device))]
      return {
        session,
        author: sharing.author(session),
        authors,
        entries,
        fresh,
        blobs: blobs.count,
      }
    },
    exchangeKey(device) {
      const own = device === repository.device
      const key = own ? ports.keyring.exchange : ports.paired.get(device)?.exchange
      if (key) return key
      throw new BatonError('not-paired', 'failed to export: the device is not paired with this one')
    },
  }
}

const changed = () =>
  new BatonError('source-changed', 'failed to import: the file changed while it was read', {
    hint: 'import it again',
  })
