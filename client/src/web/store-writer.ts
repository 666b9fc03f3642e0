/**
 * Group commit over IndexedDB (rules ST2, ST7, ST9, ST15, ST16): batches are sealed as they come, and
 * those that come while a transaction is out form the next one. What refuses one batch refuses all
 * that were given after it, so that a log never has a gap.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { Write } from '../core/ports/store.ts'
import { type Database, databaseError } from './database.ts'
import { owned } from './owned.ts'
import type { Sealing } from './sealing.ts'
import { slice } from './slices.ts'
import type { Walks } from './walks.ts'

/** A write whose value is sealed; undefined deletes. */
interface Sealed {
  readonly key: Bytes
  readonly value: Uint8Array<ArrayBuffer> | undefined
}

interface Pending {
  readonly sealed: Promise<readonly Sealed[]>
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: BatonError) => void
}

export interface StoreWriter {
  write(batch: readonly Write[]): Promise<void>
  flush(): Promise<void>
}

/** A transaction takes what waits until it holds this much. */
const groupBytes = 4 * 1024 * 1024

export function createStoreWriter(ports: {
  readonly database: Database
  readonly sealing: Sealing
  /** Undefined: its place is still to be taken, with the first write that the disk takes. */
  readonly fence: number | undefined
  readonly walks: Walks
}): StoreWriter {
  const { database, sealing, walks } = ports
  let { fence: own } = ports
  const queue: Pending[] = []
  let running = false
  /** The newest write under way: all before it were decided when it is. */
  let newest: Promise<void> | undefined
  let broken: BatonError | undefined
  /** The refusal that those whose batches it took may not have heard of yet. */
  let refusing: BatonError | undefined
  /** What was committed is told in its order, while the next transaction is out. */
  let told = Promise.resolve()

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const group = takeGroup(queue)
      try {
        const batches = await Promise.all(group.map(({ sealed }) => sealed))
        await commit(batches.flat())
        told = told.then(() => tell(group))
      } catch (cause) {
        await told
        refuse(isBatonError(cause) ? cause : databaseError('write to', cause), group)
      }
    }
    running = false
  }

  /** Whoever waited for one goes on with it: each may take a while. */
  async function tell(group: readonly Pending[]): Promise<void> {
    for (const { resolve } of group) {
      await slice()
      resolve()
    }
  }

  function refuse(error: BatonError, group: readonly Pending[]): void {
    if (error.code !== 'store-full') broken = error
    refusing = error
    setTimeout(() => {
      if (refusing === error) refusing = undefined
    })
    for (const { reject } of [...group, ...queue.splice(0)]) reject(error)
  }

  async function commit(writes: readonly Sealed[]): Promise<void> {
    const transaction = database.transaction(['rows', 'meta'], 'readwrite', {
      durability: 'strict',
    })
    const rows = transaction.objectStore('rows')
    // Asked for in this turn: a walk that begins later begins after these writes.
    const left = walks.leave(
      writes.map(({ key }) => key),
      (key) => rows.get(owned(key)),
    )
    left.catch(() => {})
    try {
      const meta = transaction.objectStore('meta')
      const fence = await meta.get('fence')
      const mine = own ?? (fence ?? 0) + 1
      if (own === undefined) meta.put(mine, 'fence').catch(() => {})
      else if (fence !== own) throw fenced()
      const puts = writes.map(({ key, value }) =>
        value === undefined ? rows.delete(owned(key)) : rows.put(value, owned(key)),
      )
      for (const put of puts) put.catch(() => {})
      await transaction.done
      own = mine
      await left
    } catch (error) {
      transaction.done.catch(() => {})
      try {
        transaction.abort()
      } catch {
        // It ended by itself, which is what went wrong.
      }
      throw transaction.error ?? error
    }
  }

  return {
    write(batch) {
      const refusal = broken ?? refusing
      if (refusal) return Promise.reject(refusal)
      const sealed = Promise.all(batch.map((write) => seal(sealing, write)))
      sealed.catch(() => {})
      const bytes = batch.reduce((sum, each) => sum + ('put' in each ? each.value.length : 64), 0)
      const written = new Promise<void>((resolve, reject) => {
        queue.push({ sealed, bytes, resolve, reject })
      })
      newest = written
      const settled = () => {
        if (newest === written) newest = undefined
      }
      written.then(settled, settled)
      if (!running) {
        running = true
        queueMicrotask(() => void run())
      }
      return written
    },
    async flush() {
      if (broken) throw broken
      await newest
    },
  }
}

function takeGroup(queue: Pending[]): readonly Pending[] {
  let bytes = 0
  let count = 0
  while (count < queue.length && bytes < groupBytes) bytes += queue[count++]?.bytes ?? 0
  return queue.splice(0, count)
}

async function seal(sealing: Sealing, write: Write): Promise<Sealed> {
  if ('delete' in write) return { key: write.delete.slice(), value: undefined }
  const key = write.put.slice()
  return { key, value: await sealing.seal(key, write.value) }
}

const fenced = (): BatonError =>
  new BatonError('store-fenced', 'failed to write to the store: another page has it now', {
    hint: 'go on there, or reload this page to take it back',
  })
