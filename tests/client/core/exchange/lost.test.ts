/** Links that are lost at any message, devices that die or lose data: both end with the same. */
import { blobChunkBytes } from '@baton/shared/limits'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appendBlob,
  appendNoise,
  checkAcked,
  checkSame,
  type Linked,
  link,
  one,
  openSide,
  restart,
  runsOf,
  type Side,
  said,
  sessions,
  two,
} from '../../../support/exchange-pair.ts'

type Sides = readonly [Side, Side]

/** A first time both ways, with a blob, and news that goes live. */
async function prepared(): Promise<Sides> {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, 'a', 'b')
  await appendNoise(alice, one, 30_000, 30_000)
  await appendBlob(alice, one, blobChunkBytes + 7)
  await bob.repo.append(two, 'from bob')
  return [alice, bob]
}

async function news([alice, bob]: Sides, { flush }: Linked): Promise<void> {
  await flush()
  await alice.repo.append(one, 'live')
  await bob.repo.append(two, 'live', 'too')
  await flush()
  await appendNoise(alice, two, 20_000)
  await flush()
}

/** A new link, which nothing disturbs, ends with the same on both and with nothing left to say. */
async function meetAgain(alice: Side, bob: Side): Promise<Linked> {
  const linked = await link(alice, bob)
  await linked.flush()
  checkSame(alice, bob)
  checkAcked(alice, bob)
  expect(linked.end).toBe(undefined)
  expect([alice.settled, bob.settled]).toEqual([true, true])
  return linked
}

describe('a lost link', () => {
  it('XC4 ends with the same after a new one, whichever message was lost before it broke', async () => {
    const whole = await prepared()
    const linked = await link(...whole)
    await news(whole, linked)
    checkSame(...whole)
    const count = linked.wire.length
    expect(count).toBeGreaterThan(15)
    for (let lost = 0; lost < count; lost++) {
      const sides = await prepared()
      const broken = await link(...sides, {
        alter: ({ bytes }, index) => (index === lost ? undefined : bytes),
      })
      await news(sides, broken)
      broken.pair.cut()
      await meetAgain(...sides)
    }
  })

  it('XC4 ends with the same when it breaks at any message and either device dies with it', async () => {
    const whole = await prepared()
    const { wire, flush } = await link(...whole)
    await flush()
    for (let kept = 0; kept < wire.length; kept++) {
      for (const dying of [0, 1]) {
        const [alice, bob] = await prepared()
        const broken = await link(alice, bob, {
          alter: ({ bytes }, index) => (index < kept ? bytes : undefined),
        })
        const slow = bob.disk.holdFlushes()
        await broken.flush()
        broken.pair.cut()
        if (dying !== 1) slow.release()
        await meetAgain(
          dying === 0 ? await restart(alice) : alice,
          dying === 1 ? await restart(bob) : bob,
        )
      }
    }
  })

  it('XC4 in the middle of a run of anything ends with the same after a new one', async () => {
    const step = fc.oneof(
      fc.record({ who: fc.nat(1), where: fc.nat(2), size: fc.constantFrom(10, 3000, 30_000) }),
      fc.record({ steps: fc.integer({ min: 1, max: 6 }), to: fc.nat(1) }),
      fc.constant('cut' as const),
    )
    const law = fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      const sides = [await openSide(1), await openSide(2)] as const
      let linked = await link(...sides)
      for (const each of steps) {
        if (each === 'cut') {
          linked.pair.cut()
          linked = await link(...sides)
        } else if ('steps' in each) {
          for (let i = 0; i < each.steps; i++) linked.pair.step(each.to === 0 ? 'alice' : 'bob')
          await Promise.resolve()
        } else await appendNoise(sides[each.who] as Side, sessions[each.where] ?? one, each.size)
      }
      linked.pair.cut()
      await meetAgain(...sides)
    })
    await fc.assert(law, { numRuns: 25, seed: 2, endOnFailure: true })
  })
})

describe('what was acknowledged', () => {
  it('XC4 does not go again: devices that hold the same say HELLO and nothing else', async () => {
    const sides = await prepared()
    const first = await link(...sides)
    await news(sides, first)
    first.pair.cut()
    const { wire } = await meetAgain(...sides)
    expect([said(wire, 'alice'), said(wire, 'bob')]).toEqual([['hello'], ['hello']])
    // Also not after a restart: the belief is kept in the store, and costs a repetition where a crash takes it.
    for (const { repo } of sides) await repo.flush()
    const again = [await restart(sides[0]), await restart(sides[1])] as const
    await again[0].repo.append(two, 'new')
    const later = await meetAgain(...again)
    expect(runsOf(later.wire, again[0].repo)).toHaveLength(1)
  })

  it('XC4 is given back to a device that lost it', async () => {
    const [alice, bob] = await prepared()
    const first = await link(alice, bob)
    await news([alice, bob], first)
    first.pair.cut()
    const empty = await openSide(2)
    await meetAgain(alice, empty)
    expect(await empty.repo.all(two)).toContain('from bob')
  })

  it('XC4 is given back under its whole id to one that went back to a backup', async () => {
    const [alice, bob, carol] = [await openSide(1), await openSide(2), await openSide(3)]
    // Of the same device, from before it ever met alice: it knows no short name for her log.
    const older = await openSide(2)
    await carol.repo.append(one, 'from carol')
    await alice.repo.append(one, 'from alice')
    for (const each of [bob, older]) (await meetAgain(carol, each)).pair.cut()
    ;(await meetAgain(alice, bob)).pair.cut()
    await meetAgain(alice, older)
    expect(await older.repo.all(one)).toContain('from alice')
  })
})
