/** CU5: folds of a device when its cuts change. */
import { createCuts } from '@baton/client/core/repo/cuts'
import { createFolds } from '@baton/client/core/repo/folds'
import type { Cuts } from '@baton/shared/conflict/cuts'
import { splitLogId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { openTestRepo } from '../../../support/repo.ts'
import { session as sessionOf } from '../../../support/signer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

const one = sessionOf(1)

it('CU5 a document is folded anew under other cuts, and whoever watches it is told', async () => {
  const { alice, bob, here, there, part, meet } = await twoDocuments()
  await there.set(['x'], 'first')
  part()
  await there.set(['x'], 'second')
  await meet()
  let told = 0
  here.watch(() => {
    told += 1
  })
  const own = alice.repository
    .heads(here.session)
    .find(({ log }) => splitLogId(log).device === bob.device)
  if (!own) throw new Error('bob wrote nothing')
  expect(await here.get(['x'])).toBe('second')
  alice.cuts.set('revoked', new Map([[own.log, own.seq - 1]]))
  expect(told).toBe(1)
  expect(await here.get(['x'])).toBe('first')
  alice.cuts.set('forked', new Map([[own.log, 1]]))
  expect(await here.get(['x'])).toBeUndefined()
  expect((await alice.documents.state(here.session)).hidden).toMatchObject([
    { seq: 2, reason: 'forked' },
    { seq: 3, reason: 'forked' },
  ])
  alice.cuts.set('forked', () => undefined)
  alice.cuts.set('revoked', new Map([[own.log, own.seq]]))
  expect(await here.get(['x'])).toBe('second')
  expect(told).toBe(4)
})

it('CU5 a transcript that was cached counts as missing under other cuts', async () => {
  const store = (await openTestRepo(1)).store
  const repo = await openTestRepo(1, { store })
  await repo.append(one, ...Array.from({ length: 2100 }, (_, i) => `{"n":${i}}`))
  const [head] = repo.heads(one)
  if (!head) throw new Error('nothing was written')
  const before = await openTestPeer({ seed: 1, store })
  const reasons = async (peer: TestPeer) =>
    (await peer.transcripts.state(one)).hidden.map(({ seq, reason }) => [seq > 11, reason].join())
  // These lines name no base.
  expect(new Set(await reasons(before))).toEqual(new Set(['false,no-base', 'true,no-base']))
  const after = await openTestPeer({ seed: 1, store })
  after.cuts.set('revoked', new Map([[head.log, 11]]))
  expect(new Set(await reasons(after))).toEqual(new Set(['false,no-base', 'true,revoked']))
})

it('CU5 a fold under way when they change is the one under the new ones', async () => {
  const repo = await openTestRepo(1)
  for (let i = 0; i < 3; i++) await repo.append(one, `{"n":${i}}`)
  const [head] = repo.heads(one)
  if (!head) throw new Error('nothing was written')
  const cuts = createCuts()
  const changes = ['load', 'take']
  const change = (at: string) => {
    if (changes[0] === at) {
      changes.shift()
      cuts.set('revoked', new Map([[head.log, changes.length]]))
    }
  }
  interface Seen {
    readonly under: Cuts
    seq: number
  }
  const { state } = createFolds<Seen>(repo, cuts, {
    async load(_, under) {
      change('load')
      return { under, seq: 0 }
    },
    seq: (seen) => seen.seq,
    skip: () => undefined,
    take(seen, _, entries) {
      for (const { seq } of entries) seen.seq = seq
      change('take')
      return true
    },
  })
  const seen = await state(one)
  expect(changes).toEqual([])
  expect(seen.under).toBe(cuts.now())
  expect(seen.seq).toBe(head.seq)
  expect(await state(one)).toBe(seen)
})
