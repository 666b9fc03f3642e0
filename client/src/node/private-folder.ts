/**
 * Folders and files that only their owner may reach (rules KR2, KR3): made so, and refused when
 * they are not. On Windows the profile's own access list guards them; nothing is checked there.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs'
import { BatonError } from '@baton/shared/errors'
import { makeFolder } from './atomic-file.ts'

const unix = process.platform !== 'win32'

/** Makes `folder` 0700 when it is not there; throws `keyring-mode` when others can reach it. */
export function ensurePrivateFolder(folder: string): void {
  makeFolder(folder)
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw refused(folder, 'it is not a folder', 'remove it')
  checkPrivate(folder, stats, '700')
}

/** The file's text, or undefined when there is none. `maxBytes` bounds what is read. */
export function readPrivateFile(path: string, maxBytes: number): string | undefined {
  const fd = openPrivate(path)
  if (fd === undefined) return undefined
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw refused(path, 'it is not a file', 'remove it')
    checkPrivate(path, stats, '600')
    if (stats.size > maxBytes)
      throw new BatonError('keyring-unreadable', `failed to read ${path}: it is too big`)
    return readFileSync(fd, 'latin1')
  } finally {
    closeSync(fd)
  }
}

function openPrivate(path: string): number | undefined {
  try {
    // Not following a link, and not waiting for the other end of a pipe.
    return openSync(
      path,
      constants.O_RDONLY | (unix ? constants.O_NOFOLLOW | constants.O_NONBLOCK : 0),
    )
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK') {
      throw refused(path, 'it is a symbolic link', 'put the file itself in its place')
    }
    throw new BatonError('keyring-unreadable', `failed to read ${path}: ${code}`, { cause })
  }
}

function checkPrivate(path: string, stats: Stats, mode: '600' | '700'): void {
  if (!unix) return
  const me = process.geteuid?.()
  if (stats.uid !== me) {
    throw refused(path, `it belongs to user ${stats.uid}, not ${me}`, `chown ${me} ${quote(path)}`)
  }
  if ((stats.mode & 0o077) === 0) return
  const found = (stats.mode & 0o777).toString(8)
  throw refused(path, `others can reach it (mode ${found})`, `chmod ${mode} ${quote(path)}`)
}

const refused = (path: string, why: string, hint: string): BatonError =>
  new BatonError('keyring-mode', `failed to use ${path}: ${why}`, { hint })

/** For a POSIX shell. */
const quote = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`
