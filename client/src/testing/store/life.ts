/** What a store keeps over its end, and what it says after it (rules ST7 and ST8). */
import { equal, ok, rejects } from '../check.ts'
import { ascii, bytes, collect, everything, keysOf, put } from '../rows.ts'
import type { StoreTest } from '../store.ts'

export function lifeTests(test: StoreTest): void {
  test('ST7 what was flushed is there when the place is opened again', async (place) => {
    const { store, lasting, open } = place
    await store.write([put('a'), put('b')])
    await store.write([{ delete: ascii('a') }, put('c', new Uint8Array(70_000).fill(3))])
    await store.flush()
    await store.close()
    if (!lasting) return
    const again = await open()
    equal(await keysOf(again), ['b', 'c'])
    equal(await again.get(ascii('c')), new Uint8Array(70_000).fill(3))
  })

  test('ST7 300 writers at once, with flushes and walks between them, lose nothing', async (place) => {
    const { store, lasting, open } = place
    const jobs = Array.from({ length: 300 }, async (_, i) => {
      await store.write([put(`x${1000 + i}`), put(`y${1000 + i}`)])
      ok((await store.get(ascii(`x${1000 + i}`))) !== undefined, 'a writer reads what it wrote')
      if (i % 7 === 0) await store.flush()
      if (i % 50 !== 0) return
      const seen = await keysOf(store)
      const count = (letter: string) => seen.filter((key) => key.startsWith(letter)).length
      equal(count('x'), count('y'), 'how many of a pair a walk sees')
    })
    await Promise.all(jobs)
    await store.flush()
    equal((await keysOf(store)).length, 600)
    await store.close()
    if (lasting) equal((await keysOf(await open())).length, 600)
  })

  test('ST7 batches take effect in the order they were given', async ({ store }) => {
    const writes = Array.from({ length: 100 }, (_, i) => store.write([put('k', bytes(i))]))
    const order: number[] = []
    await Promise.all(writes.map((write, i) => write.then(() => order.push(i))))
    equal(
      order,
      [...order].sort((a, b) => a - b),
    )
    equal(await store.get(ascii('k')), bytes(99))
  })

  test('ST8 closing flushes, and is harmless twice', async ({ store, lasting, open }) => {
    const written = store.write([put('a')])
    const closed = store.close()
    await Promise.all([written, closed, store.close()])
    if (lasting) equal(await keysOf(await open()), ['a'])
  })

  test('ST8 after closing every call and every open walk says store-closed', async ({ store }) => {
    await store.write([put('a'), put('b')])
    const walk = store.list(everything)[Symbol.asyncIterator]()
    await walk.next()
    await store.close()
    await rejects(walk.next(), 'store-closed')
    await rejects(store.get(ascii('a')), 'store-closed')
    await rejects(store.write([put('c')]), 'store-closed')
    await rejects(store.flush(), 'store-closed')
    await rejects(collect(store), 'store-closed')
  })
}
