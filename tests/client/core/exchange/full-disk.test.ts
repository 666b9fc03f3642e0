/** A disk that takes nothing for a while: told, borne, looked after, and made good. */

import { setImmediate as turn } from 'node:timers/promises'
import { utf8Encode } from '@baton/shared/bytes'
import { blobChunkBytes, diskRetryMs, troubleTellMs } from '@baton/shared/limits'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  appendBlob,
  appendNoise,
  checkAcked,
  checkSame,
  type Linked,
  link,
  one,
  openSide,
  rawPeer,
  type Side,
  said,
  sessions,
  two,
} from '../../../support/exchange-pair.ts'

/** Time passes on both, and what that makes them say arrives. */
async function later({ flush }: Linked, ms: number, ...sides: Side[]): Promise<void> {
  for (const { clock } of sides) await clock.elapse(ms)
  await flush()
}

it('XC9 is told to both sides once, and the link, its answers and the other way go on', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, 'before')
  const linked = await link(alice, bob)
  await linked.flush()
  await bob.repo.append(two, 'of bob')
  bob.disk.fill(0)
  for (let i = 0; i < 3; i++) {
    await alice.repo.append(one, `missed ${i}`)
    await linked.flush()
  }
  expect(bob.troubles).toEqual([['own', 'store-full']])
  expect(alice.troubles).toEqual([['peer', 'store-full']])
  expect(await alice.repo.all(two)).toEqual(['of bob'])
  const answer = linked.alice.ask('echo', utf8Encode('still there?'), 1000)
  await linked.flush()
  expect(await answer).toEqual(utf8Encode('still there?'))
  expect(await bob.repo.all(one)).toEqual(['before'])
  expect(linked.end).toBe(undefined)
})

it('XC9 a log of which nothing was taken comes again under its whole id', async () => {
  const [alice, bob, carol] = [await openSide(1), await openSide(2), await openSide(3)]
  await carol.repo.append(one, 'of carol')
  for (const each of [alice, bob]) {
    const { flush, pair } = await link(carol, each)
    await flush()
    pair.cut()
  }
  const linked = await link(alice, bob)
  await linked.flush()
  bob.disk.fill(0)
  await alice.repo.append(one, 'begins a log')
  await linked.flush()
  bob.disk.fill(undefined)
  await later(linked, diskRetryMs, alice, bob)
  expect(said(linked.wire, 'alice').filter((kind) => kind.startsWith('delta'))).toHaveLength(2)
  checkSame(alice, bob)
})

it('XC9 is looked at every 30 s, however long it was full, and made good', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, 'before')
  const linked = await link(alice, bob)
  await linked.flush()
  bob.disk.fill(0)
  await alice.repo.append(one, 'missed')
  await appendNoise(alice, two, 30_000)
  await linked.flush()
  for (let looks = 0; looks < 6; looks++) {
    await later(linked, diskRetryMs, alice, bob)
    expect(bob.troubles).toHaveLength(1)
  }
  bob.disk.fill(undefined)
  await later(linked, diskRetryMs, alice, bob)
  expect(bob.troubles).toEqual([
    ['own', 'store-full'],
    ['own', undefined],
  ])
  expect(alice.troubles.at(-1)).toEqual(['peer', undefined])
  checkSame(alice, bob)
  checkAcked(alice, bob)
  expect([alice.settled, bob.settled]).toEqual([true, true])
})

it('XC9 the second look comes 30 s after the first', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const linked = await link(alice, bob)
  await linked.flush()
  bob.disk.fill(0)
  await alice.repo.append(one, 'missed')
  await linked.flush()
  await bob.clock.elapse(diskRetryMs)
  bob.disk.fill(undefined)
  await bob.clock.elapse(diskRetryMs - 1)
  expect(bob.troubles).toHaveLength(1)
  await bob.clock.elapse(1)
  expect(bob.troubles.at(-1)).toEqual(['own', undefined])
})

it('XC9 a flush that fails with what did not fit costs no link, and is made up for', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, 'before')
  const linked = await link(alice, bob)
  await linked.flush()
  const held = bob.disk.holdWrites()
  await alice.repo.append(one, 'written, and not flushed')
  await appendNoise(alice, two, 20_000)
  for (let i = 0; i < 3; i++) {
    await turn()
    while (linked.pair.step('bob'));
  }
  await turn()
  expect(held.waiting).toBe(2)
  held.pass(1)
  await turn()
  expect(await bob.repo.all(one)).toEqual(['before', 'written, and not flushed'])
  await held.refuse()
  held.release()
  await linked.flush()
  const before = said(linked.wire, 'bob').length
  await bob.clock.elapse(diskRetryMs)
  // Of its own accord, before anything more came.
  expect(said(linked.wire, 'bob').slice(before)).toContain('ack')
  await linked.flush()
  expect(linked.end).toBe(undefined)
  checkSame(alice, bob)
  checkAcked(alice, bob)
})

it('XC9 blobs that were passed over are asked for again, though their entries are held', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await appendBlob(alice, one, blobChunkBytes * 3)
  let lost = 0
  const linked = await link(alice, bob, {
    // Lost the first time, so that the entries are there and the blob comes when it is asked for.
    alter: ({ kind, bytes }) => {
      if (kind !== 'blob') return bytes
      lost += 1
      if (lost === 4) bob.disk.fill(0)
      return lost <= 3 ? undefined : bytes
    },
  })
  await linked.flush()
  expect(lost).toBeGreaterThan(3)
  expect(bob.troubles).toEqual([['own', 'store-full']])
  bob.disk.fill(undefined)
  await later(linked, diskRetryMs, alice, bob)
  checkAcked(alice, bob)
  expect(linked.end).toBe(undefined)
})

it('XC9 full at any batch of a first time, blobs and all, ends with the same once there is room', async () => {
  const law = fc.asyncProperty(fc.nat(14), fc.nat(3), async (room, more) => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await appendNoise(alice, one, 20_000, 20_000, 20_000)
    await appendBlob(alice, one, blobChunkBytes * 2 + 1)
    await appendNoise(alice, one, 10)
    await appendBlob(alice, two, 1000)
    bob.disk.fill(room)
    const linked = await link(alice, bob)
    await linked.flush()
    for (let i = 0; i < more; i++) {
      await alice.repo.append(sessions[i] ?? one, 'meanwhile')
      await linked.flush()
    }
    bob.disk.fill(undefined)
    await later(linked, diskRetryMs, bob)
    await later(linked, diskRetryMs, alice, bob)
    expect(linked.end).toBe(undefined)
    checkSame(alice, bob)
    checkAcked(alice, bob)
  })
  await fc.assert(law, { numRuns: 20, seed: 4, endOnFailure: true })
})

it('XC9 a code of a later version is no trouble', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const peer = await rawPeer(alice, bob.device)
  for (const code of [1, 2, 9, 0]) {
    peer.say([syncTypes.trouble, code])
    await peer.flush()
    await alice.clock.elapse(troubleTellMs)
  }
  const told = ['store-full', 'store-readonly', undefined]
  expect(alice.troubles).toEqual(told.map((code) => ['peer', code]))
})
