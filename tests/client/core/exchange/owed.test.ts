/** A peer that asks, and reads nothing of what it asked for. */
import { createOwed } from '@baton/client/core/exchange/owed'
import { u64 } from '@baton/shared/bytes'
import { idBytes, logId } from '@baton/shared/ids'
import { maxAskBytes, maxGaps, maxOpenAsks, maxSharedSessions } from '@baton/shared/limits'
import { encodeSync, type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'
import { describe, expect, it } from 'vitest'
import { author, written } from '../../../support/author.ts'
import {
  appendBlob,
  appendNoise,
  checkSame,
  link,
  one,
  openSide,
  type RawPeer,
  rawPeer,
} from '../../../support/exchange-pair.ts'
import { deltaOf } from '../../../support/raw-sync.ts'
import { signer } from '../../../support/signer.ts'

const none = new Uint8Array(0)

async function attacked() {
  const side = await openSide(1)
  const peer = await rawPeer(side, signer(8).device)
  await peer.flush()
  return { side, peer }
}

/** Says it up to `times` times and reads nothing; how often it was heard. */
async function flood(peer: RawPeer, times: number, bytes: Uint8Array): Promise<number> {
  for (let i = 1; i <= times; i++) {
    peer.sayBytes(bytes)
    while (peer.pair.step('alice'));
    // The answer is given in later turns of the microtask queue.
    for (let turn = 0; turn < 20; turn++) await undefined
    if (closing(peer)) return i
  }
  return times
}

/** A channel that was told to close takes nothing more. */
const closing = (peer: RawPeer): boolean => peer.end !== undefined || peer.pair.closing()

const ask = encodeSync([syncTypes.ask, 1, 'x', none])

describe('a peer that reads nothing', () => {
  it('XC11 loses its link before the answers to its questions fill the memory', async () => {
    const { side, peer } = await attacked()
    const answer = new Uint8Array(maxAskBytes)
    side.answer = async () => answer
    expect(await flood(peer, 1000, ask)).toBeLessThanOrEqual(2 * maxOpenAsks + 1)
    await peer.flush()
    expect(peer.end?.reason).toBe('link-limit')
    expect(side.traced).toEqual(['exchange.failed link-limit'])
  })

  it('XC11 has a blob waiting once, however often it wants it', async () => {
    const side = await openSide(1)
    const peer = await rawPeer(side, signer(8).device)
    const { hash } = await appendBlob(side, one, 300_000)
    await appendNoise(side, one, 30_000)
    await peer.flush()
    const want = encodeSync([syncTypes.want, new Uint8Array(16), [], [[hash, 299_999]]])
    const before = peer.heard.filter(({ kind }) => kind === 'blob').length
    for (let i = 0; i < 500; i++) peer.sayBytes(want)
    while (peer.pair.step('alice'));
    await peer.flush()
    const blobs = peer.heard.filter(({ kind }) => kind === 'blob').slice(before)
    expect(blobs.length).toBeGreaterThan(0)
    expect(blobs.length).toBeLessThan(4)
    expect(peer.end).toBe(undefined)
  })
})

it('XC11 all questions at once, answered in full, cost an honest peer nothing', async () => {
  const { side, peer } = await attacked()
  side.answer = async () => new Uint8Array(maxAskBytes)
  await flood(peer, maxOpenAsks, ask)
  expect(closing(peer)).toBe(false)
  await peer.flush()
  expect(peer.heard.filter(({ kind }) => kind === 'answer')).toHaveLength(maxOpenAsks)
  // What was read is owed no more.
  await flood(peer, maxOpenAsks, ask)
  await peer.flush()
  expect(peer.heard.filter(({ kind }) => kind === 'answer')).toHaveLength(2 * maxOpenAsks)
  expect(peer.end).toBe(undefined)
})

it('XC11 a comparison of ten thousand sessions may wait unread', async () => {
  const { peer } = await attacked()
  const rows = Array.from({ length: maxSharedSessions }, (_, i): [Uint8Array, Uint8Array] => [
    new Uint8Array([...u64(i), ...u64(i)]),
    u64(i),
  ])
  await flood(peer, 1, encodeSync([syncTypes.state, rows]))
  expect(closing(peer)).toBe(false)
})

it('XC11 two sides that ask each other for all they can still end up with the same', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  for (const side of [alice, bob]) {
    side.answer = async () => new Uint8Array(maxAskBytes)
    await appendNoise(side, one, 30_000, 30_000)
  }
  const linked = await link(alice, bob)
  const asked = [linked.alice, linked.bob].flatMap((side) =>
    Array.from({ length: maxOpenAsks }, () => side.ask('x', none, 1000)),
  )
  await linked.flush()
  await linked.flush()
  for (const answer of await Promise.all(asked)) expect(answer).toHaveLength(maxAskBytes)
  expect(linked.end).toBe(undefined)
  checkSame(alice, bob)
})

it('XC11 entries that follow nothing held are borne for 4,096 logs of a link', async () => {
  const { side, peer } = await attacked()
  const writer = author(signer(7), one)
  await written(writer, ['first'])
  const [delta] = await written(writer, ['second'])
  if (!delta) throw new Error('no delta')
  const of = (i: number): SyncForm<'delta'> => {
    const log = idBytes(delta.log).slice()
    log.set(u64(i), log.length - 8)
    return deltaOf({ ...delta, log: logId(log) })
  }
  for (let i = 0; i < maxGaps; i++) {
    peer.say(of(i))
    if (i % 512 === 0) await peer.flush()
  }
  await peer.flush()
  expect(peer.end).toBe(undefined)
  peer.say(of(maxGaps))
  await peer.flush()
  expect(peer.end).toBeDefined()
  expect(side.traced).toEqual(['exchange.failed link-limit'])
})

it('XC11 what was paid back is owed no more, however much it was over the life of a link', async () => {
  let failed = 0
  const owed = createOwed(() => {
    failed += 1
  })
  let paid: Promise<void> = Promise.resolve()
  for (let i = 0; i < 300_000; i++) {
    owed.due(
      0,
      (run) => {
        paid = run()
      },
      () => Promise.resolve(),
    )
    await paid
  }
  expect(failed).toBe(0)
})
