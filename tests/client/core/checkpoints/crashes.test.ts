/** CX2, CX3, CX5 and CX6: what is left alone, what a crash leaves, and what nobody may make others drop. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Document } from '@baton/client/core/mesh-api'
import { under } from '@baton/client/core/repo/keys'
import { idBytes } from '@baton/shared/ids'
import { encodeAgain } from '@baton/shared/log/again'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { expect, it } from 'vitest'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

const droppedOf = ({ repository }: TestPeer, { session }: Document) =>
  repository.heads(session).filter(({ log }) => repository.dropped(log))

it('CX3 CX6 a disk that fails at any write leaves a part that counts for nothing, and the next start goes on', async () => {
  for (let writes = 0; writes < 9; writes++) {
    const disk = createFaultyDisk()
    const random = (at: number) => ({
      bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)).fill(at, 0, 1),
    })
    const alice = await openTestPeer({
      checkpoints: true,
      seed: 1,
      store: await disk.open(),
      random: random(1),
    })
    const here = await alice.documents.create('federation')
    await here.say('stays')
    for (let i = 0; i < 5; i++) await here.set(['x'], i)
    disk.fill(writes)
    alice.checkpoints?.soon(here.session)
    await alice.checkpoints?.settled()
    // Whoever waits for the disk hears first that it is full.
    await turn()
    disk.fill(undefined)
    disk.crash()
    const again = await openTestPeer({
      checkpoints: true,
      seed: 1,
      store: await disk.open(),
      random: random(2),
    })
    const anew = await again.documents.open(here.session)
    const reads = async () => [
      await anew.get(['x']),
      (await anew.history()).map(({ value }) => value),
      await anew.conflicts(),
    ]
    expect(await reads()).toEqual([4, ['stays'], []])
    again.checkpoints?.soon(here.session)
    await again.checkpoints?.settled()
    expect(await reads()).toEqual([4, ['stays'], []])
    const gone = droppedOf(again, here)
    expect(gone.length).toBeGreaterThan(0)
    for (const { log, seq } of gone) {
      const rows: unknown[] = []
      for await (const row of again.store.list(under('d', idBytes(log)))) rows.push(row)
      expect([rows, again.repository.dropped(log)?.seq]).toEqual([[], seq])
    }
  }
})

it.each(['record', 'file'] as const)(
  'CX2 a session with a %s of this device is left alone, however much of it was replaced',
  async (kind) => {
    const alice = await openTestPeer({ checkpoints: true, seed: 1 })
    const here = await alice.documents.create('agent')
    await alice.repository.write(here.session, (to) => {
      to.append(kinds[kind], [])
      return []
    })
    await alice.repository.renew(here.session)
    for (let i = 0; i < 5; i++) await here.set(['x'], i)
    alice.checkpoints?.soon(here.session)
    await alice.checkpoints?.settled()
    expect(droppedOf(alice, here)).toEqual([])
    expect(alice.repository.heads(here.session)).toHaveLength(2)
  },
)

it('CX5 whoever holds what counts keeps it where it is not said again as it was, and says so once', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, alice, bob } = two
  await here.set(['x'], 'counts')
  await here.set(['y'], 'counts')
  await two.meet()
  const [head] = alice.repository.heads(here.session)
  if (!head) throw new Error('no log')
  await alice.repository.renew(here.session)
  let place: Dep | undefined
  const apart = alice.repository.apart(here.session)
  await apart((to) => {
    const stamp = { ms: 1, counter: 0 }
    const said = { kind: kinds.register, seq: 3, stamp, deps: [], payload: [['x'], 'another word'] }
    to.append(kinds.again, encodeAgain([{ log: head.log, seq: 3, hash: new Uint8Array(8) }], said))
    const { hash, ...at } = to.append(kinds.checkpoint, encodeCheckpoint([head]))
    place = { ...at, hash: hash.slice(0, 8) }
    return []
  })
  await alice.repository.write(here.session, (to) => {
    to.append(kinds.drop, encodeCheckpoint([head]), [place as Dep])
    return []
  })
  await two.meet()
  for (const { checkpoints } of [alice, bob]) await checkpoints?.settled()
  await bob.repository.write(here.session, (to) => {
    to.append(kinds.row, ['c', 'k', 1])
    return []
  })
  await bob.checkpoints?.settled()
  expect([droppedOf(alice, here), droppedOf(bob, here)]).toEqual([[], []])
  expect(bob.traced.filter((line) => line.startsWith('checkpoint.kept'))).toHaveLength(1)
})

it('CX5 a drop without its checkpoint, or with a head that its device never signed, lets nothing go', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, alice, bob } = two
  await here.set(['x'], 'counts')
  const [head] = alice.repository.heads(here.session)
  if (!head) throw new Error('no log')
  await alice.repository.renew(here.session)
  const forged = { ...head, seq: 99 }
  let place: Dep | undefined
  await alice.repository.write(here.session, (to) => {
    const { hash, ...at } = to.append(kinds.checkpoint, encodeCheckpoint([forged]))
    place = { ...at, hash: hash.slice(0, 8) }
    to.append(kinds.drop, encodeCheckpoint([forged]), [place])
    to.append(kinds.drop, encodeCheckpoint([head]), [place])
    to.append(kinds.drop, encodeCheckpoint([head]))
    return []
  })
  await two.meet()
  for (const { checkpoints } of [alice, bob]) await checkpoints?.settled()
  expect([droppedOf(alice, here), droppedOf(bob, here)]).toEqual([[], []])
  expect(bob.repository.head(head.log)?.seq).toBe(head.seq)
})

it('CX7 a log that goes on behind what went folds from there, at every start', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, alice, bob } = two
  await alice.repository.renew(here.session)
  await here.set(['x'], 'gone')
  const head = alice.repository.heads(here.session).at(-1)
  await here.set(['y'], 'stays')
  await two.meet()
  if (!head) throw new Error('no log')
  expect(await bob.repository.drop(head)).toBe(true)
  expect(await bob.repository.drop(head)).toBe(true)
  for (const store of [bob.store, bob.store]) {
    const again = await openTestPeer({ checkpoints: true, seed: 2, store })
    const document = await again.documents.open(here.session)
    expect([await document.get(['x']), await document.get(['y'])]).toEqual([undefined, 'stays'])
  }
})
