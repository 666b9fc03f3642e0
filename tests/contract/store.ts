/**
 * The Store contract (rules ST1 to ST9): `storeContract(name, newPlace)` runs it against any
 * implementation. A place is where a store keeps its rows; opening it again finds what was flushed.
 */

import type { Range, Store, Write } from '@baton/client/core/ports/store'
import { type Bytes, compareBytes } from '@baton/shared/bytes'
import { maxStoreKeyBytes } from '@baton/shared/limits'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ascii,
  bytes,
  collect,
  everything,
  keysOf,
  modelRange,
  put,
  type Row,
} from '../support/rows.ts'
import { tries } from '../support/tries.ts'

export interface StorePlace {
  open(): Promise<Store>
  /** False where a closed store is gone, as in plain memory. */
  readonly lasting: boolean
  remove(): Promise<void>
}

export function storeContract(name: string, newPlace: () => StorePlace | Promise<StorePlace>) {
  async function openPlace() {
    const place = await newPlace()
    const opened: Store[] = []
    onTestFinished(async () => {
      for (const store of opened) await store.close()
      await place.remove()
    })
    const open = async () => {
      const store = await place.open()
      opened.push(store)
      return store
    }
    return { place, open, store: await open() }
  }

  describe(`store: ${name}`, () => {
    it('ST1 rows come in bytewise order, from inclusive, to exclusive', async () => {
      const { store } = await openPlace()
      const keys = [bytes(0), bytes(0, 0), bytes(1), bytes(127), bytes(128), bytes(255, 0)]
      await store.write([...keys].reverse().map((key) => ({ put: key, value: key })))
      expect((await collect(store)).map(([key]) => key)).toEqual(keys)
      const part = await collect(store, { from: bytes(0, 0), to: bytes(128) })
      expect(part.map(([key]) => key)).toEqual(keys.slice(1, 4))
    })

    it('ST1 a prefix is not a neighbour: AB does not bring ABC, nor its like', async () => {
      const { store } = await openPlace()
      await store.write(['A', 'AB', 'AB\0', 'ABC', 'AC', 'B'].map((key) => put(key)))
      expect(await keysOf(store, { from: ascii('AB'), to: ascii('AB\0') })).toEqual(['AB'])
      expect(await keysOf(store, { from: ascii('AB'), to: ascii('ABC') })).toEqual(['AB', 'AB\0'])
      expect(await keysOf(store, { from: ascii('AB'), to: ascii('AC') })).toHaveLength(3)
    })

    it('ST1 an empty or turned range holds nothing', async () => {
      const { store } = await openPlace()
      await store.write([put('a'), put('b')])
      for (const [from, to] of [
        ['a', 'a'],
        ['b', 'a'],
        ['', ''],
        ['c', 'd'],
      ]) {
        for (const reverse of [true, false]) {
          const range = { from: ascii(from as string), to: ascii(to as string), reverse }
          expect(await keysOf(store, range)).toEqual([])
        }
      }
    })

    it('ST2 of a batch with one key several times the last write counts', async () => {
      const { store } = await openPlace()
      await store.write([put('a', bytes(1)), { delete: ascii('a') }, put('a', bytes(2))])
      await store.write([put('b'), { delete: ascii('b') }, { delete: ascii('none') }])
      expect(await store.get(ascii('a'))).toEqual(bytes(2))
      expect(await keysOf(store)).toEqual(['a'])
      await store.write([])
    })

    it('ST2 a batch of 5,000 rows is seen whole or not at all', async () => {
      const { store } = await openPlace()
      const rows = (value: number) =>
        Array.from({ length: 5_000 }, (_, i): Write => put(`k${i}`, bytes(value)))
      await store.write(rows(1))
      const second = store.write(rows(2))
      const seen = new Set((await collect(store)).map(([, value]) => value[0]))
      expect(seen.size).toBe(1)
      await second
      expect(new Set((await collect(store)).map(([, v]) => v[0]))).toEqual(new Set([2]))
    })

    it('ST3 a walk sees one state, whatever is written meanwhile', async () => {
      const { store } = await openPlace()
      await store.write(Array.from({ length: 400 }, (_, i) => put(`k${1000 + i}`, bytes(1))))
      const values: (number | undefined)[] = []
      for await (const [, value] of store.list(everything)) {
        values.push(value[0])
        if (values.length % 100 !== 1) continue
        await store.write([put('k1399', bytes(2)), put('k9', bytes(2)), { delete: ascii('k1398') }])
        await store.flush()
      }
      expect(values).toEqual(new Array(400).fill(1))
      expect(await store.get(ascii('k1399'))).toEqual(bytes(2))
    })

    it('ST3 a walk started after a write sees it, two walks keep their own states', async () => {
      const { store } = await openPlace()
      await store.write([put('a'), put('b')])
      const first = store.list(everything)[Symbol.asyncIterator]()
      await first.next()
      await store.write([put('c')])
      const second = store.list(everything)[Symbol.asyncIterator]()
      await second.next()
      await store.write([{ delete: ascii('b') }, { delete: ascii('c') }])
      expect((await first.next()).value?.[0]).toEqual(ascii('b'))
      expect((await first.next()).done).toBe(true)
      expect((await second.next()).value?.[0]).toEqual(ascii('b'))
      expect((await second.next()).value?.[0]).toEqual(ascii('c'))
      expect(await keysOf(store)).toEqual(['a'])
    })

    it('ST4 reverse and limit cut the same range from its other end', async () => {
      const { store } = await openPlace()
      await store.write(['a', 'b', 'c', 'd', 'e'].map((key) => put(key)))
      const range = { from: ascii('b'), to: ascii('e') }
      expect(await keysOf(store, { ...range, reverse: true })).toEqual(['d', 'c', 'b'])
      expect(await keysOf(store, { ...range, reverse: true, limit: 1 })).toEqual(['d'])
      expect(await keysOf(store, { ...range, limit: 2 })).toEqual(['b', 'c'])
      expect(await keysOf(store, { ...range, limit: 0 })).toEqual([])
      expect(await keysOf(store, { ...range, limit: 99 })).toHaveLength(3)
    })

    it('ST4 any range over any history equals a sorted list', async () => {
      const key = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((k) => k.map((b) => b & 0x83))
      const write = fc.oneof(
        fc.record({ put: key, value: fc.uint8Array({ maxLength: 3 }) }),
        fc.record({ delete: key }),
      )
      const range = fc.record(
        {
          from: fc.uint8Array({ maxLength: 2 }),
          to: key,
          limit: fc.nat(5),
          reverse: fc.boolean(),
        },
        { requiredKeys: ['from', 'to'] },
      )
      const history = fc.array(fc.array(write, { maxLength: 12 }), { maxLength: 4 })
      const law = fc.asyncProperty(
        history,
        fc.array(range, { maxLength: 6 }),
        async (h, ranges) => {
          const { store } = await openPlace()
          const model = new Map<string, Row>()
          for (const batch of h) {
            await store.write(batch)
            for (const one of batch) {
              if ('put' in one) model.set(String(one.put), [one.put, one.value])
              else model.delete(String(one.delete))
            }
          }
          for (const one of ranges) {
            expect(await collect(store, one as Range)).toEqual(
              modelRange(model.values(), one as Range),
            )
          }
          await store.close()
        },
      )
      await fc.assert(law, { numRuns: tries(25) })
    })

    it('ST5 values of 0 bytes to 1 MiB come back byte for byte', async () => {
      const { store } = await openPlace()
      const sizes = [0, 1, 100, 2_000, 4_096, 32_768, 65_536, 65_537, 1_048_576]
      const value = (size: number) =>
        Uint8Array.from({ length: size }, (_, i) => (i * 31 + size) & 255)
      await store.write(sizes.map((size) => put(`v${size}`, value(size))))
      for (const size of sizes) {
        const got = (await store.get(ascii(`v${size}`))) as Bytes
        expect(compareBytes(got, value(size))).toBe(0)
        expect(Object.getPrototypeOf(got)).toBe(Uint8Array.prototype)
      }
      for (const [key, got] of await collect(store)) {
        expect(compareBytes(got, value(Number(String.fromCharCode(...key.slice(1)))))).toBe(0)
        expect(Object.getPrototypeOf(key)).toBe(Uint8Array.prototype)
      }
      expect(await store.get(ascii('none'))).toBeUndefined()
    })

    it('ST5 bytes do not alias: neither what was given nor what was got reaches the rows', async () => {
      const { store } = await openPlace()
      const key = ascii('k')
      const value = bytes(1, 2, 3)
      await store.write([{ put: key, value }])
      key.fill(0)
      value.fill(9)
      const got = (await store.get(ascii('k'))) as Bytes
      expect(got).toEqual(bytes(1, 2, 3))
      got.fill(7)
      for (const [listedKey, listed] of await collect(store)) {
        listedKey.fill(0)
        listed.fill(7)
      }
      expect(await collect(store)).toEqual([[ascii('k'), bytes(1, 2, 3)]])
    })

    it('ST5 a view into a bigger buffer is written as the view', async () => {
      const { store } = await openPlace()
      const big = Uint8Array.from({ length: 64 }, (_, i) => i)
      await store.write([{ put: big.subarray(8, 10), value: big.subarray(20, 23) }])
      expect(await store.get(bytes(8, 9))).toEqual(bytes(20, 21, 22))
    })

    it('ST6 a key outside the bounds refuses its batch alone, as invalid', async () => {
      const { store } = await openPlace()
      const long = new Uint8Array(maxStoreKeyBytes + 1).fill(1)
      for (const key of [bytes(), long]) {
        const batch = [put('a'), { put: key, value: bytes() }]
        await expect(store.write(batch)).rejects.toMatchObject({ code: 'invalid' })
        await expect(store.write([{ delete: key }])).rejects.toMatchObject({ code: 'invalid' })
      }
      await store.write([{ put: long.subarray(1), value: bytes(1) }])
      expect(await keysOf(store)).toHaveLength(1)
      expect(await store.get(long.subarray(1))).toEqual(bytes(1))
    })

    it('ST7 what was flushed is there when the place is opened again', async () => {
      const { place, open, store } = await openPlace()
      await store.write([put('a'), put('b')])
      await store.write([{ delete: ascii('a') }, put('c', new Uint8Array(70_000).fill(3))])
      await store.flush()
      await store.close()
      if (!place.lasting) return
      const again = await open()
      expect(await keysOf(again)).toEqual(['b', 'c'])
      expect(await again.get(ascii('c'))).toHaveLength(70_000)
    })

    it('ST8 closing flushes, and is harmless twice', async () => {
      const { place, open, store } = await openPlace()
      const written = store.write([put('a')])
      const closed = store.close()
      await Promise.all([written, closed, store.close()])
      if (!place.lasting) return
      expect(await keysOf(await open())).toEqual(['a'])
    })

    it('ST8 after closing every call and every open walk says store-closed', async () => {
      const { store } = await openPlace()
      await store.write([put('a'), put('b')])
      const walk = store.list(everything)[Symbol.asyncIterator]()
      await walk.next()
      await store.close()
      const code = { code: 'store-closed' }
      await expect(walk.next()).rejects.toMatchObject(code)
      await expect(store.get(ascii('a'))).rejects.toMatchObject(code)
      await expect(store.write([put('c')])).rejects.toMatchObject(code)
      await expect(store.flush()).rejects.toMatchObject(code)
      await expect(collect(store)).rejects.toMatchObject(code)
    })

    it('ST7 300 writers at once, with flushes and walks between them, lose nothing', async () => {
      const { open, store, place } = await openPlace()
      const jobs = Array.from({ length: 300 }, async (_, i) => {
        await store.write([put(`x${1000 + i}`), put(`y${1000 + i}`)])
        expect(await store.get(ascii(`x${1000 + i}`))).toBeDefined()
        if (i % 7 === 0) await store.flush()
        if (i % 50 !== 0) return
        const seen = await keysOf(store)
        const count = (letter: string) => seen.filter((key) => key.startsWith(letter)).length
        expect(count('x')).toBe(count('y'))
      })
      await Promise.all(jobs)
      await store.flush()
      expect(await keysOf(store)).toHaveLength(600)
      await store.close()
      if (place.lasting) expect(await keysOf(await open())).toHaveLength(600)
    })

    it('ST7 batches take effect in the order they were given', async () => {
      const { store } = await openPlace()
      const writes = Array.from({ length: 100 }, (_, i) => store.write([put('k', bytes(i))]))
      const order: number[] = []
      await Promise.all(writes.map((write, i) => write.then(() => order.push(i))))
      expect(order).toEqual([...order].sort((a, b) => a - b))
      expect(await store.get(ascii('k'))).toEqual(bytes(99))
    })
  })
}
