/** SW13, SW14, HF11: a message under way changes hands with its session. */
import type { Document, FollowEvent } from '@baton/client/core/mesh-api'
import { aheadMs, streamPieceMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  soon,
  stagesOf,
  told,
} from '../../../support/handoff-peers.ts'
import { textOf } from '../../../support/stream-documents.ts'

const words = Array.from({ length: 60 }, (_, i) => `word${i} 😀 `)
const whole = words.join('')
const assistant = { role: 'assistant' }

async function three() {
  const peers = [
    await openHandoffPeer(1),
    await openHandoffPeer(2),
    await openHandoffPeer(3),
  ] as const
  const [alice, bob, carol] = peers
  const between = await joinPeers(alice, bob)
  await joinPeers(alice, carol)
  await joinPeers(bob, carol)
  for (const peer of peers) await peer.handoffs.setPolicy('always')
  const here = await heldBy(alice, bob.self, carol.self)
  const opened = (peer: HandoffPeer) =>
    soon(() => peer.documents.open(here.session).catch(() => undefined))
  await soon(async () => (await bob.documents.state(here.session)).writers.has(bob.self))
  return {
    ...{ alice, bob, carol, between, here },
    there: await opened(bob),
    far: await opened(carol),
  }
}

/** What who follows a message was given: each part must come once. */
function given(document: Document, id: string) {
  const events: FollowEvent[] = []
  const stop = document.follow(id, (event) => events.push(event))
  return {
    stop,
    events,
    text: () => events.map((event) => (event.at === 'text' ? event.text : '')).join(''),
  }
}

/** So much that text goes ahead, and is not signed yet. */
const pass = (...peers: readonly HandoffPeer[]) =>
  Promise.all(peers.map(({ clock }) => clock.elapse(aheadMs / 10)))

const last = async (document: Document) => (await document.history()).at(-1)

it('SW13 a message under way goes on at the next holder, and back: nothing is missing or twice', async () => {
  const { alice, bob, carol, here, there, far } = await three()
  const { id, write } = await here.stream(assistant)
  const watched = [given(here, id), given(far, id)]
  for (const word of words.slice(0, 20)) await write(word)
  const away = await told(alice.handoffs.hand(here.session, { to: bob.self, kind: 'transfer' }))
  expect(stagesOf(away).at(-1)).toBe('done')
  await expect(write('more')).rejects.toMatchObject({ code: 'invalid' })
  expect((await last(there))?.stream?.state).toBe('interrupted')

  const goesOn = await there.continue(id)
  expect(goesOn.text).toBe(words.slice(0, 20).join(''))
  for (const word of words.slice(20, 40)) await goesOn.write(word)
  // What is said is told ahead, before it is signed.
  await soon(async () => {
    await pass(bob, carol)
    return textOf(await last(far))?.endsWith(words[39] as string)
  })
  expect((await last(far))?.stream).toMatchObject({ state: 'open', ahead: expect.any(Number) })
  const back = await told(bob.handoffs.hand(here.session, { to: alice.self, kind: 'transfer' }))
  expect(stagesOf(back).at(-1)).toBe('done')

  const again = await here.continue(id)
  for (const word of words.slice(40)) await again.write(word)
  await again.end()
  for (const document of [here, there, far]) {
    const shown = await soon(async () => {
      const message = await last(document)
      return message?.stream === undefined ? message : undefined
    })
    expect(textOf(shown)).toBe(whole)
    expect(shown.continuedBy).toEqual([bob.self, alice.self])
  }
  for (const each of watched) {
    await soon(() => each.text().length >= whole.length)
    expect(each.text()).toBe(whole)
    expect(each.events.some(({ at }) => at === 'anew' || at === 'failed')).toBe(false)
    each.stop()
  }
})

it('SW13 SW14 HF11 what is taken over goes on from what was signed, and the rest stands beside it', async () => {
  const { alice, bob, between, here, there } = await three()
  const { id, write, flush } = await here.stream(assistant)
  await write('signed, ')
  await flush()
  await soon(async () => textOf(await last(there)) === 'signed, ')
  between.alice.close('gone')
  // The third one is away, too: nobody brings it over.
  const alone = await openHandoffPeer(2, { store: bob.store, run: 1 })
  const document = await alone.documents.open(here.session)
  await write('never seen')
  await alice.clock.elapse(streamPieceMs)
  await told(alone.handoffs.take(here.session, { kind: 'transfer', force: true }))
  const goesOn = await document.continue(id)
  expect(goesOn.text).toBe('signed, ')
  await goesOn.write('and on')
  await goesOn.end()
  await joinPeers(alice, alone)
  const shown = await soon(async () => {
    const message = await last(here)
    return message?.continuedBy && !message.stream ? message : undefined
  })
  expect(textOf(shown)).toBe('signed, and on')
  expect(await holders(here.session, alice, alone)).toEqual([1, 1])
  const [row] = await alice.handoffs.beside(here.session)
  expect(row).toMatchObject({ device: alice.self, epoch: 0, reason: 'split', messages: 1 })
  const branch = await alice.handoffs.branchOff(here.session, { device: alice.self, epoch: 0 })
  const fresh = await alice.documents.open(branch)
  expect(textOf(await last(fresh))).toBe('signed, never seen')
})

it('SW13 nobody goes on with what is whole, taken back, its own by now, another holds, or is not there', async () => {
  const { alice, bob, here, there } = await three()
  const done = await here.stream(assistant)
  await done.end()
  const back = await here.stream(assistant)
  await back.write('x')
  await here.retract(back.id)
  const { id, abort, write } = await here.stream(assistant)
  await write('one')
  await expect(here.continue(id)).rejects.toMatchObject({ code: 'invalid' })
  await abort()
  await expect(here.continue(id)).rejects.toMatchObject({
    message: expect.stringContaining('not handed over'),
  })
  await soon(async () => textOf(await last(there)) === 'one')
  await expect(there.continue(id)).rejects.toMatchObject({ code: 'not-holder' })
  await told(alice.handoffs.hand(here.session, { to: bob.self, kind: 'transfer' }))
  await expect(there.continue('nothing')).rejects.toMatchObject({ code: 'not-found' })
  for (const whole of [done.id, back.id]) {
    await expect(there.continue(whole)).rejects.toMatchObject({ code: 'invalid' })
  }
  const [first, second] = await Promise.allSettled([there.continue(id), there.continue(id)])
  expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected'])
})

it('SW13 SW10 who goes on and dies leaves the text that it signed, interrupted', async () => {
  const { alice, bob, carol, here, there, far } = await three()
  const { id, write } = await here.stream(assistant)
  await write('a')
  await told(alice.handoffs.hand(here.session, { to: bob.self, kind: 'transfer' }))
  const goesOn = await there.continue(id)
  await goesOn.write('b')
  await goesOn.flush()
  await goesOn.write('c')
  await soon(async () => {
    await pass(bob, carol)
    return textOf(await last(far)) === 'abc'
  })
  const again = await openHandoffPeer(2, { store: bob.store, run: 1 })
  const document = await again.documents.open(here.session)
  await document.history()
  await soon(async () => (await last(document))?.stream?.state === 'interrupted')
  expect(textOf(await last(document))).toBe('ab')
})
