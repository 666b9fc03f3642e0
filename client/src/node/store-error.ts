/** Turns errno and lmdb codes into what a caller can branch on. Paths are named, contents never. */
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

const errno: Record<string, [ErrorCode, string]> = {
  ENOSPC: ['store-full', 'no space is left on the disk'],
  EDQUOT: ['store-full', 'the disk quota is used up'],
  EFBIG: ['store-full', 'the file may not grow further'],
  EROFS: ['store-readonly', 'the file system is read-only'],
  EACCES: ['store-readonly', 'the folder is not writable'],
  EPERM: ['store-readonly', 'the folder is not writable'],
}

const hints: Partial<Record<ErrorCode, string>> = {
  'store-full': 'free some space; nothing that was kept is lost',
  'store-corrupt': 'restart; if it stays, move the store folder away and pair again',
  'store-newer': 'update this installation, or use another BATON_HOME',
  'store-readonly': 'make the folder writable, or name another one with BATON_HOME',
}

/** `status` is a positive errno or a negative lmdb code. */
export function storeError(verb: string, status: number, cause?: unknown): BatonError {
  return build(verb, mdb[status] ?? errno[nameOf(status)] ?? other(`${nameOf(status)}`), cause)
}

/** For errors thrown by node:fs (`code`) and by lmdb (`code` is a number). */
export function storeFailure(verb: string, error: unknown): BatonError {
  const code = (error as { code?: unknown }).code
  if (typeof code === 'number') return storeError(verb, code, error)
  return build(verb, errno[String(code)] ?? other(String(code ?? 'unknown')), error)
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
