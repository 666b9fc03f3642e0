/** DV1 to DV4: what a hostile or confused device may put into the question, and who gets an answer. */
import { encodeQuestion, parseAnswer, parseQuestion } from '@baton/client/core/sessions/delivery'
import { encode, type Value } from '@baton/shared/encoding/msgpack'
import { idBytes, joinLogId, sessionId } from '@baton/shared/ids'
import { parseReport, type TransferStatement } from '@baton/shared/model/receipt'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { eventually } from '../../../support/mesh-world.ts'
import {
  ask,
  link,
  questionOf,
  sent,
  statementOf,
  type TwoPeers,
  twoPeers,
} from '../../../support/two-peers.ts'

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte)

/** Both hold the session, carried and not placed; the statement is true. */
async function carried(): Promise<TwoPeers & { statement: TransferStatement }> {
  const two = await twoPeers()
  await link(two.alice, two.bob)
  const { receipt } = await sent(two.alice, two.found.id, { ...two.options, carryOnly: true })
  const statement = await statementOf(two.alice, two.bob.device, receipt.session)
  return { ...two, statement }
}

it('DV1 questions and answers have one form; whatever else comes is invalid', () => {
  const map: Value = ['/a', '/b']
  const good = [fill(10, 1), fill(64, 2), [map], '/p', false]
  expect(parseQuestion(encode(good))).toMatchObject({ maps: [{ from: '/a', to: '/b' }] })
  const bad: Value[] = [
    [fill(10, 1), fill(63, 2), [map], '/p', false],
    [fill(10, 1), fill(64, 2), Array.from({ length: 65 }, () => map), '/p', false],
    [fill(10, 1), fill(64, 2), Array.from({ length: 10_000 }, () => map), '/p', false],
    [fill(10, 1), fill(64, 2), [['/a', '/b'.repeat(2049)]], '/p', false],
    [fill(10, 1), fill(64, 2), [['/a']], '/p', false],
    [fill(10, 1), fill(64, 2), [map], 'p'.repeat(4097), false],
    [fill(10, 1), fill(64, 2), [map], 7, false],
    [fill(10, 1), fill(64, 2), [map], '/p', 1],
    [fill(10, 1), fill(64, 2), [map], '/p'],
    [...good, null],
    {},
  ]
  const code = (run: () => unknown) => {
    try {
      run()
      return 'read'
    } catch (error) {
      return (error as { code?: unknown }).code
    }
  }
  for (const value of bad) expect(code(() => parseQuestion(encode(value)))).toBe('invalid')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      for (const parse of [parseQuestion, parseAnswer]) {
        expect(['invalid', 'too-large']).toContain(code(() => parse(noise)))
      }
    }),
  )
})

it('DV1 64 maps of the longest paths are read, and lead nowhere when they should', async () => {
  const { alice, bob, statement } = await carried()
  const maps = Array.from({ length: 64 }, () => ({ from: '/', to: `/${'x'.repeat(4095)}` }))
  const answer = parseAnswer(await ask(alice, bob, await questionOf(alice, statement, { maps })))
  expect(parseReport(answer.report)).toMatchObject({ unplaced: { code: 'place-unmapped' } })
})

it('DV2 no session, one that is not shared, and words of others are told the same', async () => {
  const { alice, bob, open, statement, found } = await carried()
  const carol = await open(3)
  await link(carol, bob)
  const other = sessionId(fill(16, 9))
  const theirs = { ...statement, from: carol.device }
  // A guest that was given nothing asks the author.
  const guest = await open(4)
  await link(guest, alice)
  const asGuest = { ...statement, from: guest.device, to: alice.device }
  const asked = await Promise.allSettled([
    ask(guest, alice, await questionOf(guest, asGuest)),
    ask(alice, bob, await questionOf(alice, { ...statement, session: other, vector: [] })),
    ask(alice, bob, await questionOf(alice, { ...statement, to: carol.device })),
    // Carol replays what alice said, and says it herself, of a session that is not shared with her.
    ask(carol, bob, await questionOf(alice, statement)),
    ask(carol, bob, await questionOf(carol, theirs)),
    ask(carol, bob, await questionOf(carol, { ...theirs, session: other, vector: [] })),
  ])
  const refusal = {
    code: 'not-permitted',
    message: 'failed to deliver: the session is not shared so',
  }
  for (const each of asked) {
    expect(each).toMatchObject({ status: 'rejected', reason: refusal })
  }
  // A member may not put the words of another one either.
  await alice.sharing.grant(statement.session, carol.device)
  await eventually(async () =>
    bob.sharing.isShared(statement.session, carol.device) ? true : undefined,
  )
  await expect(ask(carol, bob, await questionOf(alice, statement))).rejects.toMatchObject(refusal)
  expect(await bob.receipts.all()).toHaveLength(1)
  expect((await bob.library.resolve(found.id)).session).toBe(statement.session)
})

it('DV3 nothing is signed that the sender did not sign or that is not so here', async () => {
  const { alice, bob, project, statement } = await carried()
  const { vector } = statement
  const [first] = vector
  if (!first) throw new Error('a session has a log')
  const foreign = joinLogId(sessionId(fill(16, 9)), bob.device, fill(8, 1))
  const cases: [Partial<TransferStatement>, string][] = [
    [{ digest: fill(32, 1) }, 'source-changed'],
    [{ vector: [{ ...first, seq: first.seq + 1 }] }, 'source-changed'],
    [{ vector: [{ ...first, h: fill(8, 1) }] }, 'source-changed'],
    [{ vector: [{ ...first, log: foreign }] }, 'invalid'],
    [{ records: statement.records + 1 }, 'invalid'],
    [{ bytes: Number.MAX_SAFE_INTEGER }, 'invalid'],
    [{ bytes: statement.bytes + 1 }, 'invalid'],
    [{ last: fill(32, 1) }, 'invalid'],
  ]
  for (const [change, code] of cases) {
    const question = await questionOf(alice, { ...statement, ...change })
    await expect(
      ask(alice, bob, question),
      JSON.stringify(Object.keys(change)),
    ).rejects.toMatchObject({ code })
  }
  const forged = await questionOf(alice, statement, { signer: bob, project })
  await expect(ask(alice, bob, forged)).rejects.toMatchObject({ code: 'bad-signature' })
  const noise = encodeQuestion({
    transfer: encode([idBytes(statement.session)]),
    signature: fill(64, 0),
    maps: [],
    project: undefined,
    carryOnly: false,
  })
  await expect(ask(alice, bob, noise)).rejects.toMatchObject({ code: 'invalid' })
  expect(await bob.receipts.all()).toHaveLength(1)
  expect(await bob.library.rows()).toMatchObject([{ placed: undefined }])
})

it('DV4 a transfer that is replayed gets the answer it had, also after the session went on', async () => {
  const { alice, bob, project, found, statement } = await carried()
  const question = await questionOf(alice, statement, { project })
  const [one, two] = await Promise.all([ask(alice, bob, question), ask(alice, bob, question)])
  expect(two).toEqual(one)
  const { placed } = parseReport(parseAnswer(one).report)
  agentAppends(found.path, 2, 1)
  alice.clock.advance(1000)
  await sent(alice, found.id, { to: bob.device, maps: [], project })
  const receipts = await bob.receipts.all()
  expect(receipts).toHaveLength(3)
  const elsewhere = await questionOf(alice, statement, { project: '/' })
  expect(await ask(alice, bob, elsewhere)).toEqual(one)
  expect(placed?.path).toBeDefined()
  expect(await bob.receipts.all()).toEqual(receipts)
})
