/** CX5, CX7 and CX9 against peers that lie, and drops in the middle of something else. */
import { answerTrail } from '@baton/client/core/checkpoints/trails'
import { encode } from '@baton/shared/encoding/msgpack'
import { idBytes, type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { encodeAgain } from '@baton/shared/log/again'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { decodeTrail } from '@baton/shared/log/trail'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

/** The head of the last log that a device wrote, which ends there. */
async function ended({ repository, device }: TestPeer, session: SessionId) {
  const own = repository.heads(session).filter(({ log }) => splitLogId(log).device === device)
  await repository.renew(session)
  const head = own.at(-1)
  if (!head) throw new Error('no log')
  return head
}

it('CX9 what is known of a log is told to those who share its session alone, and only what is', async () => {
  const { here, alice, bob } = await twoDocuments()
  const head = await ended(alice, here.session)
  const ask = (device: TestPeer['device'], { seq, hash }: { seq: number; hash: Uint8Array }) =>
    answerTrail(alice, device, encode([idBytes(head.log), seq, hash, head.signature]))
  const trail = decodeTrail(head.log, await ask(bob.device, head))
  expect([trail.from.seq, trail.head.seq]).toEqual([0, head.seq])
  const stranger = await openTestPeer({ seed: 9 })
  await expect(ask(stranger.device, head)).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(answerTrail(alice, bob.device, encode(['x']))).rejects.toMatchObject({
    code: 'invalid',
  })
  for (const wrong of [
    { ...head, seq: head.seq + 1 },
    { ...head, hash: new Uint8Array(32) },
  ]) {
    expect(await ask(bob.device, wrong)).toHaveLength(0)
  }
})

it('CX9 on the word of a trail that leads elsewhere, or past what is held, nothing goes', async () => {
  const { here, alice } = await twoDocuments()
  await alice.repository.renew(here.session)
  await here.set(['x'], 1)
  const log = alice.repository.heads(here.session).at(-1)?.log as LogId
  const two = await twoDocuments()
  for (let i = 0; i < 3; i++) await here.set(['x'], i)
  const head = await ended(alice, here.session)
  expect(head.log).toBe(log)
  const told = (await alice.repository.trail(head)) as NonNullable<
    Awaited<ReturnType<typeof alice.repository.trail>>
  >
  const path = told.path.slice()
  path[3] = (path[3] as number) ^ 1
  const other = await two.alice.repository.trail(await ended(two.alice, two.here.session))
  const less = await openTestPeer({ seed: 3 })
  for await (const delta of alice.repository.read(log, 0)) {
    await less.repository.receive(delta)
    break
  }
  for (const trail of [{ ...told, path }, other, undefined]) {
    expect(await less.repository.drop(head, { trail })).toBe(false)
  }
  expect(await less.repository.drop(head, { trail: told })).toBe(true)
  expect(less.repository.dropped(log)?.seq).toBe(head.seq)
})

it('CX5 a checkpoint that says again what another replaced brings nothing back', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, there, alice, bob } = two
  await alice.repository.renew(here.session)
  await here.set(['x'], 'old')
  await two.meet()
  await there.set(['x'], 'of bob')
  await two.meet()
  const head = await ended(alice, here.session)
  let place: Dep | undefined
  const apart = alice.repository.apart(here.session)
  await apart((to) => {
    const stamp = { ms: 9e12, counter: 0 }
    const said = { kind: kinds.register, seq: 2, stamp, deps: [], payload: [['x'], 'old'] }
    to.append(kinds.again, encodeAgain([{ log: head.log, seq: 2, hash: new Uint8Array(8) }], said))
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
  expect([await here.get(['x']), await there.get(['x'])]).toEqual(['of bob', 'of bob'])
  expect(bob.repository.dropped(head.log)).toBeUndefined()
})

it('CX7 what goes while it is being read, or sent, ends that without a hole', async () => {
  const { here, alice } = await twoDocuments()
  await alice.repository.renew(here.session)
  for (let i = 0; i < 4; i++) await here.set(['x'], i)
  const head = await ended(alice, here.session)
  const reading = alice.repository.runs(head.log, 0)[Symbol.asyncIterator]()
  expect((await reading.next()).value?.after).toBe(0)
  expect(await alice.repository.drop(head)).toBe(true)
  const rest: number[] = []
  for (let next = await reading.next(); !next.done; next = await reading.next()) {
    rest.push(next.value.last)
  }
  expect(rest.every((last) => last <= head.seq)).toBe(true)
})
