/** Logs whose author signed two histories: found where two devices meet, told on, and agreed about. */
import type { LogId } from '@baton/shared/ids'
import { encodeFork, type ForkProof } from '@baton/shared/log/fork'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { describe, expect, it } from 'vitest'
import {
  checkSame,
  link,
  one,
  openSide,
  rawPeer,
  restart,
  runsOf,
  type Side,
  said,
} from '../../../support/exchange-pair.ts'
import { endOf, forker, give, histories, logOf } from '../../../support/forked.ts'
import { deltaOf } from '../../../support/raw-sync.ts'

const idleMs = 15_000
const common = [['a', 'b'], ['c']]
const line = (count: number, mark: string) => Array.from({ length: count }, (_, i) => `${mark}${i}`)

/** Links two, and lets them talk until they fall silent. */
async function meet(alice: Side, bob: Side) {
  const linked = await link(alice, bob)
  await linked.flush()
  for (let i = 0; i < 3; i++) {
    for (const { clock } of [alice, bob]) await clock.elapse(idleMs)
    await linked.flush()
  }
  return linked
}

const forkAt = ({ repo }: Side, log: LogId) => repo.forks.of(log)?.after.seq

describe('two devices that hold different histories of one log', () => {
  const shapes: [string, string[][], string[][], number][] = [
    ['as long', [...common, ['x']], [...common, ['y']], 4],
    ['one longer', [...common, ['x']], [...common, ['y'], ['z']], 4],
    ['the other longer', [...common, ['x', 'w'], ['v']], [...common, ['y']], 4],
    ['from the first entry on', [['x']], [['y', 'z']], 1],
    ['inside of one run', [...common, ['d', 'e', 'x']], [...common, ['d', 'e', 'y', 'z']], 6],
    ['long ago', [...common, line(300, 'x')], [...common, ['y'], line(20, 'y'), ['z']], 4],
    ['cut elsewhere before', [['a'], ['b', 'c'], ['x']], [['a', 'b', 'c'], ['y'], ['z']], 4],
  ]
  it.each(shapes)('FK2 find the fork when they meet: %s', async (_, left, right, at) => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    const [ofAlice, ofBob] = (await histories(one, 5, left, right)) as [never, never]
    await give(alice.repo, ofAlice)
    await give(bob.repo, ofBob)
    const log = logOf(ofAlice)
    const { wire, end } = await meet(alice, bob)
    expect([forkAt(alice, log), forkAt(bob, log)]).toEqual([at, at])
    expect(end).toBe(undefined)
    checkSame(alice, bob)
    expect([alice.settled, bob.settled]).toEqual([true, true])
    expect(endOf(alice.repo, one, log)).toBe(endOf(bob.repo, one, log))
    // Both keep what they held.
    expect(alice.repo.head(log)).toMatchObject({ seq: 1 + left.flat().length })
    expect(bob.repo.head(log)).toMatchObject({ seq: 1 + right.flat().length })
    expect(said(wire, 'alice').length + said(wire, 'bob').length).toBeLessThan(50)
    expect(said((await meet(alice, bob)).wire, 'alice')).toEqual(['hello'])
  })

  it('FK2 acknowledge nothing of another history, however long it is', async () => {
    const alice = await openSide(1)
    const [left, right] = (await histories(one, 5, [['a'], ['x']], [['a'], ['y']])) as [
      never,
      never,
    ]
    await give(alice.repo, left)
    const raw = await rawPeer(alice, (await openSide(2)).device)
    raw.say(deltaOf(right[1]))
    await raw.flush()
    expect(raw.heard.map(({ kind }) => kind)).toContain('want')
    expect(raw.heard.map(({ kind }) => kind)).not.toContain('ack')
  })

  it('FK2 what no author signed is no fork, and leaves the log out', async () => {
    const alice = await openSide(1)
    const [left, right] = (await histories(
      one,
      5,
      [['a'], ['x']],
      [['a'], ['y'], ['z']],
    )) as never[][]
    await give(alice.repo, left as never)
    const bob = await openSide(2)
    const raw = await rawPeer(alice, bob.device)
    const [first, , last] = right as unknown as Parameters<typeof deltaOf>[0][]
    const forged = { ...last, signature: new Uint8Array(64).fill(7) } as never
    raw.say(deltaOf(forged))
    await raw.flush()
    expect(raw.heard.some(({ kind }) => kind === 'want')).toBe(true)
    raw.say(deltaOf(first as never))
    const mixed = right as unknown as { bodies: Uint8Array[]; after: number }[]
    raw.say(deltaOf({ ...mixed[1], signature: new Uint8Array(64).fill(7) } as never))
    await raw.flush()
    expect(forkAt(alice, logOf(left as never))).toBe(undefined)
    expect(alice.traced).toEqual(['exchange.refused bad-signature'])
    expect(raw.end).toBe(undefined)
  })
})

describe('a fork that is known', () => {
  async function known() {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    const [left, right] = (await histories(
      one,
      5,
      [...common, ['x'], ['v']],
      [...common, ['y'], ['z']],
    )) as [never, never]
    await give(alice.repo, left)
    await give(bob.repo, right)
    ;(await meet(alice, bob)).pair.cut()
    return { alice, bob, left, log: logOf(left) }
  }

  it('FK3 is told to whoever shares the session, and by them, once on a link', async () => {
    const { alice, log, left } = await known()
    const [carol, dave] = [await openSide(3), await openSide(4)]
    await give(carol.repo, left)
    const early = await link(carol, dave)
    await early.flush()
    const { wire } = await meet(alice, carol)
    expect(said(wire, 'alice').filter((kind) => kind === 'fork')).toHaveLength(1)
    expect(said(wire, 'bob')).not.toContain('fork')
    await early.flush()
    expect([forkAt(carol, log), forkAt(dave, log)]).toEqual([4, 4])
    checkSame(carol, dave)
    checkSame(alice, dave)
    ;(await meet(alice, dave)).pair.cut()
    expect(said((await meet(alice, dave)).wire, 'bob')).toEqual(['hello'])
  })

  it('FK3 is not told of a session that is not shared, nor taken of a stranger', async () => {
    const { alice, log } = await known()
    const carol = await openSide(3)
    alice.shares = (id) => id !== one
    carol.shares = (id) => id !== one
    expect(said((await meet(alice, carol)).wire, 'alice')).not.toContain('fork')
    alice.shares = () => true
    carol.shares = () => true
    carol.knows = (device) => device !== forker.device
    await meet(alice, carol)
    expect(forkAt(carol, log)).toBe(undefined)
    carol.knows = () => true
    carol.accepts = () => false
    await meet(alice, carol)
    expect(forkAt(carol, log)).toBe(undefined)
  })

  it('FK4 ends the log there for all: what is before it is given, what is behind it never', async () => {
    const { alice, log } = await known()
    const carol = await openSide(3)
    const { wire } = await meet(alice, carol)
    checkSame(alice, carol)
    expect(carol.repo.agreed(log)).toBe(4)
    expect(runsOf(wire, carol.repo)).toEqual([{ log, after: 0, to: 4 }])
    expect([alice.settled, carol.settled]).toEqual([true, true])
    expect(carol.acksOf.get(alice.device)?.get(log)).toBe(4)
    expect(alice.acksOf.get(carol.device)?.get(log)).toBe(4)
  })

  it('FK4 gives the entries before it also where they stand in a run that passes it', async () => {
    const [alice, bob, carol] = [await openSide(1), await openSide(2), await openSide(3)]
    const [left, right] = (await histories(one, 5, [['a'], ['b', 'x']], [['a'], ['b', 'y']])) as [
      never,
      never,
    ]
    await give(alice.repo, left)
    await give(bob.repo, right)
    ;(await meet(alice, bob)).pair.cut()
    await give(carol.repo, [left[0]])
    expect(carol.repo.head(logOf(left))?.seq).toBe(2)
    await meet(bob, carol)
    checkSame(bob, carol)
    checkSame(alice, carol)
    expect(carol.repo.agreed(logOf(left))).toBe(3)
  })

  it('FK5 is in the way of no other log, of the same device neither', async () => {
    const { alice, bob } = await known()
    const [fresh] = (await histories(one, 6, [['later']])) as [never]
    await give(alice.repo, fresh)
    await bob.repo.append(one, 'of bob')
    await meet(alice, bob)
    checkSame(alice, bob)
    expect(bob.repo.head(logOf(fresh))?.seq).toBe(2)
    expect(alice.repo.heads(one)).toHaveLength(3)
  })

  it('FK1 is there after a restart, and told from there', async () => {
    const { alice, log } = await known()
    const again = await restart(alice)
    expect(forkAt(again, log)).toBe(4)
    const carol = await openSide(3)
    await meet(again, carol)
    expect(forkAt(carol, log)).toBe(4)
  })

  it('FK1 is on disk before anyone hears of it', async () => {
    const { alice, log } = await known()
    const proof = alice.repo.forks.of(log) as ForkProof
    const carol = await openSide(3)
    const kept: (number | undefined)[] = []
    carol.repo.onFork(() => void restart(carol).then((again) => kept.push(forkAt(again, log))))
    expect(await carol.repo.forks.take(proof)).toBe(true)
    await expect.poll(() => kept).toEqual([4])
    expect(await (await restart(carol)).repo.forks.take(proof)).toBe(false)
  })

  it('FK1 a proof that proves nothing ends the link, and leaves nothing', async () => {
    const { alice, log } = await known()
    const proof = alice.repo.forks.of(log) as ForkProof
    const carol = await openSide(3)
    const raw = await rawPeer(carol, alice.device)
    const wrong = { ...proof, one: proof.other, other: proof.one }
    raw.say([syncTypes.fork, encodeFork(wrong)])
    await raw.flush()
    expect(raw.end).toMatchObject({ reason: 'bad-signature' })
    expect(forkAt(carol, log)).toBe(undefined)
    expect(forkAt(await restart(carol), log)).toBe(undefined)
  })
})

describe('several forks of one log', () => {
  /** Three histories: two part at 5, the third left both at 3. */
  const three = () =>
    histories(
      one,
      5,
      [['a'], ['b'], ['c'], ['x']],
      [['a'], ['b'], ['c'], ['y']],
      [['a'], ['z'], ['z'], ['z']],
    )

  it('FK1 of several proofs the one that begins first counts, in every order of meeting', async () => {
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]
    for (const order of orders) {
      const sides = [await openSide(1), await openSide(2), await openSide(3)]
      const made = await three()
      for (const [i, side] of sides.entries()) await give(side.repo, made[i] as never)
      for (const at of [...order, ...order]) {
        const [a, b] = pairs[at] as [number, number]
        ;(await meet(sides[a] as Side, sides[b] as Side)).pair.cut()
      }
      const log = logOf(made[0] as never)
      expect(
        sides.map((side) => forkAt(side, log)),
        `${order}`,
      ).toEqual([2, 2, 2])
      const again = await restart(sides[0] as Side)
      expect(forkAt(again, log)).toBe(2)
      checkSame(sides[1] as Side, sides[2] as Side)
    }
  })
})
