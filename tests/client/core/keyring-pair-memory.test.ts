/** Pair records in one secret of the keyring. */
import { keyringPairMemory } from '@baton/client/core/keyring-pair-memory'
import type { PairMemoryRecord } from '@baton/client/core/pair-memory'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'
import { createMemoryKeyring } from '../../support/memory-keyring.ts'

const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte)

const pending: PairMemoryRecord = {
  at: 'pending',
  id: 'aa',
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
  id: 'bb',
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
  await memory.remove('aa')
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

it('P17 a damaged secret is keyring-unreadable and is not written over', async () => {
  const keyring = createMemoryKeyring(1)
  await keyring.putSecret('pairs', Uint8Array.of(1, 2, 3))
  const memory = keyringPairMemory(keyring)
  await expect(memory.all()).rejects.toMatchObject({ code: 'keyring-unreadable' })
  await expect(memory.put(paired)).rejects.toMatchObject({ code: 'keyring-unreadable' })
  expect(await keyring.getSecret('pairs')).toEqual(Uint8Array.of(1, 2, 3))
})
