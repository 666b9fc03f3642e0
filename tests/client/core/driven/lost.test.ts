/** AC13, TC3: a session that goes to another device while it is driven. */
import { expect, it } from 'vitest'
import { deskOver, text } from '../../../support/driven-desk.ts'
import { heldBy, joinPeers, openHandoffPeer, soon, told } from '../../../support/handoff-peers.ts'

async function two() {
  const [alice, bob] = [await openHandoffPeer(1), await openHandoffPeer(2)]
  const here = await heldBy(alice, bob.self)
  const { session } = here
  await joinPeers(alice, bob)
  await bob.handoffs.setPolicy('always', undefined)
  const pen = await deskOver(alice).drive(session)
  const inputs = pen.inputs[Symbol.asyncIterator]()
  const away = () => told(alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' }))
  return { alice, bob, here, session, pen, inputs, away }
}

it('AC13 the pen is lost to who holds the session, which is told while nobody writes, and to who does', async () => {
  const { bob, session, pen, inputs, away } = await two()
  await pen.apply([{ do: 'begin', stream: 'a', role: 'assistant' }, ...text('a', 'half')])
  await pen.apply([{ do: 'tool', call: 'c', name: 'make', status: 'running' }])
  const next = inputs.next().catch((error: unknown) => error)
  expect((await away()).at(-1)).toMatchObject({ at: 'done' })
  expect(await next).toMatchObject({ code: 'not-holder' })
  for (const steps of [text('a', 'more'), [{ do: 'say', role: 'user', text: 'x' } as const]]) {
    await expect(pen.apply(steps)).rejects.toMatchObject({ code: 'not-holder' })
  }
  await pen.close()
  const there = await soon(() => bob.documents.open(session).catch(() => undefined))
  const last = (await there.history()).map(({ value, stream }) => [value, stream?.state])
  expect(last).toEqual([
    ['begun', undefined],
    [{ role: 'assistant', content: 'half' }, 'interrupted'],
    [{ role: 'tool', call: 'c', name: 'make' }, undefined],
  ])
  expect(await there.tools()).toMatchObject([{ call: 'c', status: 'unknown', ended: false }])
  const taken = await deskOver(bob).drive(session)
  expect(taken.leftOpen).toMatchObject([{ name: 'make' }])
  expect(await there.tools()).toMatchObject([{ call: 'c', status: 'unknown', ended: true }])
})

it('NS3 what is said where the session was goes to the inbox of where it is', async () => {
  const { alice, bob, session, pen, away } = await two()
  await pen.close()
  await away()
  const said = await deskOver(alice).say(session, { role: 'user', text: 'still me' })
  expect(said.waits).toBe(true)
  const there = await bob.documents.open(session)
  await soon(async () => ((await there.inputs()).length > 0 ? true : undefined))
  const taken = await deskOver(bob).drive(session)
  const { value } = await taken.inputs[Symbol.asyncIterator]().next()
  expect(value).toMatchObject({ device: alice.self, text: 'still me' })
})
