/** Pair records in the keyring. */
import { keyringPairMemory } from '@baton/client/core/pairing/keyring-memory'
import type { PairMemoryRecord } from '@baton/client/core/pairing/memory'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'
import { createMemoryKeyring } from '../../../support/memory-keyring.ts'

const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)

const pending: PairMemoryRecord = {
  at: 'pending',
  id: 'aa'.repeat(16),
  recovery: fill(1),
  th: fill(2),
  prk: fill(3),
  commitment: fill(4),
  body: fill(5, 300),
  agreed: true,
  until: 1_700_000_000_000,
}
const paired: PairMemoryRecord = {
  at: 'paired',
  id: 'bb'.repeat(16),
  device: fill(1),
  exchange: fill(2),
  root: fill(3),
  hash: fill(4),
  version: 1,
  name: 'bob',
  platform: 'linux',
  answer: { recovery: fill(5), th: fill(6), body: fill(7, 200), signature: fill(8, 64), until: 5 },
  adopting: undefined,
}
const settled: PairMemoryRecord = { ...paired, answer: undefined, adopting: fill(9, 16) }

it('P17 records come back as they were, in a new process too', async () => {
  const keyring = createMemoryKeyring(1)
  const memory = keyringPairMemory(keyring)
  expect(await memory.all()).toEqual([])
  await Promise.all([memory.put(pending), memory.put(paired)])
  expect(await memory.all()).toEqual([pending, paired])
  expect(await keyringPairMemory(keyring).all()).toEqual([pending, paired])
  await memory.put(settled)
  await memory.remove(pending.id)
  expect(await keyringPairMemory(keyring).all()).toEqual([settled])
})

it('P17 a write that fails changes nothing, and the next one is tried', async () => {
  const keyring = createMemoryKeyring(1)
  let full = false
  const memory = keyringPairMemory({
    ...keyring,
    putSecret: async (name, secret) => {
      if (full) throw new BatonError('store-full', 'no space')
      await keyring.putSecret(name, secret)
    },
  })
  await memory.put(pending)
  full = true
  await expect(memory.put(paired)).rejects.toMatchObject({ code: 'store-full' })
  expect(await memory.all()).toEqual([pending])
  full = false
  await memory.put(paired)
  expect(await keyringPairMemory(keyring).all()).toEqual([pending, paired])
})

it('P17 a process killed between two writes leaves a record whole, or not there', async () => {
  for (const survives of [0, 1, 2, 3, 4]) {
    const keyring = createMemoryKeyring(1)
    await keyringPairMemory(keyring).put(pending)
    let left = survives
    const mortal =
      <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
      async (...args: A) => {
        left -= 1
        if (left < 0) throw new Error('killed')
        await write(...args)
      }
    const dying = keyringPairMemory({
      ...keyring,
      putSecret: mortal(keyring.putSecret),
      deleteSecret: mortal(keyring.deleteSecret),
    })
    await dying
      .put(paired)
      .then(() => dying.remove(pending.id))
      .catch(() => {})
    const all = await keyringPairMemory(keyring).all()
    const expected = [[pending], [pending], [pending, paired], [paired], [paired]]
    expect(all).toEqual(expected[survives])
  }
})

it('P17 thirty devices and a few runs fit', async () => {
  const keyring = createMemoryKeyring(1)
  const memory = keyringPairMemory(keyring)
  const name = '\u{1f600}'.repeat(32)
  const idOf = (n: number) => n.toString(16).padStart(32, '0')
  for (let n = 0; n < 30; n++) await memory.put({ ...paired, id: idOf(n), name, platform: name })
  for (let n = 30; n < 46; n++) await memory.put({ ...pending, id: idOf(n), body: fill(1, 900) })
  expect(await keyringPairMemory(keyring).all()).toHaveLength(46)
})

it('P17 a damaged secret is keyring-unreadable and is not written over', async () => {
  const keyring = createMemoryKeyring(1)
  await keyring.putSecret('pairs', Uint8Array.of(1, 2, 3))
  const memory = keyringPairMemory(keyring)
  await expect(memory.all()).rejects.toMatchObject({ code: 'keyring-unreadable' })
  await expect(memory.put(paired)).rejects.toMatchObject({ code: 'keyring-unreadable' })
  expect(await keyring.getSecret('pairs')).toEqual(Uint8Array.of(1, 2, 3))
})
