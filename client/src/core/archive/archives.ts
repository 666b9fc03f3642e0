/**
 * Sessions out of this device and in again, as archives (rules AR1 to AR4). What comes in is checked
 * whole before anything of it is stored, and then only stored: no file is placed unless it is asked for.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, splitLogId } from '@baton/shared/ids'
import { readItems } from '@baton/shared/log/archive'
import type { BlobRef } from '@baton/shared/log/blob'
import type { Manifest } from '@baton/shared/log/snapshot'
import type { Primitives } from '@baton/shared/primitives'
import type { Archives } from '../archives-api.ts'
import type { Devices } from '../devices.ts'
import type { Keyring } from '../ports/platform.ts'
import type { Received } from '../repo/receiving.ts'
import type { Repository } from '../repo/repository.ts'
import type { Placing } from '../sessions/placing.ts'
import type { Sharing } from '../sessions/sharing.ts'
import type { Taking } from '../sessions/taking.ts'
import { checkArchive } from './checking.ts'
import { openArchive } from './writing.ts'

/** Of 64 KiB each, about. */
const runsUnderWay = 32

export interface ArchivesPorts {
  readonly repository: Repository
  readonly primitives: Primitives
  readonly keyring: Pick<Keyring, 'exchange'>
  readonly taking: Pick<Taking, 'ref'>
  readonly devices: Pick<Devices, 'session'>
  readonly sharing: Pick<Sharing, 'author'>
  readonly placing: Pick<Placing, 'placeHere'>
  readonly paired: ReadonlyMap<DeviceId, { readonly exchange: Bytes }>
}

export function createArchives(ports: ArchivesPorts): Archives {
  const { repository, sharing } = ports

  async function store(manifest: Manifest, pieces: AsyncIterable<Bytes>): Promise<number> {
    const before = count(manifest)
    let blob: (BlobRef & { at: number }) | undefined
    /** Runs on their way to the disk: they share its transactions. */
    const under: Promise<Received>[] = []
    const settle = async (most: number) => {
      while (under.length > most) {
        const { at } = (await under.shift()) as Received
        if (at === 'refused' || at === 'gap') throw changed()
      }
    }
    try {
      for await (const item of readItems(pieces)) {
        if (item.at === 'blob') blob = { ...item.blob, at: 0 }
        else if (item.at === 'chunk' && blob) {
          await repository.blobs.receive(blob.hash, blob.bytes, blob.at, item.chunk.slice())
          blob.at += item.chunk.length
        } else if (item.at === 'run') {
          const packed = { rawBytes: item.rawBytes, bytes: item.bytes.slice() }
          const received = repository.receive(await repository.open(packed), packed)
          // Told in its turn; a refusal that nobody hears of at once must not end the process.
          received.catch(() => undefined)
          under.push(received)
          await settle(runsUnderWay)
        }
      }
      await settle(0)
    } finally {
      await Promise.allSettled(under)
    }
    await repository.flush()
    return count(manifest) - before
  }

  /** Entries that are held of its logs, up to its heads. */
  const count = ({ logs }: Manifest): number =>
    logs.reduce((sum, { head }) => sum + Math.min(head.seq, repository.head(head.log)?.seq ?? 0), 0)

  return {
    read: async (ref) => openArchive(repository, await ports.taking.ref(ref, { thorough: true })),
    async take(open, tell, place) {
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
      if (place) tell('placing')
      const outcome = place && (await ports.placing.placeHere(session, place))
      const { placed, unplaced } = outcome ?? {}
      return {
        session,
        author: sharing.author(session),
        authors,
        entries,
        fresh,
        blobs: blobs.count,
        placed: placed && { path: placed.path, resume: placed.resume },
        unplaced: unplaced && { code: unplaced.code, message: unplaced.message },
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
