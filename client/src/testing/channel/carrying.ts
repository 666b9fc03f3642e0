/** What a channel carries, and how it holds its sender back (rules L1, L9, L15, L26, L30). */

import { maxMessageBytes } from '@baton/shared/limits'
import type { Lane } from '../../core/ports/channel.ts'
import type { ChannelTest } from '../channel.ts'
import { equal, later, ok, rejects, sameBytes } from '../check.ts'
import { collect, fill } from './opened.ts'

const megabyte = 1024 * 1024

export function carryingTests(test: ChannelTest): void {
  test('L1 hands over messages of any size whole, once and in the order of their lane', async (c) => {
    const { alice, bob, until } = c
    const got = collect(bob)
    const sizes = [0, 1, 16_376, 16_384, 16_385, 65_528, 65_536, 65_537, 262_144, 262_145]
    const sent = [...sizes, maxMessageBytes, 0].map(fill)
    const all = sent.flatMap((message) => [
      later(alice.send('bulk', message)),
      later(alice.send('live', message)),
    ])
    await until(() => got.bulk.length === sent.length && got.live.length === sent.length)
    await Promise.all(all)
    ok(sameBytes(got.bulk, sent), 'bulk arrives as it was sent')
    ok(sameBytes(got.live, sent), 'live arrives as it was sent')
  })

  test('L1 refuses a message above the limit and goes on', async ({ alice, bob, until }) => {
    const got = collect(bob)
    await rejects(alice.send('bulk', new Uint8Array(maxMessageBytes + 1)), 'too-large')
    await alice.send('control', fill(5, 1))
    await until(() => got.control.length === 1)
  })

  test('L1 carries both directions at once', async ({ alice, bob, until }) => {
    const atBob = collect(bob)
    const atAlice = collect(alice)
    const some = Array.from({ length: 50 }, (_, i) => fill(10_000, i))
    const sends = some.flatMap((message) => [
      later(alice.send('live', message)),
      later(bob.send('live', message)),
    ])
    await until(() => atAlice.live.length === 50 && atBob.live.length === 50)
    await Promise.all(sends)
    ok(sameBytes(atAlice.live, some), 'what bob sent arrives')
    ok(sameBytes(atBob.live, some), 'what alice sent arrives')
  })

  test('L26 keeps what came before the receiver', async ({ alice, bob, rest, until }) => {
    await alice.send('control', fill(9, 1))
    await alice.send('control', fill(9, 2))
    await rest()
    const got = collect(bob)
    await alice.send('control', fill(9, 3))
    await until(() => got.control.length === 3)
    equal(got.control, [fill(9, 1), fill(9, 2), fill(9, 3)])
  })

  test('L9 holds a sender back while its receiver is busy, and only on that lane', async (c) => {
    const { alice, bob, rest, until } = c
    const got: Record<Lane, number> = { control: 0, live: 0, bulk: 0 }
    let release = () => {}
    const busy = new Promise<void>((resolve) => {
      release = resolve
    })
    bob.receive((lane, message) => {
      got[lane] += message.length
      return lane === 'bulk' ? busy : undefined
    })
    const total = 24 * megabyte
    let taken = 0
    const feed = async () => {
      for (; taken < total; taken += 65_536) await alice.send('bulk', fill(65_536, 1))
    }
    const feeding = later(feed())
    await until(() => got.bulk > 0)
    await rest()
    ok(taken < 8 * megabyte, `it is held back, not ${taken} bytes ahead`)
    ok(got.bulk < 6 * megabyte, `the receiver gets no more while it is busy, not ${got.bulk} bytes`)
    await alice.send('control', fill(100, 1))
    await alice.send('live', fill(100, 1))
    await until(() => got.control === 100 && got.live === 100)
    ok(got.bulk < total, 'bulk waits')
    release()
    await until(() => got.bulk === total)
    await feeding
  })

  test(
    'L15 lets little through before admission, and the rest after it',
    async ({ alice, bob, rest, until }) => {
      const got = collect(bob)
      const sent = Array.from({ length: 6 }, (_, i) => fill(1000, i))
      const all = [
        ...sent.map((m) => later(alice.send('control', m))),
        later(alice.send('live', fill(10, 9))),
      ]
      await until(() => got.control.length > 0)
      await rest()
      equal(got.control, sent.slice(0, 4))
      equal(got.live, [])
      bob.admit()
      await until(() => got.control.length === 6 && got.live.length === 1)
      await Promise.all(all)
      equal(got.control, sent)
    },
    { strangers: true },
  )

  test('L30 tells facts: the same two fingerprints on both sides, and growing counts', async (c) => {
    const { alice, bob, until } = c
    const got = collect(bob)
    equal(alice.fingerprints.local, bob.fingerprints.remote)
    equal(alice.fingerprints.remote, bob.fingerprints.local)
    await alice.send('bulk', fill(10_000, 1))
    await until(() => got.bulk.length === 1)
    ok(alice.facts().bytesSent >= 10_000, 'what was sent is counted')
    ok(bob.facts().bytesReceived >= 10_000, 'what was received is counted')
    ok(['direct', 'relayed', 'unknown'].includes(alice.facts().path), 'the path is a known word')
  })
}
