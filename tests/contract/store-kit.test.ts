/** KT2: the kit for stores fails a store that breaks one of its rules, each for what it breaks. */
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Store } from '@baton/client/core/ports/store'
import { runStoreTests, type StorePlace } from '@baton/client/testing/store'
import { expect, it } from 'vitest'
import { failures } from '../support/kit-verdict.ts'

/** A place in memory that keeps what was flushed, and what is done to the stores of it. */
function placeOf(spoil: (store: Store) => Partial<Store>): StorePlace {
  let kept = createMemoryStore().rows()
  return {
    lasting: true,
    remove: async () => {},
    async open() {
      const inner = createMemoryStore(kept)
      const keep = () => {
        kept = inner.rows()
      }
      const honest: Store = {
        ...inner,
        async flush() {
          await inner.flush()
          keep()
        },
        async close() {
          keep()
          await inner.close()
        },
      }
      return { ...honest, ...spoil(honest) }
    },
  }
}

const verdict = (begin: string, spoil: (store: Store) => Partial<Store>) =>
  failures(begin, (test) => runStoreTests({ test, newPlace: () => placeOf(spoil), histories: 5 }))

/** How each breaks its rule, and how the title of the test begins that has to say so. */
const faults: Record<string, readonly [test: string, spoil: (store: Store) => Partial<Store>]> = {
  'takes the end of a range in': [
    'ST1 rows',
    (store) => ({
      list: ({ to, ...rest }) => store.list({ ...rest, to: Uint8Array.of(...to, 0) }),
    }),
  ],
  'shows batches by halves': [
    'ST2 a batch of 5,000',
    (store) => ({
      async write(batch) {
        await store.write(batch.slice(0, batch.length >> 1))
        await turn()
        await store.write(batch.slice(batch.length >> 1))
      },
    }),
  ],
  'walks over what is written meanwhile': [
    'ST3 a walk sees',
    (store) => ({
      async *list(range) {
        for await (const [key, value] of store.list(range)) {
          yield [key, (await store.get(key)) ?? value]
        }
      },
    }),
  ],
  'cuts a reversed range from its front': [
    'ST4 reverse',
    (store) => ({
      async *list({ reverse = false, ...range }) {
        const rows = []
        for await (const row of store.list(range)) rows.push(row)
        yield* reverse ? rows.reverse() : rows
      },
    }),
  ],
  'gives Buffers': [
    'ST5 values',
    (store) => ({
      async get(key) {
        const value = await store.get(key)
        return value && Buffer.from(value)
      },
    }),
  ],
  'keeps what it was given, not a copy': [
    'ST5 bytes do not alias',
    (store) => {
      const given = new Map<string, Uint8Array>()
      return {
        async write(batch) {
          for (const each of batch) if ('put' in each) given.set(String(each.put), each.value)
          await store.write(batch)
        },
        get: async (key) => given.get(String(key)) ?? (await store.get(key)),
      }
    },
  ],
  'takes the good half of a bad batch': [
    'ST6',
    (store) => ({
      async write(batch) {
        for (const each of batch) await store.write([each])
      },
    }),
  ],
  // As a process that dies: nothing of it reaches the place.
  'says flushed too early': [
    'ST7 what was flushed',
    () => ({ flush: async () => {}, close: async () => {} }),
  ],
  'closes without a flush': ['ST8 closing', () => ({ close: async () => {} })],
  'lets later batches overtake': [
    'ST7 batches',
    (store) => {
      let count = 0
      return {
        async write(batch) {
          count += 1
          if (count % 3 === 0) await turn()
          await store.write(batch)
        },
      }
    },
  ],
  'answers after its end': [
    'ST8 after closing',
    (store) => {
      const rows = createMemoryStore()
      return {
        write: async (batch) => void (await Promise.all([store.write(batch), rows.write(batch)])),
        get: rows.get,
      }
    },
  ],
}

it.each(Object.entries(faults))('KT2 a store that %s is told so', async (_name, [begin, spoil]) => {
  expect(await verdict(begin, spoil)).not.toEqual([])
})

it('KT2 the same store with nothing spoilt passes', async () => {
  for (const begin of new Set(Object.values(faults).map(([each]) => each))) {
    expect(await verdict(begin, () => ({}))).toEqual([])
  }
})
