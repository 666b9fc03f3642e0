/** Values and keys of a store (rules ST5 and ST6). */
import type { Bytes } from '@baton/shared/bytes'
import { maxStoreKeyBytes } from '@baton/shared/limits'
import { equal, ok, rejects } from '../check.ts'
import { ascii, bytes, collect, keysOf, put } from '../rows.ts'
import type { StoreTest } from '../store.ts'

const isPlain = (value: Bytes | undefined): boolean =>
  value !== undefined && Object.getPrototypeOf(value) === Uint8Array.prototype

export function valueTests(test: StoreTest): void {
  test('ST5 values of 0 bytes to 1 MiB come back byte for byte', async ({ store }) => {
    const sizes = [0, 1, 100, 2_000, 4_096, 32_768, 65_536, 65_537, 1_048_576]
    const value = (size: number) =>
      Uint8Array.from({ length: size }, (_, i) => (i * 31 + size) & 255)
    await store.write(sizes.map((size) => put(`v${size}`, value(size))))
    for (const size of sizes) {
      const got = await store.get(ascii(`v${size}`))
      equal(got, value(size))
      ok(isPlain(got), 'a value is a plain Uint8Array')
    }
    for (const [key, got] of await collect(store)) {
      equal(got, value(Number(String.fromCharCode(...key.slice(1)))))
      ok(isPlain(key) && isPlain(got), 'keys and values of a walk are plain Uint8Arrays')
    }
    equal(await store.get(ascii('none')), undefined)
  })

  test('ST5 bytes do not alias: neither what was given nor what was got reaches the rows', async ({
    store,
  }) => {
    const key = ascii('k')
    const value = bytes(1, 2, 3)
    await store.write([{ put: key, value }])
    key.fill(0)
    value.fill(9)
    const got = (await store.get(ascii('k'))) as Bytes
    equal(got, bytes(1, 2, 3))
    got.fill(7)
    for (const [listedKey, listed] of await collect(store)) {
      listedKey.fill(0)
      listed.fill(7)
    }
    equal(await collect(store), [[ascii('k'), bytes(1, 2, 3)]])
  })

  test('ST5 a view into a bigger buffer is written as the view', async ({ store }) => {
    const big = Uint8Array.from({ length: 64 }, (_, i) => i)
    await store.write([{ put: big.subarray(8, 10), value: big.subarray(20, 23) }])
    equal(await store.get(bytes(8, 9)), bytes(20, 21, 22))
  })

  test('ST6 a key outside the bounds refuses its batch alone, as invalid', async ({ store }) => {
    const long = new Uint8Array(maxStoreKeyBytes + 1).fill(1)
    for (const key of [bytes(), long]) {
      await rejects(store.write([put('a'), { put: key, value: bytes() }]), 'invalid')
      await rejects(store.write([{ delete: key }]), 'invalid')
    }
    await store.write([{ put: long.subarray(1), value: bytes(1) }])
    equal((await keysOf(store)).length, 1)
    equal(await store.get(long.subarray(1)), bytes(1))
  })
}
