/**
 * Opens files of the agent's tree without following a symlink or waiting at a pipe (SO6). A path
 * that is no regular file is `not-found`, whatever it is.
 */
import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BatonError } from '@baton/shared/errors'

// Absent on Windows, where opening follows links; there the walk's lstat is the only guard.
const noFollow = constants.O_NOFOLLOW ?? 0
const noWait = constants.O_NONBLOCK ?? 0

export interface OpenFile {
  readonly handle: FileHandle
  readonly stats: BigIntStats
}

/** The caller closes it. Undefined when there is no regular file at `path`. */
export async function openRegular(
  path: string,
  mode: 'read' | 'write' = 'read',
): Promise<OpenFile | undefined> {
  const access = mode === 'read' ? constants.O_RDONLY : constants.O_RDWR
  let handle: FileHandle
  try {
    handle = await open(path, access | noFollow | noWait)
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw new BatonError('not-permitted', `failed to open a session file: ${errno(cause)}`, {
      cause,
    })
  }
  try {
    const stats = await handle.stat({ bigint: true })
    if (stats.isFile()) return { handle, stats }
  } catch (cause) {
    await handle.close()
    throw cause
  }
  await handle.close()
  return undefined
}

/** Gone, a link, or something below a file: all of them mean there is no such session file. */
export const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ELOOP', 'ENOTDIR', 'EMLINK', 'ENXIO'].includes(errno(error))

export const errno = (error: unknown): string => String((error as { code?: unknown }).code)

export const identityOf = (stats: BigIntStats): string => `${stats.dev}:${stats.ino}`

/** Equal means nobody wrote, renamed or touched the file in between. */
export const stampOf = (stats: BigIntStats): string =>
  `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`

/** The size a stamp was made at. */
export const stampSize = (stamp: string): number => Number(stamp.split(':', 1)[0])

/** Of a whole file: another one whenever its bytes may be others. */
export const versionOf = (stats: BigIntStats): string => `${identityOf(stats)}:${stampOf(stats)}`

/** Reads exactly `length` bytes, or fewer where the file ends. */
export async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === length ? buffer : buffer.subarray(0, filled)
}
