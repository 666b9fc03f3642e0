/** How a channel ends, and what both sides know of it (rules L22 to L25). */
import type { ChannelTest } from '../channel.ts'
import { equal, ok, outcome, rejects, sameBytes } from '../check.ts'
import { collect, ending, fill, settled } from './opened.ts'

export function endingTests(test: ChannelTest): void {
  test('L22 delivers what was taken before it closes, and both ends know', async (c) => {
    const { alice, bob, rest, until } = c
    const got = collect(bob)
    const endings = Promise.all([ending(alice), ending(bob)])
    const sent = Array.from({ length: 20 }, (_, i) => fill(50_000, i))
    for (const message of sent) await alice.send('bulk', message)
    const closed = settled(alice.close('going away'))
    await rejects(alice.send('control', fill(1, 1)), 'link-closed')
    await until(closed)
    // The one that closes may know first; until the other end comes, things may still be handed over.
    await until(settled(endings))
    ok(sameBytes(got.bulk, sent), 'all that was taken arrives')
    await rest()
    for (const { clean, code, reason, unconfirmedBytes } of await endings) {
      equal([clean, code, reason, unconfirmedBytes], [true, 'link-closed', 'going away', 0])
    }
    await rejects(bob.send('control', fill(1, 1)), 'link-closed')
  })

  test('L22 may be closed twice, from both sides and afterwards', async ({ alice, bob, until }) => {
    collect(alice)
    collect(bob)
    const closings = [alice, bob, alice].map((channel) => channel.close('done'))
    await until(settled(Promise.all(closings)))
    await alice.close('again')
    for (const channel of [alice, bob]) equal((await ending(channel)).clean, true)
  })

  test('L23 says what a lost connection may have lost', async ({ alice, bob, lose, until }) => {
    bob.receive(() => new Promise(() => {}))
    const endings = Promise.all([ending(alice), ending(bob)])
    const refused: Promise<string>[] = []
    for (let i = 0; i < 100; i++) refused.push(outcome(alice.send('bulk', fill(65_536, i))))
    lose()
    await until(settled(endings))
    const [atAlice, atBob] = await endings
    equal([atAlice.clean, atBob.clean], [false, false])
    ok(atAlice.unconfirmedBytes > 500_000, 'what is not confirmed is counted')
    ok((await Promise.all(refused)).includes('link-closed'), 'what was not taken is refused')
  })

  test('L24 hands over nothing after its end, and tells that end to whoever asks later', async (c) => {
    const { alice, bob, rest, until } = c
    let ended = false
    let late = 0
    bob.receive(() => {
      if (ended) late += 1
    })
    bob.onClose(() => {
      ended = true
    })
    const sends = Array.from({ length: 60 }, (_, i) => outcome(alice.send('bulk', fill(65_536, i))))
    await until(settled(bob.close('enough')))
    await rest()
    await Promise.all(sends)
    equal(late, 0, 'how many messages came after the end')
    equal((await ending(bob)).reason, 'enough')
  })

  for (const how of ['throws', 'rejects']) {
    test(`L25 ends when its receiver ${how}`, async ({ alice, bob, until }) => {
      bob.receive(() => {
        if (how === 'rejects') return Promise.reject(new Error('no'))
        throw new Error('no')
      })
      const over = ending(bob)
      await alice.send('control', fill(3, 3))
      await until(settled(over))
      const { clean, reason } = await over
      equal([clean, reason], [false, 'receiver failed'])
    })
  }
}
