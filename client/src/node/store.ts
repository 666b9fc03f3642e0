/**
 * The Store on disk: one lmdb file, one process (rules ST1 to ST16, ST20, ST21). `write` resolves when readers
 * see a batch, `flush` when it is on disk. Reads run on the calling thread, from the page cache.
 *
 * Limits: after kill -9 nothing written is lost; after a power cut only what was not flushed is. An
 * fsync that the disk does not honour is not noticed. The file never shrinks; freed pages are used
 * again.
 */
import { chmodSync, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { open } from 'lmdb'
import { checkBatch, isEmptyRange, storeClosed } from '../core/memory/batch.ts'
import type { Range, Store, Write } from '../core/ports/store.ts'
import { flushFolder, makeFolder } from './atomic-file.ts'
import type { Sealing } from './sealing.ts'
import { checkRoom, storeFailure, writeError } from './store-error.ts'
import { checkHeader } from './store-header.ts'
import { lockStore } from './store-lock.ts'
import { createStoreWriter, type Rows } from './store-writer.ts'

export interface NodeStore extends Store {
  readonly kind: 'lmdb'
  /** Size of the file in bytes, for `status`. */
  bytes(): number
}

/** 1: values as they are; 2: sealed. */
export const storeFormat = 2
const fileName = 'store.mdb'
const formatKey = Uint8Array.of(0)
/** Holds a sealed nothing: a store is opened with the key it was written with, or not at all. */
const proofKey = Uint8Array.of(1)
/** Bytes in and out, one copy each: lmdb's own `binary` makes Buffers, whose `slice` shares memory. */
const plain = {
  keyEncoder: {
    writeKey(key: Bytes, target: Bytes, at: number) {
      target.set(key, at)
      return at + key.length
    },
    readKey: (source: Bytes, from: number, to: number) => copyOf(source, from, to),
  },
  encoder: { encode: (value: Bytes) => value, decode: (value: Bytes) => copyOf(value) },
}
/** Address space taken at once; lmdb takes more as the file grows. */
const mapBytes = 1024 ** 3

/**
 * Opens or creates the store in `folder`, its values sealed where `seal` is given: asked once no other
 * process has the store, and told whether there is one. Rejects with `store-locked`, `store-readonly`,
 * `store-full`, `store-newer`, `store-corrupt` or what `seal` says.
 */
export async function openNodeStore(
  folder: string,
  seal?: (exists: boolean) => Promise<Sealing>,
): Promise<NodeStore> {
  const unlock = await holdStore(folder)
  let root: Rows | undefined
  try {
    const exists = checkHeader(join(folder, fileName))
    if (!exists) checkRoom(folder)
    const sealing = await seal?.(exists)
    root = openRoot(join(folder, fileName))
    await checkFormat(folder, root, sealing)
    const rows = root.openDB<Bytes, Bytes>({ name: 'rows', ...plain } as { name: string }) as Rows
    return createNodeStore(folder, root, rows, unlock, sealing)
  } catch (error) {
    await root?.close()
    unlock()
    throw error instanceof BatonError ? error : storeFailure('open', error)
  }
}

/**
 * Keeps every other process off the store and the keys that belong to it; resolves with how to let go.
 * Rejects with `store-locked` or `store-readonly`.
 */
export async function holdStore(folder: string): Promise<() => void> {
  try {
    makeFolder(folder)
    chmodSync(folder, 0o700)
    return await lockStore(folder)
  } catch (error) {
    throw error instanceof BatonError ? error : storeFailure('open', error)
  }
}

const openRoot = (path: string): Rows =>
  open<Bytes, Bytes>({
    path,
    ...plain,
    mapSize: mapBytes,
    maxDbs: 4,
    // Its own gathering makes a promise nobody can catch; the writer does the gathering here.
    eventTurnBatching: false,
    permissionsMode: 0o600,
  } as Parameters<typeof open<Bytes, Bytes>>[0])

/** True where a store is, whatever its state. */
export const hasStore = (folder: string): boolean => existsSync(join(folder, fileName))

async function checkFormat(folder: string, root: Rows, sealing?: Sealing): Promise<void> {
  const format = sealing ? 2 : 1
  const found = root.get(formatKey)
  if (found === undefined) {
    if (sealing) await root.put(proofKey, sealing.seal(proofKey, new Uint8Array(0)))
    await root.put(formatKey, Uint8Array.of(format))
    flushFolder(folder)
  } else if (found.length !== 1) {
    throw new BatonError('store-corrupt', 'failed to open the store: its format row is damaged')
  } else if ((found[0] as number) > storeFormat) {
    throw new BatonError('store-newer', `failed to open the store: it has format ${found[0]}`, {
      hint: 'update this installation, or use another BATON_HOME',
    })
  } else if (found[0] !== format) {
    throw new BatonError('store-corrupt', `failed to open the store: it has format ${found[0]}`, {
      hint: 'it is of an early build: move it away, and it is made anew',
    })
  } else if (sealing) prove(root, sealing)
}

function prove(root: Rows, sealing: Sealing): void {
  try {
    sealing.open(proofKey, root.get(proofKey) ?? new Uint8Array(0))
  } catch (cause) {
    throw new BatonError('store-corrupt', 'failed to open the store: its key is another', {
      cause,
      hint: 'keys and store belong together: bring back the keys, or move the store away',
    })
  }
}

function createNodeStore(
  folder: string,
  root: Rows,
  rows: Rows,
  unlock: () => void,
  sealing: Sealing | undefined,
): NodeStore {
  const opened = (key: Bytes, value: Bytes) => (sealing ? sealing.open(key, value) : value)
  const sealed = (write: Write): Write =>
    sealing && 'put' in write
      ? { put: write.put, value: sealing.seal(write.put, write.value) }
      : write
  const writer = createStoreWriter(
    rows,
    () => rows.resetReadTxn(),
    (status) => writeError(folder, status),
  )
  const walks = new Set<Iterator<unknown>>()
  let closing: Promise<void> | undefined
  const check = () => {
    if (closing !== undefined) throw storeClosed()
  }

  async function* list(range: Range): AsyncGenerator<readonly [Bytes, Bytes]> {
    check()
    if (isEmptyRange(range)) return
    const walk = rows.getRange(lmdbRange(range))[Symbol.iterator]()
    walks.add(walk)
    try {
      for (let step = walk.next(); step.done !== true; step = walk.next()) {
        yield [step.value.key, opened(step.value.key, step.value.value)]
        check()
      }
    } finally {
      if (walks.delete(walk)) walk.return?.()
    }
  }

  async function shut() {
    const flushed = writer.flush()
    for (const walk of walks) walk.return?.()
    walks.clear()
    try {
      await flushed
    } finally {
      await root.close()
      unlock()
    }
  }

  return {
    kind: 'lmdb',
    bytes: () => statSync(join(folder, fileName)).size,
    async get(key) {
      check()
      const value = rows.get(key)
      return value && opened(key, value)
    },
    list,
    async write(batch) {
      check()
      checkBatch(batch)
      if (batch.length > 0) await writer.write(batch.map(sealed))
    },
    async flush() {
      check()
      await writer.flush()
    },
    close() {
      closing ??= shut()
      return closing
    },
  }
}

/** lmdb walks backwards from `start`, both ends the other way round. */
function lmdbRange({ from, to, limit, reverse }: Range) {
  const bounded = limit === undefined ? {} : { limit }
  const first = from.length === 0 ? formatKey : from
  if (reverse !== true) return { start: first, end: to, ...bounded }
  return {
    start: to,
    end: first,
    reverse: true,
    exclusiveStart: true,
    inclusiveEnd: true,
    ...bounded,
  }
}

/** Of a view that lmdb will write over. Its Buffers carry a `length` of their own. */
function copyOf(view: Bytes, from = 0, to = view.length): Bytes {
  return new Uint8Array(view.buffer, view.byteOffset + from, to - from).slice()
}
