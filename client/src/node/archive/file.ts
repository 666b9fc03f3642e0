/**
 * Archive files on the disk (rules AR4, AR5): written beside their place and given their name when they
 * are whole, never over another file; read piece by piece, as often as asked.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { flushFolder } from '../atomic-file.ts'

const pieceBytes = 256 * 1024

/** Rejects with `place-exists`, `store-full`, `store-readonly`, or as `pieces` does; then nothing is left. */
export async function writeArchive(path: string, pieces: AsyncIterable<Bytes>): Promise<number> {
  const suffix = `${process.pid}.${randomBytes(8).toString('hex')}.tmp`
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${suffix}`)
  try {
    if (await isThere(path)) throw taken(path)
    const bytes = await writeFlushed(temporary, pieces)
    await nameIt(temporary, path)
    flushFolder(dirname(path))
    return bytes
  } catch (error) {
    throw isBatonError(error) ? error : unwritten(path, error)
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

async function writeFlushed(path: string, pieces: AsyncIterable<Bytes>): Promise<number> {
  const file = await open(path, 'wx', 0o600)
  try {
    let bytes = 0
    for await (const piece of pieces) {
      await file.writeFile(piece)
      bytes += piece.length
    }
    await file.sync()
    return bytes
  } finally {
    await file.close()
  }
}

/** A link never replaces what someone put there meanwhile; not every file system has them. */
async function nameIt(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || (await isThere(path)))
      throw taken(path)
    await rename(temporary, path)
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

export interface ArchiveFile {
  readonly bytes: number
  /** The first bytes, at most `length`. */
  start(length: number): Promise<Bytes>
  /** From `offset` to the end; each call reads anew. */
  pieces(offset: number): AsyncIterable<Bytes>
  close(): Promise<void>
}

/** The same file as long as it is open, whatever becomes of its name. Rejects with `not-found`. */
export async function openArchiveFile(path: string): Promise<ArchiveFile> {
  let file: FileHandle
  try {
    // Not waiting for the other end of a pipe.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code)
  }
  const stats = await file.stat()
  if (!stats.isFile()) {
    await file.close()
    throw new BatonError('not-found', `failed to read ${path}: it is not a file`)
  }
  async function read(offset: number, length: number): Promise<Bytes> {
    const piece = Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await file.read(piece, 0, length, offset)
    return new Uint8Array(piece.buffer, 0, bytesRead)
  }
  return {
    bytes: stats.size,
    start: (length) => read(0, length),
    async *pieces(offset) {
      for (let at = offset; ; ) {
        const piece = await read(at, pieceBytes)
        if (piece.length === 0) return
        at += piece.length
        yield piece
      }
    },
    close: () => file.close(),
  }
}

const taken = (path: string) =>
  new BatonError('place-exists', `failed to export: ${path} is there already`, {
    hint: 'name another file with --out',
  })

function unwritten(path: string, cause: unknown): BatonError {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new BatonError(
    full ? 'store-full' : 'store-readonly',
    `failed to write ${path}: ${full ? 'the disk is full' : code}`,
    { cause, hint: 'name another file with --out' },
  )
}

const unreadable = (path: string, code = 'unknown') =>
  new BatonError(
    'not-found',
    `failed to read ${path}: ${code === 'ENOENT' ? 'no such file' : code}`,
  )
