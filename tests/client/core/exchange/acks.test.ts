/** What is acknowledged, and when; what happens between the wire and the disk. */
import { setImmediate as turn } from 'node:timers/promises'
import { blobChunkBytes, diskRetryMs } from '@baton/shared/limits'
import { parseSync } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import {
  appendBlob,
  appendNoise,
  checkAcked,
  checkSame,
  link,
  one,
  openSide,
  type Passed,
  restart,
  type Side,
  said,
} from '../../../support/exchange-pair.ts'

/** The highest seq that bob acknowledged of any log. */
const acknowledged = (wire: readonly Passed[], from: 'alice' | 'bob' = 'bob') =>
  Math.max(
    0,
    ...wire
      .filter((message) => message.from === from)
      .flatMap(({ bytes }) => {
        const message = parseSync(bytes)
        return message?.kind === 'ack' ? message.form[1].map(([, seq]) => seq) : []
      }),
  )

const seqOf = ({ repo }: Side) => repo.heads(one)[0]?.seq ?? 0

it('XC6 nothing is acknowledged before it was flushed, live or not', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await appendNoise(alice, one, 30_000, 30_000)
  const { wire, flush } = await link(alice, bob)
  for (const more of [10, 30_000]) {
    const before = acknowledged(wire)
    const hold = bob.disk.holdFlushes()
    await flush()
    checkSame(alice, bob)
    expect(acknowledged(wire)).toBe(before)
    hold.release()
    await flush()
    expect(acknowledged(wire)).toBe(seqOf(alice))
    await appendNoise(alice, one, more)
  }
})

it('XC6 what was acknowledged is there after a crash', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await appendNoise(alice, one, 30_000)
  const { wire, flush } = await link(alice, bob)
  await flush()
  bob.disk.holdFlushes()
  await appendNoise(alice, one, 10)
  await flush()
  expect(seqOf(bob)).toBe(seqOf(alice))
  expect(acknowledged(wire)).toBe(seqOf(alice) - 1)
  const again = await restart(bob)
  expect(seqOf(again)).toBe(acknowledged(wire))
})

it('XC6 entries count as durable with their blobs and not before', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, 'before')
  await appendBlob(alice, one, blobChunkBytes * 2)
  const first = await link(alice, bob, {
    alter: ({ kind, bytes }) => (kind === 'blob' ? undefined : bytes),
  })
  await first.flush()
  checkSame(alice, bob)
  expect(acknowledged(first.wire)).toBeLessThan(seqOf(alice))
  first.pair.cut()
  const { flush } = await link(alice, bob)
  await flush()
  checkAcked(alice, bob)
})

it('XC6 runs go to the store while earlier ones are being written, and stand in order', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  for (let i = 0; i < 12; i++) await appendNoise(alice, one, 30_000, 20_000)
  const held = bob.disk.holdWrites()
  const { wire, pair } = await link(alice, bob)
  for (let i = 0; i < 20; i++) {
    while (pair.step('bob') || pair.step('alice'));
    await turn()
  }
  expect(said(wire, 'alice').filter((kind) => kind === 'runs bulk').length).toBeGreaterThan(5)
  // None of them is written.
  expect(held.waiting).toBeGreaterThan(5)
  expect(seqOf(bob)).toBe(0)
  let last = 0
  while (seqOf(bob) < seqOf(alice)) {
    held.pass(1)
    await turn()
    while (pair.step('bob') || pair.step('alice'));
    expect(seqOf(bob)).toBeGreaterThanOrEqual(last)
    last = seqOf(bob)
  }
  held.release()
  await pair.flush()
  checkAcked(alice, bob)
  expect(await bob.repo.entries(bob.repo.heads(one)[0]?.log as never)).toHaveLength(seqOf(alice))
})

it('XC6 a write that the disk refuses takes those behind it along: no gap and no acknowledgement', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  for (let i = 0; i < 12; i++) await appendNoise(alice, one, 30_000, 20_000)
  const held = bob.disk.holdWrites()
  const linked = await link(alice, bob)
  const { wire, pair, flush } = linked
  for (let i = 0; i < 20; i++) {
    while (pair.step('bob') || pair.step('alice'));
    await turn()
  }
  held.pass(2)
  await turn()
  const stored = seqOf(bob)
  expect(stored).toBeGreaterThan(0)
  await held.refuse()
  held.release()
  await flush()
  expect(seqOf(bob)).toBe(stored)
  expect(acknowledged(wire)).toBeLessThanOrEqual(stored)
  expect(bob.troubles).toEqual([['own', 'store-full']])
  expect(linked.end).toBe(undefined)
  await bob.clock.elapse(diskRetryMs)
  await flush()
  checkSame(alice, bob)
  checkAcked(alice, bob)
})
