/** Received runs are given to the store while earlier ones are still being written. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Delta } from '@baton/shared/log/delta'
import type { Primitives } from '@baton/shared/primitives'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { author, written } from '../../../support/author.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { firstLog, openTestRepo } from '../../../support/repo.ts'
import { nodePrimitives, session, signer } from '../../../support/signer.ts'

const one = session(1)

/** Runs of one log by another device, each of one entry but the first, which has two. */
async function runs(count: number): Promise<Delta[]> {
  const writer = author(signer(2), one)
  const out: Delta[] = []
  for (let i = 0; i < count; i++) out.push(...(await written(writer, [i])))
  return out
}

async function openHeld() {
  const disk = createFaultyDisk(() => 0)
  const repo = await openTestRepo(1, { store: await disk.open() })
  return { disk, repo, held: disk.holdWrites() }
}

const codeOf = (given: Promise<unknown>) =>
  given.then(
    (result) => (result as { at: string }).at,
    (error: { code: string }) => error.code,
  )

describe('runs that are being written', () => {
  it('RP1 do not hold up the next ones of their log, which come behind them', async () => {
    const { disk, repo, held } = await openHeld()
    const all = await runs(5)
    const results = all.map((delta) => repo.receive(delta))
    await turn()
    expect(held.waiting).toBe(5)
    expect(repo.head(all[0]?.log as never)).toBe(undefined)
    for (let seq = 2; seq <= 6; seq++) {
      held.pass(1)
      await turn()
      expect(repo.head(firstLog(repo))?.seq).toBe(seq)
    }
    for (const result of results) expect(await result).toEqual({ at: 'stored' })
    held.release()
    await repo.flush()
    disk.crash()
    const again = await openTestRepo(1, { store: await disk.open() })
    expect(again.head(firstLog(again))?.seq).toBe(6)
    expect(await again.entries(firstLog(again))).toHaveLength(6)
  })

  it('RP1 given when the first of those before them is written follow the last of them', async () => {
    const { repo, held } = await openHeld()
    const [first, second, third] = (await runs(3)) as [Delta, Delta, Delta]
    const results = [repo.receive(first), repo.receive(second)]
    await turn()
    held.pass(1)
    await turn()
    results.push(repo.receive(third))
    await turn()
    held.release()
    expect(await Promise.all(results)).toEqual(results.map(() => ({ at: 'stored' })))
  })

  it('RP1 take those behind them along when the disk refuses one: no gap, and the log goes on', async () => {
    const { repo, held } = await openHeld()
    const all = await runs(5)
    const first = repo.receive(all[0] as Delta)
    await turn()
    held.pass(1)
    await first
    const results = all.slice(1, 4).map((delta) => codeOf(repo.receive(delta)))
    await turn()
    expect(held.waiting).toBe(3)
    await held.refuse()
    expect(await Promise.all(results)).toEqual(['store-full', 'store-full', 'store-full'])
    expect(repo.head(firstLog(repo))?.seq).toBe(2)
    held.release()
    expect(await repo.receive(all[4] as Delta)).toEqual({ at: 'gap', have: 2 })
    for (const delta of all.slice(1)) expect(await repo.receive(delta)).toEqual({ at: 'stored' })
    expect(await repo.entries(firstLog(repo))).toHaveLength(6)
  })

  it('RP1 given anew while refusals are still being told are refused too, and taken afterwards', async () => {
    const { repo, held } = await openHeld()
    const all = await runs(4)
    const [zero, first] = all as [Delta, Delta]
    const refused = all.map((delta) => codeOf(repo.receive(delta)))
    await turn()
    const telling = held.refuse()
    await turn()
    // The store takes nothing before all that it refuses were told (rule ST9).
    expect(await codeOf(repo.receive(zero))).toBe('store-full')
    await telling
    await Promise.all(refused)
    const again = [repo.receive(zero), repo.receive(first)]
    await turn()
    // Already on its way: nothing of it is written a second time, behind what follows it.
    const third = repo.receive(zero)
    await turn()
    expect(held.waiting).toBe(2)
    held.release()
    expect(await Promise.all([...again, third])).toEqual([
      { at: 'stored' },
      { at: 'stored' },
      { at: 'known' },
    ])
    expect(repo.head(zero.log)?.seq).toBe(3)
  })

  it('RP1 whose predecessor is refused while they are verified are looked at again', async () => {
    const disk = createFaultyDisk(() => 0)
    let verified: Promise<unknown> = Promise.resolve()
    const verify: Primitives['verify'] = async (...signed) => {
      await verified
      return nodePrimitives.verify(...signed)
    }
    const primitives = { ...nodePrimitives, verify }
    const repo = await openTestRepo(1, { store: await disk.open(), primitives })
    const held = disk.holdWrites()
    const [zero, first] = (await runs(2)) as [Delta, Delta]
    const refused = codeOf(repo.receive(zero))
    await turn()
    let go = () => {}
    verified = new Promise<void>((resolve) => {
      go = resolve
    })
    const next = repo.receive(first)
    await turn()
    await held.refuse()
    held.release()
    expect(await refused).toBe('store-full')
    go()
    expect(await next).toEqual({ at: 'gap', have: 0 })
    expect(repo.head(zero.log)).toBe(undefined)
  })

  it('RP1 given in any order, again and again, to a disk that refuses at any moment, leave no gap', async () => {
    const all = await runs(6)
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ give: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ pass: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.constant('refuse' as const) },
      { weight: 1, arbitrary: fc.constant('turn' as const) },
    )
    const law = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { disk, repo, held } = await openHeld()
      const log = all[0]?.log as Delta['log']
      const results: Promise<unknown>[] = []
      let told = 0
      for (const each of steps) {
        if (each === 'turn') await turn()
        // Not awaited: what is given while the refusals are being told meets them half way.
        else if (each === 'refuse') results.push(held.refuse())
        else if ('pass' in each) held.pass(each.pass)
        else {
          const delta = all[each.give] as Delta
          const given = repo.receive(delta).then(
            ({ at }) => {
              const seq = repo.head(log)?.seq ?? 0
              expect(seq).toBeGreaterThanOrEqual(told)
              if (at === 'stored')
                expect(seq).toBeGreaterThanOrEqual(delta.after + delta.bodies.length)
              told = seq
            },
            (error) => expect(error).toMatchObject({ code: 'store-full' }),
          )
          results.push(given)
        }
      }
      held.release()
      await Promise.all(results)
      await repo.flush().catch(() => repo.flush())
      expect(repo.durable(log)).toBe(repo.head(log)?.seq ?? 0)
      disk.crash()
      const again = await openTestRepo(1, { store: await disk.open() })
      expect(again.head(log)?.seq ?? 0).toBe(told)
      expect(await again.entries(log)).toHaveLength(told)
      for (const delta of all) await again.receive(delta)
      expect(await again.entries(log)).toHaveLength(7)
    })
    await fc.assert(law, { numRuns: 150, seed: 3, endOnFailure: true })
  })
})
