/**
 * Files that appear whole or not at all (PL10): written beside their place under another name,
 * flushed, renamed, the folder flushed. Nothing is written through a symlink.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BatonError } from '@baton/shared/errors'
import { errno } from './open-file.ts'

const pending = new Set<string>()
const pendingName = /^\.baton-(\d+)-[0-9a-f]{16}\.tmp$/
const staleMs = 24 * 60 * 60_000

/** Runs `write` on a new file, 0600, that takes the name `path` when it is on disk. */
export async function writeWhole<T>(
  path: string,
  write: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  await refuseLink(path)
  const name = `.baton-${process.pid}-${randomBytes(8).toString('hex')}.tmp`
  const beside = join(dirname(path), name)
  pending.add(name)
  try {
    const handle = await open(
      beside,
      constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY,
      0o600,
    )
    let result: T
    try {
      result = await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, path)
    await syncFolder(dirname(path))
    return result
  } catch (cause) {
    await unlink(beside).catch(() => undefined)
    throw diskError(cause)
  } finally {
    pending.delete(name)
  }
}

/** Makes the folders between `root`, which exists, and `folder`, 0700; none may be a link. */
export async function makeFolders(root: string, parts: readonly string[]): Promise<string> {
  let folder = root
  for (const part of parts) {
    folder = join(folder, part)
    await mkdir(folder, { mode: 0o700 }).catch((error) => {
      if (errno(error) !== 'EEXIST') throw diskError(error)
    })
    const stats = await lstat(folder)
    if (!stats.isDirectory()) throw linked(folder)
  }
  return folder
}

/** Throws `not-permitted` when something other than a regular file or nothing is at `path`. */
export async function refuseLink(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats !== undefined && !stats.isFile()) throw linked(path)
}

const linked = (path: string) =>
  new BatonError(
    'not-permitted',
    `failed to place the session: ${basename(path)} is a link there`,
    {
      hint: 'a placed session is never written through a symbolic link: remove it first',
    },
  )

/** Removes what a killed writer left in a folder. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(name.match(pendingName)?.[1])
    if (!pid || pending.has(name)) continue
    const path = join(folder, name)
    const stats = await lstat(path).catch(() => undefined)
    const old = stats !== undefined && Date.now() - stats.mtimeMs > staleMs
    if (pid === process.pid || old || !isAlive(pid)) await unlink(path).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errno(error) === 'EPERM'
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and needs no flush of one.
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

export function diskError(cause: unknown): unknown {
  const code = errno(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BatonError('store-full', 'failed to place the session: no room on the disk', {
      cause,
    })
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ELOOP'].includes(code)) {
    return new BatonError('not-permitted', `failed to place the session: ${code}`, { cause })
  }
  return cause
}
