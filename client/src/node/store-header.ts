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

/** A meta page; offsets as the 64-bit data format 2 of lmdb lays them out. */
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

/**
 * After a power cut the newer meta page may name pages that never got to the disk; the third, half a
 * page into the file, is written behind each flush, and what it names must be there.
 */
function checkMetas(fd: number, size: number): void {
  const first = checkMeta(readMeta(fd, 0))
  const second = checkMeta(readMeta(fd, first.pageBytes))
  const flushed = readMeta(fd, first.pageBytes / 2)
  const pages = BigInt(Math.floor(size / first.pageBytes))
  const whole = ({ roots }: Meta) => roots.every((root) => root === none || root < pages)
  const metas = flushed.transaction > 0n ? [flushed] : [first, second]
  if (!metas.some(whole)) throw storeError('open', missingPage)
}

function checkMeta(meta: Meta): Meta {
  if (meta.magic !== magic) throw storeError('open', invalid)
  if (meta.version !== dataVersion) throw storeError('open', otherVersion)
  if (meta.pageBytes < 512 || meta.pageBytes > 65_536) throw storeError('open', invalid)
  return meta
}

function readMeta(fd: number, at: number): Meta {
  const page = Buffer.alloc(168)
  if (readSync(fd, page, 0, page.length, at) < page.length) throw storeError('open', invalid)
  return {
    magic: page.readUInt32LE(24),
    version: page.readUInt32LE(28) & 0xffff,
    pageBytes: page.readUInt32LE(48),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)],
    transaction: page.readBigUInt64LE(152),
  }
}
