/** SD7 to SD9: sessions that move on, links that close, answers that lie, and several sends at once. */
import { readFileSync } from 'node:fs'
import { encodeAnswer, parseAnswer } from '@baton/client/core/sessions/delivery'
import { startsWith } from '@baton/shared/bytes'
import { label } from '@baton/shared/labels'
import { expect, it, vi } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { eventsOf, link, passing, sent, twoPeers } from '../../../support/two-peers.ts'

/** Runs `run` whenever the device is about to sign a transfer, at most `times` times. */
function beforeSigning(peer: TestPeer, times: number, run: () => Promise<unknown>) {
  const sign = peer.keyring.sign.bind(peer.keyring)
  let left = times
  vi.spyOn(peer.keyring, 'sign').mockImplementation(async (message) => {
    if (startsWith(message, label('receipt')) && left-- > 0) await run()
    return sign(message)
  })
}

it('SD7 a session that moves on while it is carried is carried again, and the answer is of all', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  beforeSigning(alice, 3, async () => {
    agentAppends(found.path, 2, 1)
    await alice.taking.ref(found.id)
  })
  const events = await passing(alice, alice.send(found.id, options))
  expect(events.filter(({ at }) => at === 'placing')).toHaveLength(4)
  const lines = readFileSync(found.path, 'utf8').split('\n').length - 1
  const end = events.at(-1)
  if (end?.at !== 'done') throw new Error('it did not end well')
  const sidecars = found.files.slice(1).reduce((sum, { records }) => sum + records, 0)
  expect(end.receipt.records).toBe(lines + sidecars)
  expect(await bob.receipts.all()).toEqual([end.receipt])
})

it('SD7 one that never stops moving fails after five attempts, and a later send goes on', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  beforeSigning(alice, 5, async () => {
    agentAppends(found.path, 1, 1)
    await alice.taking.ref(found.id)
  })
  const events = await passing(alice, alice.send(found.id, options))
  expect(events.filter(({ at }) => at === 'placing')).toHaveLength(5)
  expect(events.at(-1)).toMatchObject({ at: 'failed', code: 'source-changed' })
  expect((await sent(alice, found.id, options)).placed).toBeDefined()
})

it('SD7 a link that closes before the question arrives, or before the answer does, costs nothing', async () => {
  const { alice, bob, found, options } = await twoPeers()
  let pair = await link(alice, bob)
  let asked = 0
  const first = await passing(alice, alice.send(found.id, options), async ({ at }) => {
    if (at !== 'placing' || asked++ > 0) return
    pair.cut()
    pair = await link(alice, bob)
  })
  expect(asked).toBe(2)
  expect(first.at(-1)).toMatchObject({ at: 'done' })
  agentAppends(found.path, 2, 1)
  alice.clock.advance(1000)
  const keep = bob.receipts.keep.bind(bob.receipts)
  const keeping = vi.spyOn(bob.receipts, 'keep').mockImplementation(async (receipt) => {
    const row = await keep(receipt)
    pair.cut()
    await link(alice, bob)
    return row
  })
  const second = await passing(alice, alice.send(found.id, options))
  const end = second.at(-1)
  expect(end).toMatchObject({ at: 'done', placed: { path: expect.stringContaining(found.id) } })
  expect(keeping).toHaveBeenCalledTimes(1)
  const kept = await alice.receipts.all()
  expect(kept).toHaveLength(2)
  expect(await bob.receipts.all()).toEqual(kept)
})

it('SD8 an answer of another history, or that is not signed, leaves no receipt here', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const exchange = alice.exchange(bob.device)
  if (!exchange) throw new Error('they are not joined')
  const really = exchange.ask.bind(exchange)
  const lies = [
    { lie: { digest: new Uint8Array(32) }, code: 'invalid' },
    { lie: { signature: new Uint8Array(64) }, code: 'bad-signature' },
    { lie: { report: new Uint8Array(3) }, code: 'bad-signature' },
  ]
  for (const { lie, code } of lies) {
    const asking = vi.spyOn(exchange, 'ask').mockImplementation(async (...question) => {
      const answer = parseAnswer(await really(...question))
      return encodeAnswer({ ...answer, ...lie })
    })
    const last = (await eventsOf(alice.send(found.id, options))).at(-1)
    expect(last).toMatchObject({ at: 'failed', code })
    expect(asking).toHaveBeenCalledTimes(1)
    asking.mockRestore()
    alice.clock.advance(1000)
  }
  expect(await alice.receipts.all()).toEqual([])
})

it('SD9 the same session sent again changes nothing there and has a receipt of its own', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const first = await sent(alice, found.id, options)
  const path = first.placed?.path as string
  const before = readFileSync(path)
  alice.clock.advance(1000)
  const second = await sent(alice, found.id, options)
  expect(second.placed).toEqual(first.placed)
  expect(second.receipt.neutralised).toEqual({})
  expect(readFileSync(path)).toEqual(before)
  alice.clock.advance(1000)
  const both = await Promise.all([
    sent(alice, found.id, options),
    sent(alice, found.id, { ...options, carryOnly: true }),
  ])
  expect(both.map(({ digest }) => digest.there)).toEqual([first.digest.here, first.digest.here])
  expect(await alice.receipts.all()).toEqual(await bob.receipts.all())
})

it('SD9 two devices get one session at the same time', async () => {
  const { alice, bob, found, options, open } = await twoPeers()
  const carol = await open(3)
  await Promise.all([link(alice, bob), link(alice, carol)])
  const [there, elsewhere] = await Promise.all([
    sent(alice, found.id, options),
    sent(alice, found.id, { ...options, to: carol.device }),
  ])
  expect(there.digest).toEqual(elsewhere.digest)
  expect(there.placed?.path).not.toBe(elsewhere.placed?.path)
  expect(await bob.receipts.all()).toEqual([there.receipt])
  expect(await carol.receipts.all()).toEqual([elsewhere.receipt])
  expect(await alice.receipts.all()).toHaveLength(2)
})
