/**
 * Files that are whole or not there, also after kill -9 or a power cut (rule KR4): written beside
 * their place, flushed, given their name, and the folder flushed. Knows nothing of what is in them.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Bytes } from '@baton/shared/bytes'
import { isRunning } from './process.ts'

/** `.name.pid.random.tmp` */
const leftover = /^\..+\.(\d+)\.[0-9a-f]{16}\.tmp$/
/** No write takes this long: an older temporary has no writer, whatever its process id says. */
const leftoverMs = 60_000

/** Puts `bytes` at `path`, whatever was there; 0600 unless told. Durable when it returns. */
export function replaceFile(path: string, bytes: Bytes, mode = 0o600): void {
  throughTemporary(path, bytes, mode, (temporary) => renameSync(temporary, path))
}

/**
 * Puts `bytes` at `path` unless something is there already: then false, and nothing changed. On a
 * file system without hard links two that create at the same instant both hear true, and the last
 * one's bytes stay.
 */
export function createFile(path: string, bytes: Bytes, mode = 0o600): boolean {
  return throughTemporary(path, bytes, mode, (temporary) => {
    try {
      linkSync(temporary, path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST' || existsSync(path)) return false
      if (!noLinks.has(String(code))) throw error
      renameSync(temporary, path)
    }
    rmSync(temporary, { force: true })
    return true
  })
}

/** exFAT and its like, and Android, which forbids links to applications. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'])

/** Removes a file; one that is gone already is fine. Durable when it returns. */
export function removeFile(path: string): void {
  rmSync(path, { force: true })
  flushFolder(dirname(path))
}

/** Removes what writers that died left in `folder`. */
export function sweepLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = leftover.exec(name)?.[1]
    if (pid === undefined) continue
    const path = join(folder, name)
    const age = Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age > leftoverMs || !isRunning(Number(pid))) rmSync(path, { force: true })
  }
}

/** Makes `folder` and what is missing above it, 0700; the names are durable when it returns. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; ; made = dirname(made)) {
    flushFolder(dirname(made))
    if (made === first || made === dirname(made)) return
  }
}

function throughTemporary<T>(
  path: string,
  bytes: Bytes,
  mode: number,
  name: (temporary: string) => T,
): T {
  const id = randomBytes(8).toString('hex')
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${id}.tmp`)
  try {
    writeFlushed(temporary, bytes, mode)
    const result = name(temporary)
    flushFolder(dirname(path))
    return result
  } finally {
    rmSync(temporary, { force: true })
  }
}

function writeFlushed(path: string, bytes: Bytes, mode: number): void {
  const fd = openSync(path, 'wx', mode)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** A new name is durable only with its folder. Windows flushes names by itself and opens no folder. */
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
