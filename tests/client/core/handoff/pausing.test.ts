/** HF5: while a session is handed over its holder writes no history, and all it was told is written goes along. */
import { expect, it } from 'vitest'
import {
  heldBy,
  joinPeers,
  openHandoffPeer,
  shownBy,
  soon,
  stagesOf,
  told,
} from '../../../support/handoff-peers.ts'

it('HF5 who writes without a pause is told of each word whether it went along', async () => {
  const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
  await joinPeers(alice, bob)
  await bob.handoffs.setPolicy('always')
  const here = await heldBy(alice)
  const acknowledged: unknown[] = ['begun']
  const refused = new Set<string>()
  const reasons = new Set<string>()
  let over = false
  const writing = (async () => {
    for (let i = 0; !over; i++) {
      await here.say(i).then(
        () => acknowledged.push(i),
        ({ code, message }: { code: string; message: string }) => {
          refused.add(code)
          reasons.add(message)
        },
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const writer = await here.stream({ role: 'assistant' })
  await writer.write('so far')
  await writer.flush()
  const events = await told(alice.handoffs.hand(here.session, { to: bob.self, kind: 'transfer' }))
  over = true
  await writing
  expect(stagesOf(events).at(-1)).toBe('done')
  expect(acknowledged.length).toBeGreaterThan(1)
  expect(refused.size).toBeGreaterThan(0)
  for (const code of refused) expect(['handing-over', 'not-holder']).toContain(code)
  // Also before it was signed: what the target says it holds is all there is.
  expect([...reasons].some((each) => each.includes('is being handed over'))).toBe(true)
  const there = await bob.documents.open(here.session)
  const shown = await shownBy(there)
  expect(shown.filter((each) => typeof each !== 'object')).toEqual(acknowledged)
  // What was written bit by bit is there up to where it was, and told to be broken off.
  const [bits] = (await there.history()).filter(({ stream }) => stream !== undefined)
  expect([(bits?.value as { content?: string } | undefined)?.content, bits?.stream?.state]).toEqual(
    [...['so far', 'interrupted']],
  )
  await there.say('and on')
  await soon(async () => (await shownBy(here)).includes('and on'))
  expect((await alice.documents.state(here.session)).beside.messages.size).toBe(0)
})
