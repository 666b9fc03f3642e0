/** What goes by which lane, read off the messages themselves. */

import { setImmediate as turn } from 'node:timers/promises'
import { maxRuns, runsBytes } from '@baton/shared/limits'
import { parseSync, type SyncForm } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  appendNoise,
  checkSame,
  link,
  one,
  openSide,
  type Passed,
  runsOf,
  said,
  sessions,
  two,
} from '../../../support/exchange-pair.ts'

/** Lines that shrink, and a line that does not. */
const lines = (count: number, from = 0) =>
  Array.from(
    { length: count },
    (_, i) => `{"type":"user","n":${from + i},"t":"${'ab'.repeat(400)}"}`,
  )

/** What batches, or runs, unfold to (0: they are as they are) and what they take on the wire. */
const foldedOf = (wire: readonly Passed[], which: 'batch' | 'runs') =>
  wire.flatMap(({ bytes }) => {
    const message = parseSync(bytes)
    if (message?.kind !== which) return []
    const { form } = message
    const [, ...batch] = form as SyncForm<'batch'>
    const folded = message.kind === 'runs' ? message.form[1] : [batch]
    return folded.map(([raw, packed]) => ({ raw, packed: packed.length }))
  })

describe('lanes', () => {
  it('XC1 a first time goes as a snapshot and deflated runs, all on the bulk lane', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    for (let i = 0; i < 6; i++) await alice.repo.append(one, ...lines(100, i * 100))
    const { wire, flush } = await link(alice, bob)
    await flush()
    checkSame(alice, bob)
    const order = said(wire, 'alice')
    expect(order.slice(0, 2)).toEqual(['hello', 'snapshot bulk'])
    expect(new Set(order.slice(2, -1))).toEqual(new Set(['runs bulk']))
    expect(order.at(-1)).toBe('pushed bulk')
    expect(new Set(said(wire, 'bob'))).toEqual(new Set(['hello', 'ack']))
    for (const { raw, packed } of foldedOf(wire, 'runs')) expect(packed).toBeLessThan(raw / 4)
  })

  it('XC1 news of up to 16 KiB goes as it is on the live lane, larger news as runs', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await alice.repo.append(one, ...lines(3))
    const { wire, flush } = await link(alice, bob)
    await flush()
    let seen = wire.length
    const news = async (...texts: string[]) => {
      await alice.repo.append(one, ...texts)
      await flush()
      const fresh = wire.slice(seen)
      seen = wire.length
      return [said(fresh, 'alice'), said(fresh, 'bob')]
    }
    expect(await news('small')).toEqual([['shortDelta'], ['ack']])
    expect(await news(...lines(15))).toEqual([['shortDelta'], ['ack']])
    expect(await news(...lines(40))).toEqual([['runs bulk'], ['ack']])
    expect(await news('small again')).toEqual([['shortDelta'], ['ack']])
    checkSame(alice, bob)
  })

  it('XC1 one new message after a reconnect costs 300 bytes at most and no round trip more', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await alice.repo.append(one, ...lines(300))
    await bob.repo.append(two, ...lines(3))
    const first = await link(alice, bob)
    await first.flush()
    first.pair.cut()
    await alice.repo.append(one, 'x'.repeat(100))
    const { wire, flush } = await link(alice, bob)
    await flush()
    checkSame(alice, bob)
    expect(said(wire, 'alice')).toEqual(['hello', 'shortDelta'])
    expect(said(wire, 'bob')).toEqual(['hello', 'ack'])
    expect(wire.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(300)
  })

  it('XC1 several logs that nobody heard of and are small go whole on the live lane', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await alice.repo.append(one, ...lines(3))
    const first = await link(alice, bob)
    await first.flush()
    // A log that begins while the link is there: its first run says its whole id.
    await bob.repo.append(one, 'from bob')
    await bob.repo.append(one, 'and more')
    await first.flush()
    checkSame(alice, bob)
    expect(said(first.wire, 'bob')).toEqual(['hello', 'ack', 'delta', 'shortDelta'])
  })
})

describe('runs and batches', () => {
  it('XC2 runs of 4 KiB and more go as they are kept, side by side in messages of 64 KiB', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await alice.repo.append(one, ...lines(300))
    await appendNoise(alice, two, ...Array.from({ length: 20 }, () => 14_000))
    const { wire, flush } = await link(alice, bob)
    await flush()
    checkSame(alice, bob)
    const runs = foldedOf(wire, 'runs')
    const messages = wire.filter(({ bytes }) => parseSync(bytes)?.kind === 'runs')
    expect(messages.length).toBeLessThan(runs.length)
    for (const { bytes } of messages) {
      const message = parseSync(bytes)
      const form = message?.kind === 'runs' ? message.form[1] : []
      expect(form.length).toBeLessThanOrEqual(maxRuns)
      // One that is larger goes alone.
      if (form.length > 1) expect(bytes.length).toBeLessThanOrEqual(runsBytes + 1024)
    }
    const small = runs.filter(({ raw }) => raw > 0)
    expect(small.length).toBeGreaterThan(3)
    expect(runs.length - small.length).toBeGreaterThan(3)
    for (const { raw, packed } of small) expect(packed).toBeLessThan(raw / 4)
    expect(foldedOf(wire, 'batch')).toEqual([])
  })

  it('XC2 news close behind a first time is taken while PUSHED still waits', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await alice.repo.append(one, ...lines(300))
    const { wire, flush } = await link(alice, bob)
    await appendNoise(alice, one, 20_000)
    await appendNoise(alice, two, 20_000)
    await flush()
    checkSame(alice, bob)
    const order = said(wire, 'alice')
    expect(order.lastIndexOf('runs bulk')).toBeGreaterThan(order.indexOf('pushed bulk'))
  })

  it('XC2 what was written while its turn was waited for goes with it, and not again after it', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await appendNoise(alice, one, ...Array.from({ length: 40 }, () => 30_000))
    await alice.repo.append(two, 'known')
    const { wire, flush } = await link(alice, bob)
    for (let i = 0; i < 3; i++) await appendNoise(alice, two, 20_000)
    await flush()
    checkSame(alice, bob)
    const log = alice.repo.heads(two)[0]?.log
    const runs = runsOf(wire, alice.repo).filter((run) => run.log === log)
    expect(runs.reduce((sum, { after, to }) => sum + to - after, 0)).toBe(
      alice.repo.heads(two)[0]?.seq,
    )
  })

  it('XC2 nothing goes twice and nothing overtakes, whatever is written while it is on its way', async () => {
    const write = fc.record({
      who: fc.nat(1),
      where: fc.nat(2),
      size: fc.constantFrom(10, 1000, 20_000, 70_000),
    })
    const event = fc.oneof(write, fc.record({ steps: fc.nat(4), to: fc.nat(1) }))
    const law = fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (events) => {
      const sides = [await openSide(1), await openSide(2)] as const
      await sides[0].repo.append(one, ...lines(100))
      const { wire, pair, flush } = await link(...sides)
      for (const each of events) {
        if ('steps' in each) {
          for (let i = 0; i < each.steps; i++) pair.step(each.to === 0 ? 'alice' : 'bob')
        } else {
          const where = sessions[each.where] ?? one
          const parts = Array.from({ length: Math.ceil(each.size / 10_000) }, () => 10_000)
          await appendNoise(sides[each.who] ?? sides[0], where, ...parts)
        }
      }
      await flush()
      checkSame(...sides)
      const seen = new Set<string>()
      for (const { log, after, to } of runsOf(wire, sides[0].repo)) {
        for (let seq = after + 1; seq <= to; seq++) {
          const place = `${log} ${seq}`
          expect(seen.has(place)).toBe(false)
          seen.add(place)
        }
      }
      expect(wire.filter(({ kind }) => kind === 'want' || kind === 'vector')).toEqual([])
    })
    await fc.assert(law, { numRuns: 25, seed: 1, endOnFailure: true })
  })
})

it('XC2 a peer that says that it lacks what went is given it again', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, ...lines(20))
  let lost = 0
  const { wire, flush } = await link(alice, bob, {
    alter: ({ kind, bytes }) => (kind === 'shortDelta' && lost++ === 0 ? undefined : bytes),
  })
  await flush()
  await alice.repo.append(one, 'lost')
  await alice.repo.append(one, 'behind the hole')
  await flush()
  expect(said(wire, 'bob').filter((kind) => kind !== 'ack')).toEqual(['hello', 'want'])
  checkSame(alice, bob)
})

it('XC2 runs of the live lane are taken in order, also when a short name means a log that is being written', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  await alice.repo.append(one, 'a')
  const { wire, flush, pair } = await link(alice, bob)
  await flush()
  const held = alice.disk.holdWrites()
  await bob.repo.append(one, 'begins a log')
  await bob.repo.append(one, 'goes on with it')
  await bob.repo.append(one, 'and on')
  while (pair.step('alice'));
  await turn()
  while (pair.step('alice'));
  expect(said(wire, 'bob').slice(-3)).toEqual(['delta', 'shortDelta', 'shortDelta'])
  held.release()
  await flush()
  expect(await alice.repo.all(one)).toEqual(await bob.repo.all(one))
})
