/**
 * Makes the folders of a home (rule UP3), one level at a time: Node's own recursive mkdir never returns
 * where the file system answers ENOENT to everything, as /proc does (seen with 20.20).
 */
import { accessSync, constants, mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { BatonError } from '@baton/shared/errors'

/** Makes `folder` and sees that it can be written. Throws `store-readonly` with what to do. */
export function makeHome(folder: string): void {
  const missing: string[] = []
  for (let at = folder; !isThere(at); at = dirname(at)) missing.unshift(at)
  for (const each of missing) {
    try {
      mkdirSync(each, { mode: 0o700 })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') continue
      throw unusable(folder, code ?? 'unknown')
    }
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw unusable(folder, (error as NodeJS.ErrnoException).code ?? 'unknown')
  }
}

function isThere(path: string): boolean {
  const stats = statsOf(path)
  if (stats === undefined || stats.isDirectory()) return stats !== undefined
  throw unusable(path, 'it is not a folder')
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Below a file: that one is come to in its turn.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unusable(path, code ?? 'unknown')
  }
}

/** What the system's codes say to a person. */
const words: Readonly<Record<string, string>> = {
  EACCES: 'it cannot be written by this user',
  EPERM: 'it cannot be written by this user',
  EROFS: 'it is on a read-only disk',
  ENOSPC: 'the disk is full',
}

const unusable = (path: string, why: string): BatonError =>
  new BatonError('store-readonly', `failed to use ${path}: ${words[why] ?? why}`, {
    hint: 'name a folder that can be written with BATON_HOME',
  })
