/**
 * A session as an archive (rules AR1, AR2): read row by row as it is kept, so that one of any size
 * passes through a little memory.
 */
import { type Bytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { type ArchiveItem, encodeItem } from '@baton/shared/log/archive'
import type { Manifest } from '@baton/shared/log/snapshot'
import type { StoredRun } from '../repo/reading.ts'
import type { Repository } from '../repo/repository.ts'
import type { StoredHead } from '../repo/rows.ts'

export interface Archive {
  readonly session: SessionId
  readonly entries: number
  readonly blobs: number
  /** About what `pieces` will give, for progress. */
  readonly bytes: number
  /** Throws `store-corrupt`. */
  pieces(): AsyncIterable<Bytes>
}

/** The session as it is now. Rejects with `not-found` when not all of it is held. */
export async function openArchive(repository: Repository, session: SessionId): Promise<Archive> {
  await repository.flush()
  // Of a dropped log there is nothing to give; what was said again of it is in another.
  const heads = repository
    .heads(session)
    .filter(({ log, seq }) => seq > (repository.dropped(log)?.seq ?? 0))
  if (heads.some(({ log }) => repository.dropped(log))) {
    throw new BatonError('not-found', 'failed to export: a part of the session is being moved', {
      hint: 'wait until its devices have seen each other',
    })
  }
  if (heads.length === 0) throw new BatonError('not-found', 'there is nothing in this session yet')
  if (heads.some(({ log }) => repository.lacking(log).length > 0)) {
    throw new BatonError('not-found', 'failed to export: not all of the session is here yet', {
      hint: 'wait until the other device has sent the rest',
    })
  }
  const { logs, named } = await survey(repository, heads)
  const blobs: { hash: Bytes; bytes: number }[] = []
  for (const hash of named.values()) {
    blobs.push({ hash, bytes: (await repository.blobs.facts(hash))?.bytes ?? 0 })
  }
  const blobBytes = blobs.reduce((sum, { bytes }) => sum + bytes, 0)
  const manifest: Manifest = { session, logs, blobs: { count: blobs.length, bytes: blobBytes } }

  async function* items(): AsyncGenerator<ArchiveItem> {
    yield { at: 'manifest', manifest }
    for (const blob of blobs) {
      yield { at: 'blob', blob }
      if (blob.bytes === 0) yield { at: 'chunk', chunk: new Uint8Array(0) }
      else
        for await (const { chunk } of repository.blobs.read(blob.hash)) yield { at: 'chunk', chunk }
    }
    for (const head of heads) {
      for await (const { packed } of runsTo(repository, head)) yield { at: 'run', ...packed }
    }
    yield { at: 'end' }
  }

  return {
    session,
    entries: logs.reduce((sum, { entries }) => sum + entries, 0),
    blobs: blobs.length,
    bytes: logs.reduce((sum, { bytes }) => sum + bytes, blobBytes),
    async *pieces() {
      for await (const item of items()) yield encodeItem(item)
    },
  }
}

/** What is in the logs up to the heads, and the blobs they name. */
async function survey(repository: Repository, heads: readonly StoredHead[]) {
  const named = new Map<string, Bytes>()
  const logs: Manifest['logs'][number][] = []
  for (const head of heads) {
    let [bytes, segments] = [0, 0]
    for await (const { packed, blobs } of runsTo(repository, head)) {
      for (const hash of blobs) named.set(toHex(hash), hash.slice())
      bytes += packed.bytes.length
      segments += 1
    }
    logs.push({ head, bytes, entries: head.seq, segments })
  }
  return { logs, named }
}

/** Runs of a log up to a head; it may grow meanwhile, by whole runs. */
async function* runsTo(repository: Repository, head: StoredHead): AsyncGenerator<StoredRun> {
  for await (const run of repository.runs(head.log, 0)) {
    if (run.last > head.seq) return
    yield run
  }
}
