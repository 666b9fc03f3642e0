/**
 * Looks at a store's file before lmdb does (rule ST13): lmdb's binding crashes the process when it
 * cannot open a file, and a file cut short would crash it at the first read. Contents are not
 * checked: the logs in it are hash chains, which tell for themselves.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { storeError, storeFailure } from './store-error.ts'

const magic = 0xbeefc0de
const dataVersion = 2
const invalid = -30793
const otherVersion = -30794
const missingPage = -30797
const none = 2n ** 64n - 1n

/** One of the two meta pages; offsets as the 64-bit data format 2 of lmdb 1.0 lays them out. */
interface Meta {
  readonly magic: number
  readonly version: number
  readonly pageBytes: number
  readonly roots: readonly bigint[]
  readonly transaction: bigint
}

/** False when there is no file, or an empty one. Throws `store-corrupt` or `store-newer`. */
export function checkHeader(path: string): boolean {
  let fd: number
  try {
    fd = openSync(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw storeFailure('open', error)
  }
  try {
    const { size } = fstatSync(fd)
    if (size > 0) checkMetas(fd, size)
    return size > 0
  } finally {
    closeSync(fd)
  }
}

function checkMetas(fd: number, size: number): void {
  const first = readMeta(fd, 0)
  const second = readMeta(fd, first.pageBytes)
  const { roots, pageBytes } = second.transaction > first.transaction ? second : first
  const pages = BigInt(Math.floor(size / pageBytes))
  if (roots.some((root) => root !== none && root >= pages)) throw storeError('open', missingPage)
}

function readMeta(fd: number, at: number): Meta {
  const page = Buffer.alloc(168)
  if (readSync(fd, page, 0, page.length, at) < page.length) throw storeError('open', invalid)
  const meta = {
    magic: page.readUInt32LE(24),
    version: page.readUInt32LE(28) & 0xffff,
    pageBytes: page.readUInt32LE(48),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)],
    transaction: page.readBigUInt64LE(152),
  }
  if (meta.magic !== magic) throw storeError('open', invalid)
  if (meta.version !== dataVersion) throw storeError('open', otherVersion)
  if (meta.pageBytes < 512 || meta.pageBytes > 65_536) throw storeError('open', invalid)
  return meta
}
