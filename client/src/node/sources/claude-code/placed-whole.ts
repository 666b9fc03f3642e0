/**
 * One placed sidecar that is no records: replaced when it is what was placed before, left alone when
 * somebody else wrote it (PL10).
 */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { CarriedFile, PlacedCursor } from '../../../core/ports/source.ts'
import { refuseLink, writeWhole } from './atomic.ts'
import { identityOf, openRegular, readAt, stampOf } from './open-file.ts'

/** The cursor, or undefined when another file is there, which stays. */
export async function placeWhole(
  path: string,
  file: CarriedFile,
  cursor: PlacedCursor | undefined,
): Promise<PlacedCursor | undefined> {
  await refuseLink(path)
  const there = await hashOf(path)
  if (there === undefined || (cursor !== undefined && equalBytes(there, cursor.digest))) {
    if (there === undefined || !equalBytes(there, file.digest)) await write(path, file)
  } else if (!equalBytes(there, file.digest)) {
    return undefined
  }
  const stats = await stat(path, { bigint: true })
  return {
    path,
    records: 0,
    bytes: file.bytes,
    record: file.digest,
    digest: file.digest,
    identity: identityOf(stats),
    stamp: stampOf(stats),
    tail: new Uint8Array(0),
    carried: 0,
    state: '',
  }
}

const write = (path: string, file: CarriedFile) =>
  writeWhole(path, async (handle) => {
    const hash = createHash('sha256')
    for await (const chunks of file.read()) {
      for (const chunk of chunks) {
        hash.update(chunk)
        await handle.writeFile(chunk)
      }
    }
    if (!equalBytes(hash.digest(), file.digest)) {
      throw new BatonError('invalid', 'failed to place the session: a sidecar is not what it was')
    }
  })

const chunkBytes = 256 * 1024

async function hashOf(path: string): Promise<Bytes | undefined> {
  const open = await openRegular(path)
  if (open === undefined) return undefined
  try {
    const hash = createHash('sha256')
    for (let at = 0; ; ) {
      const chunk = await readAt(open.handle, at, chunkBytes)
      if (chunk.length === 0) return hash.digest()
      hash.update(chunk)
      at += chunk.length
    }
  } finally {
    await open.handle.close()
  }
}
