/** Turns errno and lmdb codes into what a caller can branch on. Paths are named, contents never. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { getSystemErrorName } from 'node:util'
import { BatonError, type ErrorCode } from '@baton/shared/errors'

/** lmdb.h, and what lmdb-js adds. */
const mdb: Record<number, [ErrorCode, string]> = {
  [-30797]: ['store-corrupt', 'a page is missing'],
  [-30796]: ['store-corrupt', 'a page is damaged'],
  [-30795]: ['store-corrupt', 'an earlier write to the disk failed'],
  [-30794]: ['store-newer', 'it was made by another version of lmdb'],
  [-30793]: ['store-corrupt', 'it is not a store'],
  [-30792]: ['store-full', 'the map is full'],
  [-30788]: ['store-full', 'the transaction is too big'],
  [-30785]: ['store-full', 'the map cannot grow'],
}

const noSpace: [ErrorCode, string] = ['store-full', 'no space is left on the disk']

const notWritable: [ErrorCode, string] = ['store-readonly', 'the folder is not writable']

const errno: Record<string, [ErrorCode, string]> = {
  ENOSPC: noSpace,
  EDQUOT: ['store-full', 'the disk quota is used up'],
  EFBIG: ['store-full', 'the file may not grow further'],
  EROFS: ['store-readonly', 'the file system is read-only'],
  EACCES: notWritable,
  EPERM: notWritable,
}

/** GetLastError, which lmdb passes on as it is. */
const windows: Record<number, [ErrorCode, string]> =
  process.platform === 'win32' ? { 5: notWritable, 39: noSpace, 112: noSpace } : {}

const hints: Partial<Record<ErrorCode, string>> = {
  'store-full': 'free some space; nothing that was kept is lost',
  'store-corrupt': 'restart; if it stays, move the store folder away and pair again',
  'store-newer': 'update this installation, or use another BATON_HOME',
  'store-readonly': 'make the folder writable, or name another one with BATON_HOME',
}

/**
 * What a failed transaction of the store in `folder` means. lmdb says EIO when the system took only
 * a part of what was to be written, which is how most disks say that they are full.
 */
export function writeError(folder: string, status: number): BatonError {
  if (nameOf(status) !== 'EIO' || hasRoom(folder)) return storeError('write', status)
  return build('write', noSpace, undefined)
}

/** Throws `store-full` when a new store has no room to begin in. */
export function checkRoom(folder: string): void {
  if (!hasRoom(folder)) throw build('open', noSpace, undefined)
}

function hasRoom(folder: string): boolean {
  const path = join(folder, 'probe.tmp')
  try {
    const fd = openSync(path, 'w', 0o600)
    try {
      const probe = new Uint8Array(64 * 1024)
      if (writeSync(fd, probe) < probe.length) return false
      fsyncSync(fd)
      return true
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return !['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String((error as { code?: unknown }).code))
  } finally {
    rmSync(path, { force: true })
  }
}

/** `status` is a positive errno or a negative lmdb code. */
export function storeError(verb: string, status: number, cause?: unknown): BatonError {
  const known = mdb[status] ?? windows[status] ?? errno[nameOf(status)]
  return build(verb, known ?? other(nameOf(status)), cause)
}

/** For errors thrown by node:fs (`code`) and by lmdb (`code` is a number). */
export function storeFailure(verb: string, error: unknown): BatonError {
  const code = (error as { code?: unknown }).code
  if (typeof code === 'number') return storeError(verb, code, error)
  // ENOTDIR, EEXIST, and ENOENT, as Node says of a new folder on a read-only disk.
  const why = `the folder cannot be used (${code ?? 'unknown'})`
  return build(verb, errno[String(code)] ?? ['store-readonly', why], error)
}

const other = (name: string): [ErrorCode, string] => ['store-corrupt', `the system said ${name}`]

function build(verb: string, [code, why]: [ErrorCode, string], cause: unknown): BatonError {
  const hint = hints[code]
  return new BatonError(code, `failed to ${verb} the store: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  })
}

function nameOf(status: number): string {
  try {
    return getSystemErrorName(-status)
  } catch {
    return String(status)
  }
}
