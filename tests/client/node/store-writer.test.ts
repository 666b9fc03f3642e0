/** ST7, ST9, ST16: the gathering of batches, over an lmdb whose writer thread is played by the test. */
import { setImmediate as turn } from 'node:timers/promises'
import { createStoreWriter, type Rows } from '@baton/client/node/store-writer'
import { put } from '@baton/client/testing/rows'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'

const visible = 1
const onDisk = 0

/** Collects transactions; `report(i, status)` is what the writer thread would say of the i-th. */
function played() {
  const transactions: string[][] = []
  const reports: ((status: number) => unknown)[] = []
  let seen = 0
  const rows = {
    env: {
      startWriting(_address: number, status: (status: number) => unknown) {
        reports.push(status)
      },
    },
    batch(run: () => void) {
      transactions.push([])
      run()
      rows.env.startWriting(0, () => {})
      return Promise.resolve(true)
    },
    put: (key: Uint8Array) => transactions.at(-1)?.push(String.fromCharCode(...key)),
    remove: () => {},
  }
  const writer = createStoreWriter(
    rows as unknown as Rows,
    () => seen++,
    (status) => new BatonError(status === 28 ? 'store-full' : 'store-corrupt', 'failed'),
  )
  const log: string[] = []
  const follow = (name: string, promise: Promise<void>) =>
    promise.then(
      () => log.push(name),
      (error: BatonError) => log.push(`${name}: ${error.code}`),
    )
  return {
    transactions,
    write: (...keys: string[]) => follow(keys.join(''), writer.write(keys.map((key) => put(key)))),
    flush: (name: string) => follow(name, writer.flush()),
    report: (i: number, status: number) => reports[i]?.(status),
    seen: () => seen,
    /** What ended since the last call. */
    async ended() {
      for (let i = 0; i < 5; i++) await Promise.resolve()
      return log.splice(0)
    },
  }
}

it('ST16 what comes while a commit is out becomes one transaction, two are out at most', async () => {
  const { write, transactions, report, ended, seen } = played()
  for (const key of ['a', 'b', 'c']) void write(key)
  expect(transactions).toEqual([['a']])
  report(0, visible)
  expect(seen()).toBe(1)
  expect(await ended()).toEqual(['a'])
  void write('d')
  expect(transactions).toEqual([['a'], ['b', 'c']])
  report(1, visible)
  void write('e')
  // The first still flushes: a third would take another thread only to wait.
  expect(transactions).toHaveLength(2)
  report(0, onDisk)
  expect(transactions).toEqual([['a'], ['b', 'c'], ['d', 'e']])
  report(1, onDisk)
  report(2, visible)
  report(2, onDisk)
  expect(await ended()).toEqual(['b', 'c', 'd', 'e'])
})

it('ST7 a flush ends when all written before it is on disk, in whatever order that is told', async () => {
  const { write, flush, report, ended } = played()
  void flush('empty')
  expect(await ended()).toEqual(['empty'])
  void write('a')
  void flush('F1')
  report(0, visible)
  void write('b')
  void flush('F2')
  report(1, visible)
  void write('c')
  void flush('F3')
  report(1, onDisk)
  expect(await ended()).toEqual(['a', 'b'])
  report(0, onDisk)
  expect(await ended()).toEqual(['F1', 'F2'])
  report(2, onDisk)
  expect(await ended()).toEqual(['c', 'F3'])
})

it('ST9 a refused transaction takes what waits behind it with it, then writing goes on', async () => {
  const { write, flush, report, ended, transactions } = played()
  void write('a')
  void write('b')
  void flush('F')
  report(0, 28)
  // Given before the giver of `a` could hear of it.
  void write('x')
  expect(await ended()).toEqual([
    'a: store-full',
    'b: store-full',
    'F: store-full',
    'x: store-full',
  ])
  await turn()
  void write('c')
  void flush('G')
  expect(transactions).toEqual([['a'], ['c']])
  report(1, visible)
  report(1, onDisk)
  expect(await ended()).toEqual(['c', 'G'])
})

it('ST9 a refusal spares what was seen before it, and its flush', async () => {
  const { write, flush, report, ended } = played()
  void write('a')
  void flush('F')
  report(0, visible)
  void write('b')
  void flush('G')
  report(1, 28)
  expect(await ended()).toEqual(['a', 'b: store-full', 'G: store-full'])
  void flush('H')
  report(0, onDisk)
  expect(await ended()).toEqual(['F', 'H'])
})

it('ST9 a flush that failed after readers saw the batch ends the store’s writing', async () => {
  const { write, flush, report, ended, transactions } = played()
  void write('a')
  void flush('F')
  report(0, visible)
  report(0, 28)
  expect(await ended()).toEqual(['a', 'F: store-full'])
  void write('b')
  void flush('G')
  expect(await ended()).toEqual(['b: store-full', 'G: store-full'])
  expect(transactions).toHaveLength(1)
})
