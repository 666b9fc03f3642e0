/**
 * Group commit over lmdb (rules ST2, ST7, ST9, ST16): batches that arrive while a transaction is
 * being committed form the next one, and at most two are out, one flushing and one committing.
 *
 * lmdb's own promises are not used: its commit promise waits for the flush, and after a failed
 * transaction its flush promise never settles. The status codes its writer thread reports are read
 * instead: 1 is visible, 0 is on disk, anything else is an errno or an MDB code.
 */
import type { Bytes } from '@baton/shared/bytes'
import type { BatonError } from '@baton/shared/errors'
import type { RootDatabase } from 'lmdb'
import type { Write } from '../core/ports/store.ts'

export type Rows = RootDatabase<Bytes, Bytes>

interface Pending {
  readonly batch: readonly Write[]
  readonly resolve: () => void
  readonly reject: (error: BatonError) => void
}

interface Group {
  readonly pending: readonly Pending[]
  /** How many batches had been taken when this group was closed. */
  readonly last: number
  at: 'committing' | 'flushing' | 'durable'
}

interface Waiting {
  readonly target: number
  readonly resolve: () => void
  readonly reject: (error: BatonError) => void
}

export interface StoreWriter {
  write(batch: readonly Write[]): Promise<void>
  flush(): Promise<void>
}

/** A transaction takes what waits until it holds this much. */
const groupBytes = 4 * 1024 * 1024

type Status = (status: number) => unknown
interface Env {
  startWriting(address: number, status: Status): void
}

export function createStoreWriter(
  rows: Rows,
  onVisible: () => void,
  errorOf: (status: number) => BatonError,
): StoreWriter {
  const queue: Pending[] = []
  let groups: Group[] = []
  let waiting: Waiting[] = []
  let given = 0
  let taken = 0
  let broken: BatonError | undefined
  /** The refusal that those whose batches it took may not have heard of yet. */
  let refusing: BatonError | undefined

  const env = (rows as unknown as { env: Env }).env
  const startWriting = env.startWriting
  // The one private call of lmdb this relies on, hence the exact pin of its version.
  Object.defineProperty(env, 'startWriting', {
    value: (address: number, report: Status) => {
      const group = groups.at(-1)
      startWriting.call(env, address, (status) => {
        if (group === undefined) return report(status)
        // lmdb prints an error and drops its flush promise; told 0 it only rejects the commit.
        const answer = report(status === 1 || status === 2 ? status : 0)
        if (status === 1) visible(group)
        else if (status === 0) durable(group)
        else if (status !== 2) failed(group, status)
        return answer
      })
    },
  })

  function visible(group: Group) {
    if (group.at !== 'committing') return
    group.at = 'flushing'
    onVisible()
    for (const { resolve } of group.pending) resolve()
    pump()
  }

  function durable(group: Group) {
    visible(group)
    group.at = 'durable'
    while (groups[0]?.at === 'durable') {
      const { last } = groups.shift() as Group
      const due = waiting.filter((one) => one.target <= last)
      waiting = waiting.filter((one) => one.target > last)
      for (const one of due) one.resolve()
    }
    pump()
  }

  function failed(group: Group, status: number) {
    const error = errorOf(status)
    // Seen by readers but not on disk, or refused for a worse reason than space: what the disk holds
    // is unknown until the store is opened again, and lmdb would not begin another transaction.
    if (group.at === 'flushing' || error.code !== 'store-full') broken = error
    groups = groups.filter((one) => one !== group)
    // What is given before that was built on what is refused here.
    refusing = error
    setImmediate(() => {
      if (refusing === error) refusing = undefined
    })
    const refused = [...(group.at === 'committing' ? group.pending : []), ...queue.splice(0)]
    for (const { reject } of refused) reject(error)
    // What waits only for transactions that are still out may yet come true.
    const kept = broken === undefined ? (groups.at(-1)?.last ?? 0) : 0
    const told = waiting.filter((one) => one.target > kept)
    waiting = waiting.filter((one) => one.target <= kept)
    taken = given
    for (const one of told) one.reject(error)
    pump()
  }

  function pump() {
    if (queue.length === 0 || groups.length >= 2 || groups.at(-1)?.at === 'committing') return
    let bytes = 0
    let count = 0
    while (count < queue.length && bytes < groupBytes) {
      for (const write of queue[count]?.batch ?? [])
        bytes += 'put' in write ? write.value.length : 64
      count++
    }
    const pending = queue.splice(0, count)
    taken += count
    groups.push({ pending, last: taken, at: 'committing' })
    // One event turn is one transaction; the block keeps its end from falling into the middle.
    rows
      .batch(() => {
        for (const { batch } of pending) {
          for (const write of batch) {
            if ('put' in write) rows.put(write.put, write.value)
            else rows.remove(write.delete)
          }
        }
      })
      .catch(() => {
        // The status told already; lmdb's own rejection says less.
      })
  }

  return {
    write(batch) {
      const refusal = broken ?? refusing
      if (refusal !== undefined) return Promise.reject(refusal)
      given++
      return new Promise((resolve, reject) => {
        queue.push({ batch, resolve, reject })
        pump()
      })
    },
    flush() {
      if (broken !== undefined) return Promise.reject(broken)
      const target = queue.length > 0 ? given : groups.at(-1)?.last
      if (target === undefined) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push({ target, resolve, reject })
      })
    },
  }
}
