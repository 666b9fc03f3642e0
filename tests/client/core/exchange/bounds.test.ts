/** What a peer's bytes can cost: shapes, bombs, and a disk that does not keep up. */
import { setImmediate as turn } from 'node:timers/promises'
import { type Bytes, concat } from '@baton/shared/bytes'
import { maxBatchBytes, maxDeltaBytes, maxRuns } from '@baton/shared/limits'
import { type Delta, encodeDelta } from '@baton/shared/log/delta'
import { encodeSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { author, written } from '../../../support/author.ts'
import {
  appendNoise,
  checkAcked,
  checkSame,
  link,
  one,
  openSide,
  rawPeer,
} from '../../../support/exchange-pair.ts'
import { pattern } from '../../../support/link-pair.ts'
import { batchOf, deltaOf, flipped, folded, runOf } from '../../../support/raw-sync.ts'
import { signer } from '../../../support/signer.ts'
import { zlib } from '../../../support/zlib.ts'

async function run(): Promise<Delta> {
  const [delta] = await written(author(signer(7), one), ['a', 'b'])
  return delta as Delta
}

async function attacked() {
  const bob = await openSide(2)
  const peer = await rawPeer(bob, signer(8).device)
  return { bob, peer }
}

describe('what no honest device sends', () => {
  it('XC8 a batch that unfolds to more or less than it says ends the link, with nothing stored', async () => {
    const raw = folded([await run()])
    for (const says of [raw.length - 1, raw.length + 1, maxBatchBytes + 1, 2 ** 40]) {
      const { bob, peer } = await attacked()
      peer.say(batchOf(raw, says), 'bulk')
      await peer.flush()
      expect(peer.end).toBeDefined()
      expect(bob.repo.heads(one)).toEqual([])
    }
  })

  it('XC8 a run that unfolds to another size than it says, or to a bomb, ends the link', async () => {
    const raw = encodeDelta(await run())
    const wrong = [-1, 1].map((by) => runOf(raw, raw.length + by))
    wrong.push(runOf(raw, 2 ** 40), runOf(new Uint8Array(32 * 1024 * 1024), maxDeltaBytes))
    wrong.push([syncTypes.runs, [[0, raw.subarray(1)]]], [syncTypes.runs, [[raw.length, raw]]])
    for (const each of wrong) {
      const { bob, peer } = await attacked()
      peer.say(each, 'bulk')
      await peer.flush()
      expect(peer.end).toBeDefined()
      expect(bob.repo.heads(one)).toEqual([])
    }
    const { bob, peer } = await attacked()
    peer.say(runOf(raw), 'bulk')
    await peer.flush()
    expect(bob.repo.heads(one)).toHaveLength(1)
  })

  it('XC8 one run that is none takes those beside it along, before and behind it', async () => {
    const raw = encodeDelta(await run())
    const bad = raw.subarray(1)
    for (const runs of [
      [raw, bad],
      [bad, raw],
    ]) {
      const { bob, peer } = await attacked()
      peer.say([syncTypes.runs, runs.map((each): [number, Bytes] => [0, each])], 'bulk')
      await peer.flush()
      expect(peer.end).toBeDefined()
      expect(bob.repo.heads(one)).toEqual([])
    }
  })

  it('SY1 a message holds one run at least and eight at most', async () => {
    const raw = encodeDelta(await run())
    for (const [count, ends] of [
      [0, true],
      [1, false],
      [maxRuns, false],
      [maxRuns + 1, true],
    ] as const) {
      const { peer } = await attacked()
      const runs = Array.from({ length: count }, (): [number, Bytes] => [0, raw])
      peer.say([syncTypes.runs, runs], 'bulk')
      await peer.flush()
      expect(peer.end !== undefined).toBe(ends)
    }
  })

  it('XC8 a deflate bomb is unfolded to its bound and no further', async () => {
    const bytes = 4 * 1024 * 1024
    for (const says of [1000, maxBatchBytes, bytes]) {
      const { bob, peer } = await attacked()
      let most = 0
      bob.deflate = {
        ...zlib,
        async inflate(packed, max) {
          most = Math.max(most, max)
          return await zlib.inflate(packed, max)
        },
      }
      peer.say(batchOf(new Uint8Array(bytes), says), 'bulk')
      await peer.flush()
      expect(peer.end).toBeDefined()
      // One that says truly how much it is, is not even begun.
      expect(most).toBe(says > maxBatchBytes ? 0 : says)
    }
  })

  it('XC8 lengths in a batch that do not add up end the link, with nothing stored', async () => {
    const delta = await run()
    const good = folded([delta])
    const bad = [
      folded([delta], 1),
      folded([delta], -1),
      folded([delta], 2 ** 31),
      concat(good, new Uint8Array([0, 0, 0])),
      concat(good, new Uint8Array(4)),
      good.subarray(0, good.length - 1),
    ]
    for (const raw of bad) {
      const { bob, peer } = await attacked()
      peer.say(batchOf(raw), 'bulk')
      await peer.flush()
      expect(peer.end).toBeDefined()
      expect(bob.repo.heads(one)).toEqual([])
    }
  })

  it('XC8 garbage, a known message of another shape and one over the bound end the link', async () => {
    const session = new Uint8Array(16)
    const bad = [
      new Uint8Array(0),
      new Uint8Array([0xc1]),
      pattern(300, 1),
      new Uint8Array(maxBatchBytes + 65).fill(1),
      encodeSync([syncTypes.hello, new Uint8Array(7), 0]),
      encodeSync([syncTypes.hello, new Uint8Array(8), -1]),
      encodeSync([syncTypes.batch, 0, new Uint8Array(maxBatchBytes + 1)]),
      encodeSync([syncTypes.vector, session.subarray(1), false, []]),
      encodeSync([syncTypes.delta, new Uint8Array(9)]),
      encodeSync([syncTypes.snapshot, new Uint8Array(9)]),
      encodeSync([syncTypes.ask, 1, 'x'.repeat(33), new Uint8Array(0)]),
    ]
    for (const bytes of bad) {
      const { bob, peer } = await attacked()
      peer.sayBytes(bytes)
      await peer.flush()
      expect(peer.end).toBeDefined()
      expect(bob.traced).toHaveLength(1)
    }
  })

  it('XC8 any message with any bit changed is stored as its author signed it or not at all', async () => {
    const delta = await run()
    const forms = [deltaOf(delta), batchOf(folded([delta])), [syncTypes.batch, 0, folded([delta])]]
    const law = fc.asyncProperty(fc.nat(), fc.nat(2), async (roll, which) => {
      const { bob, peer } = await attacked()
      const bytes = encodeSync(forms[which] as ReturnType<typeof deltaOf>)
      peer.sayBytes(flipped(bytes, roll), which === 0 ? 'live' : 'bulk')
      await peer.flush()
      const [head] = bob.repo.heads(one)
      if (head) expect(await bob.repo.entries(delta.log)).toHaveLength(delta.bodies.length)
    })
    await fc.assert(law, { numRuns: 150, seed: 6, endOnFailure: true })
  })

  it('XC8 a message of a later version is passed over', async () => {
    const { bob, peer } = await attacked()
    peer.sayBytes(new Uint8Array([0x92, 63, 1]))
    peer.say(deltaOf(await run()))
    await peer.flush()
    expect(peer.end).toBe(undefined)
    expect(bob.repo.heads(one)).toHaveLength(1)
  })
})

describe('a disk that does not keep up', () => {
  it('XC8 holds the peer back: it reads no further, and all arrives when the disk does', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    for (let i = 0; i < 40; i++) await appendNoise(alice, one, 30_000, 30_000)
    const held = bob.disk.holdWrites()
    const { pair, wire } = await link(alice, bob)
    const settle = async () => {
      for (let i = 0; i < 30; i++) {
        while (pair.step('bob') || pair.step('alice'));
        await turn()
      }
    }
    await settle()
    const sent = () => wire.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const stuck = sent()
    // A window of the fake channel on either side of the wire, and what is packed already.
    expect(stuck).toBeLessThan(1.5 * 1024 * 1024)
    await settle()
    expect(sent()).toBe(stuck)
    held.pass(held.waiting)
    await settle()
    expect(sent()).toBeGreaterThan(stuck)
    held.release()
    await pair.flush()
    checkSame(alice, bob)
    checkAcked(alice, bob)
  })

  it.each(['runs', 'batch'])(
    'XC8 a message of %s is done with when all of it is written, and not before',
    async (kind) => {
      const { bob, peer } = await attacked()
      const writer = author(signer(7), one)
      const deltas: Delta[] = []
      for (let i = 0; i < 5; i++) {
        deltas.push(...(await written(writer, [pattern(30_000, i), pattern(30_000, i)])))
      }
      const held = bob.disk.holdWrites()
      const runs = deltas.map((delta): [number, Bytes] => [0, encodeDelta(delta)])
      // As much as the channel hands over before the promise is kept: the next one stays behind it.
      peer.say(
        kind === 'runs' ? [syncTypes.runs, runs] : [syncTypes.batch, 0, folded(deltas)],
        'bulk',
      )
      peer.say(batchOf(folded(await written(writer, ['next']))), 'bulk')
      const settle = async () => {
        for (let i = 0; i < 10; i++) {
          while (peer.pair.step('alice'));
          await turn()
        }
        return peer.pair.waiting('alice')
      }
      await settle()
      for (let left = held.waiting; left > 0; left--) {
        expect(await settle()).toBe(1)
        held.pass(1)
      }
      expect(await settle()).toBe(0)
      held.release()
      await peer.flush()
      expect(bob.repo.heads(one)[0]?.seq).toBe(12)
    },
  )

  it('XC8 unfolds no more than 16 batches ahead of it, however small they were on the wire', async () => {
    const { bob, peer } = await attacked()
    let unfolded = 0
    bob.deflate = {
      ...zlib,
      async inflate(bytes, max) {
        unfolded += 1
        return await zlib.inflate(bytes, max)
      },
    }
    const writer = author(signer(7), one)
    const held = bob.disk.holdWrites()
    for (let i = 0; i < 100; i++) {
      peer.say(batchOf(folded(await written(writer, [new Uint8Array(30_000)]))), 'bulk')
    }
    for (let i = 0; i < 20; i++) {
      while (peer.pair.step('alice'));
      await turn()
    }
    expect(peer.pair.waiting('alice')).toBe(0)
    expect(unfolded).toBe(16)
    held.release()
    await peer.flush()
    expect(unfolded).toBe(100)
    expect(peer.end).toBe(undefined)
  })
})
