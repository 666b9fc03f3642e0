/** A peer that says the same and its opposite, over and over. */
import { setImmediate as turn } from 'node:timers/promises'
import { idBytes } from '@baton/shared/ids'
import { troubleTellMs } from '@baton/shared/limits'
import { type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import { appendNoise, one, openSide, rawPeer } from '../../../support/exchange-pair.ts'
import { signer } from '../../../support/signer.ts'

const [none, full, readonly] = [0, 1, 2].map(
  (code): SyncForm<'trouble'> => [syncTypes.trouble, code],
) as [SyncForm<'trouble'>, SyncForm<'trouble'>, SyncForm<'trouble'>]

async function attacked() {
  const alice = await openSide(1)
  const peer = await rawPeer(alice, signer(8).device)
  await peer.flush()
  const say = async (...forms: SyncForm<'trouble'>[]) => {
    for (const form of forms) peer.say(form)
    await peer.flush()
  }
  return { alice, peer, say, told: () => alice.troubles.map(([, code]) => code ?? 'none') }
}

it('XC12 a disk that is full and is not, over and over, is told once a second', async () => {
  const { alice, say, told, peer } = await attacked()
  for (let i = 0; i < 500; i++) await say(full, none)
  await say(full, readonly)
  expect(told()).toEqual(['store-full'])
  await alice.clock.elapse(troubleTellMs - 1)
  expect(told()).toEqual(['store-full'])
  await alice.clock.elapse(1)
  expect(told()).toEqual(['store-full', 'store-readonly'])
  await say(none, full, none)
  await alice.clock.elapse(troubleTellMs)
  expect(told()).toEqual(['store-full', 'store-readonly', 'none'])
  // Nothing was said since: the next word is told at once.
  await alice.clock.elapse(troubleTellMs)
  await say(full)
  expect(told()).toEqual(['store-full', 'store-readonly', 'none', 'store-full'])
  expect(peer.end).toBe(undefined)
})

it('XC12 a word that comes again, or back to what was told, tells nothing', async () => {
  const { alice, say, told } = await attacked()
  await say(none, none)
  expect(told()).toEqual([])
  await say(full, full)
  await alice.clock.elapse(10 * troubleTellMs)
  await say(full)
  await say(none, full)
  // `none` was told at once; `full` is what holds a second later.
  expect(told()).toEqual(['store-full', 'none'])
  await alice.clock.elapse(troubleTellMs)
  await say(none, full)
  await alice.clock.elapse(10 * troubleTellMs)
  expect(told()).toEqual(['store-full', 'none', 'store-full'])
})

it('XC12 a link that closes tells nothing more, and leaves no timer', async () => {
  const { alice, say, told, peer } = await attacked()
  await say(full, none)
  peer.pair.cut()
  expect(alice.clock.pending).toBe(0)
  await alice.clock.elapse(10 * troubleTellMs)
  expect(told()).toEqual(['store-full'])
})

it('XC12 a peer that holds all and nothing, in turns, waits for the disk that keeps it', async () => {
  const alice = await openSide(1)
  await appendNoise(alice, one, 10)
  const peer = await rawPeer(alice, signer(8).device)
  await peer.flush()
  const [head] = alice.repo.heads(one)
  if (!head) throw new Error('nothing was written')
  // Rows of logs that nobody has make it large: what a lane holds is counted in bytes.
  const rows = Array.from({ length: 200 }, (_, i): [Uint8Array, Uint8Array, number, Uint8Array] => {
    return [new Uint8Array(32).fill(i), new Uint8Array(8), 1, new Uint8Array(8)]
  })
  const held = alice.disk.holdWrites()
  const times = 200
  for (let i = 0; i < times; i++) {
    peer.say([syncTypes.ack, [[alice.repo.name(head.log), head.seq]]])
    peer.say([syncTypes.vector, idBytes(one), true, rows])
  }
  for (let i = 0; i < 5; i++) {
    while (peer.pair.step('alice'));
    await turn()
  }
  const stuck = peer.pair.waiting('alice')
  expect(stuck).toBeGreaterThan(times)
  expect(held.waiting).toBeLessThan(times / 2)
  held.release()
  await peer.flush()
  expect(peer.pair.waiting('alice')).toBe(0)
  expect(peer.end).toBe(undefined)
})
