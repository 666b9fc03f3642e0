/** BR10: folds that take in what is stored as it comes. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Store } from '@baton/client/core/ports/store'
import { createCuts } from '@baton/client/core/repo/cuts'
import { createTranscripts } from '@baton/client/core/sessions/transcripts'
import { encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import { lastSeq } from '@baton/shared/log/delta'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hand, openTestRepo, type TestRepo } from '../../../support/repo.ts'
import { nodePrimitives, session as sessionOf } from '../../../support/signer.ts'

const one = sessionOf(1)
const { sha256 } = nodePrimitives

/** A store that counts the runs of entries it reads back. */
function counting() {
  const store = createMemoryStore()
  let reads = 0
  const counted: Store = {
    ...store,
    async *list(range) {
      for await (const row of store.list(range)) {
        if (row[0][0] === 'd'.charCodeAt(0)) reads += 1
        yield row
      }
    },
  }
  return { store: counted, reads: () => reads }
}

const folds = (repo: TestRepo, cuts = createCuts()) =>
  createTranscripts(repo, cuts, repo.store, nodePrimitives)
const bytesOf = async (transcripts: ReturnType<typeof folds>) =>
  Buffer.from(encodeTranscript(sha256, await transcripts.state(one))).toString('hex')

describe('folding as it comes', () => {
  it('BR10 one that is asked for in between goes on so, and reads nothing back', async () => {
    const there = counting()
    const alice = await openTestRepo(1)
    const bob = await openTestRepo(2, { store: there.store })
    const his = folds(bob)
    for (let i = 0; i < 30; i++) await alice.append(one, `{"n":${i}}`, 'x'.repeat(5000))
    const log = alice.heads(one)[0]?.log ?? ('' as never)
    let asked: Promise<unknown> = Promise.resolve()
    let seen = 0
    for await (const delta of alice.read(log, 0)) {
      seen += 1
      // Not awaited: what comes next finds a fold under way.
      if (seen === 15) asked = his.state(one)
      await bob.receive(delta)
    }
    await asked
    await his.state(one)
    expect(there.reads()).toBe(0)
  })

  it('BR10 what a device writes or takes is folded without reading it back', async () => {
    const [here, there] = [counting(), counting()]
    const alice = await openTestRepo(1, { store: here.store })
    const bob = await openTestRepo(2, { store: there.store })
    const [hers, his] = [folds(alice), folds(bob)]
    await hers.state(one)
    for (let i = 0; i < 5; i++) await alice.append(one, `{"n":${i}}`, 'x'.repeat(9000))
    const written = await bytesOf(hers)
    expect(here.reads()).toBe(0)
    const log = alice.heads(one)[0]?.log ?? ('' as never)
    for await (const delta of alice.read(log, 0)) await bob.receive(delta)
    expect(await bytesOf(his)).toBe(written)
    expect(there.reads()).toBe(0)
    // One that was not there while they came reads them, and comes to the same.
    expect(await bytesOf(folds(bob))).toBe(written)
    expect(there.reads()).toBeGreaterThan(0)
  })

  it('BR10 whenever a fold begins or is asked for, it is the one made anew', async () => {
    const step = fc.constantFrom('alice', 'carol', 'ask', 'begin', 'skip')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const [alice, carol, bob] = await Promise.all([1, 3, 2].map((seed) => openTestRepo(seed)))
        if (!alice || !carol || !bob) throw new Error('no repositories')
        const live = folds(bob)
        const all = [live]
        const asked: Promise<unknown>[] = []
        const pull = async (from: TestRepo) => {
          for (const { log } of from.heads(one)) {
            for await (const delta of from.read(log, bob.head(log)?.seq ?? 0)) {
              await bob.receive(delta)
              expect(bob.head(log)?.seq).toBe(lastSeq(delta))
            }
          }
        }
        for (const [i, what] of steps.entries()) {
          if (what === 'begin') all.push(folds(bob))
          // Not awaited: what comes meanwhile finds a fold under way.
          else if (what === 'ask') asked.push(...all.map((each) => each.state(one)))
          else if (what !== 'skip') {
            const author = what === 'alice' ? alice : carol
            await author.append(one, `line ${i}`)
            await pull(author)
          }
        }
        await Promise.all(asked)
        const anew = await bytesOf(folds(bob))
        for (const each of all) expect(await bytesOf(each)).toBe(anew)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a fold that is kept', () => {
  const lines = Array.from({ length: 2100 }, (_, i) => `{"n":${i}}`)

  it.each(['as they came', 'read back'])(
    'BR8 took 2000 entries %s, and spares reading them at the next start',
    async (how) => {
      const { store, reads } = counting()
      const alice = await openTestRepo(1, { store })
      const early = folds(alice)
      await alice.append(one, ...lines)
      const whole = await bytesOf(how === 'read back' ? folds(alice) : early)
      const read = reads()
      expect(read > 0).toBe(how === 'read back')
      expect(await bytesOf(folds(alice))).toBe(whole)
      expect(reads()).toBe(read)
    },
  )

  it('BR10 is gone on with when another log begins before it was asked for', async () => {
    const { store, reads } = counting()
    const [alice, carol, bob] = [
      await openTestRepo(1),
      await openTestRepo(3),
      await openTestRepo(2, { store }),
    ]
    await alice.append(one, ...lines)
    await hand(alice, bob, one)
    await bytesOf(folds(bob))
    const before = reads()
    const again = folds(bob)
    await carol.append(one, 'other')
    await hand(carol, bob, one)
    await again.state(one)
    // Carol's own run, and none of alice's.
    expect(reads() - before).toBe(1)
  })

  it('BR10 in memory is one of the 64 asked for last', async () => {
    const { store, reads } = counting()
    const alice = await openTestRepo(1, { store })
    const sessions = Array.from({ length: 65 }, (_, i) => sessionOf(i + 1))
    for (const session of sessions) await alice.append(session, 'line')
    const hers = folds(alice)
    const readBack = async (session: (typeof sessions)[number]) => {
      const before = reads()
      await hers.state(session)
      return reads() - before
    }
    for (const session of sessions) expect(await readBack(session)).toBe(1)
    expect(await readBack(sessions[64] ?? one)).toBe(0)
    expect(await readBack(sessions[1] ?? one)).toBe(0)
    expect(await readBack(sessions[0] ?? one)).toBe(1)
  })
})
