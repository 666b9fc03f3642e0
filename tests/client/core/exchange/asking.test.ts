/** Questions over a link: each has one end, whatever the other side does. */
import { utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxAskBytes, maxOpenAsks } from '@baton/shared/limits'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { describe, expect, it } from 'vitest'
import { link, openSide, rawPeer } from '../../../support/exchange-pair.ts'

const empty = new Uint8Array(0)

async function asking() {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const linked = await link(alice, bob)
  await linked.flush()
  return { alice, bob, linked }
}

/** An exchange that asks, and a peer that answers as it likes. */
async function unanswered() {
  const alice = await openSide(1)
  const bob = await openSide(2)
  const peer = await rawPeer(alice, bob.device)
  const [exchange] = alice.exchanges
  if (!exchange) throw new Error('no exchange')
  await peer.flush()
  return { alice, peer, ask: exchange.ask }
}

describe('a question', () => {
  it('XC10 is answered with what the other side gave, many at a time and in any order', async () => {
    const { bob, linked } = await asking()
    const waiting: (() => void)[] = []
    bob.answer = (method, body) =>
      new Promise((resolve) => waiting.push(() => resolve(utf8Encode(`${method} ${body.length}`))))
    const answers = [1, 2, 3].map((size) => linked.alice.ask('count', new Uint8Array(size), 1000))
    await linked.flush()
    for (const answer of waiting.reverse()) answer()
    await linked.flush()
    expect(await Promise.all(answers)).toEqual(['count 1', 'count 2', 'count 3'].map(utf8Encode))
  })

  it('XC10 that was refused has the code of the other side, or `invalid`, and its words made clean', async () => {
    const { alice, bob, linked } = await asking()
    const refused = async (error: unknown) => {
      bob.answer = () => Promise.reject(error)
      const answer = linked.alice.ask('x', empty, 1000)
      answer.catch(() => undefined)
      await linked.flush()
      return answer
    }
    await expect(
      refused(new BatonError('not-found', 'no such\u001b[31m thing')),
    ).rejects.toMatchObject({
      code: 'not-found',
      message: expect.not.stringContaining('\u001b'),
    })
    await expect(refused(new BatonError('bad-key', 'secret'))).rejects.toMatchObject({
      code: 'invalid',
    })
    // What was not expected there is not told, but traced.
    await expect(refused(new Error('/home/bob/secret'))).rejects.toMatchObject({
      code: 'invalid',
      message: 'it failed there',
    })
    expect(bob.traced.join()).toContain('ask.failed')
    expect(alice.traced).toEqual([])
    expect(linked.end).toBe(undefined)
  })

  it('XC10 that gets no answer ends with its time, and an answer after that is nothing', async () => {
    const { alice, peer, ask } = await unanswered()
    const answer = ask('x', empty, 5000)
    answer.catch(() => undefined)
    await peer.flush()
    await alice.clock.elapse(4999)
    const asked = peer.heard.find(({ kind }) => kind === 'ask')
    await alice.clock.elapse(1)
    await expect(answer).rejects.toMatchObject({ code: 'timeout' })
    const id = asked?.form[1] as number
    for (const each of [id, id, 77]) peer.say([syncTypes.answer, each, empty])
    peer.say([syncTypes.refuse, id, 'timeout', 'late'])
    await peer.flush()
    expect(peer.end).toBe(undefined)
    const next = ask('y', empty, 5000)
    await peer.flush()
    peer.say([syncTypes.answer, id + 1, utf8Encode('yes')])
    peer.say([syncTypes.answer, id + 1, utf8Encode('no')])
    await peer.flush()
    expect(await next).toEqual(utf8Encode('yes'))
  })

  it('XC10 ends with the link, and none is asked after it; no timer stays', async () => {
    const { alice, peer, ask } = await unanswered()
    const answer = ask('x', empty, 60_000)
    answer.catch(() => undefined)
    peer.pair.cut()
    await expect(answer).rejects.toMatchObject({ code: 'link-closed' })
    await expect(ask('y', empty, 60_000)).rejects.toMatchObject({ code: 'link-closed' })
    expect(alice.clock.pending).toBe(0)
  })

  it('XC10 or an answer over 512 KiB is `too-large`', async () => {
    const { bob, linked } = await asking()
    const tooMuch = new Uint8Array(maxAskBytes + 1)
    await expect(linked.alice.ask('x', tooMuch, 1000)).rejects.toMatchObject({ code: 'too-large' })
    bob.answer = async () => tooMuch
    const answer = linked.alice.ask('x', empty, 1000)
    answer.catch(() => undefined)
    await linked.flush()
    await expect(answer).rejects.toMatchObject({ code: 'too-large' })
    bob.answer = async () => tooMuch.subarray(1)
    const most = linked.alice.ask('x', tooMuch.subarray(1), 1000)
    await linked.flush()
    expect((await most).length).toBe(maxAskBytes)
  })

  it('XC10 beyond the 64th under way is refused with `link-limit`, and room comes with each answer', async () => {
    const { bob, linked } = await asking()
    const waiting: (() => void)[] = []
    bob.answer = () => new Promise((resolve) => waiting.push(() => resolve(empty)))
    const asked = Array.from({ length: maxOpenAsks + 1 }, () => linked.alice.ask('x', empty, 1000))
    for (const each of asked) each.catch(() => undefined)
    await linked.flush()
    await expect(asked.at(-1)).rejects.toMatchObject({ code: 'link-limit' })
    expect(waiting).toHaveLength(maxOpenAsks)
    waiting[0]?.()
    await linked.flush()
    await asked[0]
    const next = linked.alice.ask('x', empty, 1000)
    await linked.flush()
    for (const answer of waiting) answer()
    await linked.flush()
    expect(await next).toEqual(empty)
  })

  it('XC10 takes none of the lane: what is asked meanwhile by the other side is answered', async () => {
    const { alice, bob, linked } = await asking()
    bob.answer = async (_method, body) => {
      const back = await linked.bob.ask('back', body, 1000)
      return utf8Encode(`got ${back.length}`)
    }
    alice.answer = async (_method, body) => new Uint8Array(body.length * 2)
    const answer = linked.alice.ask('x', new Uint8Array(4), 1000)
    await linked.flush()
    await linked.flush()
    expect(await answer).toEqual(utf8Encode('got 8'))
  })
})

it('XC4 an exchange on a channel that is closed already says nothing and leaves no timer', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const linked = await link(alice, bob, { closed: true })
  await linked.flush()
  expect(linked.wire).toEqual([])
  expect([alice.clock.pending, bob.clock.pending]).toEqual([0, 0])
  await expect(linked.alice.ask('x', empty, 1000)).rejects.toMatchObject({ code: 'link-closed' })
})
