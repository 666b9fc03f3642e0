/** Bind over channels: what the machine's own tests cannot see, since they hand it every message. */
import { type BindContext, type BindPorts, bindChannel } from '@baton/client/core/contact/bind'
import { freshRandom } from '@baton/client/core/fresh-random'
import type { Channel } from '@baton/client/core/ports/channel'
import { utf8Encode } from '@baton/shared/bytes'
import { encode } from '@baton/shared/encoding/msgpack'
import { expect, it } from 'vitest'
import { createChannelPair } from '../../../support/channel-pair.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createMemoryKeyring } from '../../../support/memory-keyring.ts'
import { seededRandom } from '../../../support/pair-world.ts'
import { nodePrimitives } from '../../../support/signer.ts'

/** Hands over within `receive` what came before it, as the link host's channels do. */
function handingAtOnce(inner: Channel): Channel {
  type Handler = Parameters<Channel['receive']>[0]
  const early: Parameters<Handler>[] = []
  let handler: Handler | undefined
  inner.receive((...message) => {
    if (handler) return handler(...message)
    early.push(message)
  })
  return {
    ...inner,
    receive(next) {
      handler = next
      for (const message of early) void next(...message)
    },
  }
}

it.each(['alice', 'bob'] as const)(
  'BD1 %s may begin before the other one listens',
  async (first) => {
    const pair = createChannelPair()
    const keyrings = { alice: createMemoryKeyring(1), bob: createMemoryKeyring(2) }
    const channels = { alice: handingAtOnce(pair.alice), bob: handingAtOnce(pair.bob) }
    const bind = (side: 'alice' | 'bob') => {
      const { device: peer } = keyrings[side === 'alice' ? 'bob' : 'alice']
      const [hash, attempt] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)]
      return bindChannel(
        channels[side],
        { peer, hash, attempt, lastVersion: 0 },
        {
          keyring: keyrings[side],
          clock: createManualClock(),
          random: freshRandom(seededRandom(side)),
          verify: nodePrimitives.verify,
        },
      )
    }
    const begun = bind(first)
    await pair.flush()
    const after = bind(first === 'alice' ? 'bob' : 'alice')
    await pair.flush()
    const [one, other] = await Promise.all([begun, after])
    expect([one.peerVersion, other.peerVersion]).toEqual([one.version, one.version])
  },
)

const fill = (byte: number) => new Uint8Array(32).fill(byte)

function world() {
  const clock = createManualClock()
  const keys = { alice: createMemoryKeyring(1), bob: createMemoryKeyring(2) }
  const pair = createChannelPair()
  const portsOf = (who: 'alice' | 'bob'): BindPorts => ({
    keyring: keys[who],
    clock,
    random: freshRandom(seededRandom(who)),
    verify: nodePrimitives.verify,
  })
  const bind = (who: 'alice' | 'bob', channel: Channel, context: Partial<BindContext> = {}) => {
    const peer = keys[who === 'alice' ? 'bob' : 'alice'].device
    const whole = { peer, hash: fill(1), attempt: fill(2), lastVersion: 0, ...context }
    return bindChannel(channel, whole, portsOf(who))
  }
  return { clock, keys, pair, bind }
}

it('BD7 what follows the proof is kept, in order, for whoever takes the channel', async () => {
  const { pair, bind } = world()
  const [alice, bob] = [bind('alice', pair.alice), bind('bob', pair.bob)]
  await pair.flush()
  const [a, b] = await Promise.all([alice, bob])
  void a.channel.send('control', utf8Encode('one'))
  void a.channel.send('control', utf8Encode('two'))
  void a.channel.send('bulk', utf8Encode('three'))
  await new Promise((resolve) => setImmediate(resolve))
  while (pair.step('bob'));
  const got: string[] = []
  b.channel.receive(
    (lane, message) => void got.push(`${lane} ${new TextDecoder().decode(message)}`),
  )
  await pair.flush()
  expect(got).toEqual(['control one', 'control two', 'bulk three'])
})

it.each([
  ['a peer that says nothing for 5 s', 'link-timeout', () => {}],
  [
    'a sync message first',
    'bind-failed',
    (channel: Channel) => void channel.send('control', encode([16])).catch(() => {}),
  ],
  ['a channel that closes', 'link-closed', (channel: Channel) => void channel.close('gone')],
])('BD5 %s ends it as %s, with nothing handed on', async (_what, code, act) => {
  const { pair, bind, clock } = world()
  const alice = bind('alice', pair.alice)
  const refused = expect(alice).rejects.toMatchObject({ code })
  pair.bob.receive(() => {})
  act(pair.bob)
  await pair.flush()
  await clock.elapse(5_000)
  await refused
  await expect(pair.alice.send('control', new Uint8Array(1))).rejects.toMatchObject({
    code: 'link-closed',
  })
  expect(clock.pending).toBe(0)
})

it('BD5 a channel that was closed before leaves no timer', async () => {
  const { pair, bind, clock } = world()
  pair.cut()
  await expect(bind('alice', pair.alice)).rejects.toMatchObject({ code: 'link-closed' })
  expect(clock.pending).toBe(0)
})

it('BD2 ends that measured different certificates refuse each other', async () => {
  const { bind } = world()
  const prints = (local: number, remote: number) => ({ local: fill(local), remote: fill(remote) })
  const pair = createChannelPair({ fingerprints: { alice: prints(1, 9), bob: prints(2, 9) } })
  const both = Promise.allSettled([bind('alice', pair.alice), bind('bob', pair.bob)])
  await pair.flush()
  for (const result of await both) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'bind-failed' } })
  }
})
