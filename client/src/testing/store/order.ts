/** Order, batches and walks of a store (rules ST1 to ST4). */
import type { Write } from '../../core/ports/store.ts'
import { equal, later } from '../check.ts'
import { ascii, bytes, collect, everything, keysOf, put } from '../rows.ts'
import type { StoreTest } from '../store.ts'

export function orderTests(test: StoreTest): void {
  test('ST1 rows come in bytewise order, from inclusive, to exclusive', async ({ store }) => {
    const keys = [bytes(0), bytes(0, 0), bytes(1), bytes(127), bytes(128), bytes(255, 0)]
    await store.write([...keys].reverse().map((key) => ({ put: key, value: key })))
    equal(
      (await collect(store)).map(([key]) => key),
      keys,
    )
    const part = await collect(store, { from: bytes(0, 0), to: bytes(128) })
    equal(
      part.map(([key]) => key),
      keys.slice(1, 4),
    )
  })

  test('ST1 a prefix is not a neighbour: AB does not bring ABC, nor its like', async ({
    store,
  }) => {
    await store.write(['A', 'AB', 'AB\0', 'ABC', 'AC', 'B'].map((key) => put(key)))
    const between = (from: string, to: string) =>
      keysOf(store, { from: ascii(from), to: ascii(to) })
    equal(await between('AB', 'AB\0'), ['AB'])
    equal(await between('AB', 'ABC'), ['AB', 'AB\0'])
    equal(await between('AB', 'AC'), ['AB', 'AB\0', 'ABC'])
  })

  test('ST1 an empty or turned range holds nothing', async ({ store }) => {
    await store.write([put('a'), put('b')])
    for (const [from = '', to = ''] of ['aa', 'ba', '', 'cd']) {
      for (const reverse of [true, false]) {
        equal(await keysOf(store, { from: ascii(from), to: ascii(to), reverse }), [])
      }
    }
  })

  test('ST2 of a batch with one key several times the last write counts', async ({ store }) => {
    await store.write([put('a', bytes(1)), { delete: ascii('a') }, put('a', bytes(2))])
    await store.write([put('b'), { delete: ascii('b') }, { delete: ascii('none') }])
    equal(await store.get(ascii('a')), bytes(2))
    equal(await keysOf(store), ['a'])
    await store.write([])
  })

  test('ST2 a batch of 5,000 rows is seen whole or not at all', async ({ store }) => {
    const rows = (value: number) =>
      Array.from({ length: 5_000 }, (_, i): Write => put(`k${i}`, bytes(value)))
    const values = async () => [...new Set((await collect(store)).map(([, value]) => value[0]))]
    await store.write(rows(1))
    const second = later(store.write(rows(2)))
    equal((await values()).length, 1, 'how many states a walk saw')
    await second
    equal(await values(), [2])
  })

  test('ST3 a walk sees one state, whatever is written meanwhile', async ({ store }) => {
    await store.write(Array.from({ length: 400 }, (_, i) => put(`k${1000 + i}`, bytes(1))))
    const values: (number | undefined)[] = []
    for await (const [, value] of store.list(everything)) {
      values.push(value[0])
      if (values.length % 100 !== 1) continue
      await store.write([put('k1399', bytes(2)), put('k9', bytes(2)), { delete: ascii('k1398') }])
      await store.flush()
    }
    equal(values, new Array(400).fill(1))
    equal(await store.get(ascii('k1399')), bytes(2))
  })

  test('ST3 a walk started after a write sees it, two walks keep their own states', async ({
    store,
  }) => {
    await store.write([put('a'), put('b')])
    const first = store.list(everything)[Symbol.asyncIterator]()
    await first.next()
    await store.write([put('c')])
    const second = store.list(everything)[Symbol.asyncIterator]()
    await second.next()
    await store.write([{ delete: ascii('b') }, { delete: ascii('c') }])
    equal((await first.next()).value?.[0], ascii('b'))
    equal((await first.next()).done, true)
    equal((await second.next()).value?.[0], ascii('b'))
    equal((await second.next()).value?.[0], ascii('c'))
    equal(await keysOf(store), ['a'])
  })

  test('ST4 reverse and limit cut the same range from its other end', async ({ store }) => {
    await store.write(['a', 'b', 'c', 'd', 'e'].map((key) => put(key)))
    const range = { from: ascii('b'), to: ascii('e') }
    equal(await keysOf(store, { ...range, reverse: true }), ['d', 'c', 'b'])
    equal(await keysOf(store, { ...range, reverse: true, limit: 1 }), ['d'])
    equal(await keysOf(store, { ...range, limit: 2 }), ['b', 'c'])
    equal(await keysOf(store, { ...range, limit: 0 }), [])
    equal(await keysOf(store, { ...range, limit: 99 }), ['b', 'c', 'd'])
  })
}
