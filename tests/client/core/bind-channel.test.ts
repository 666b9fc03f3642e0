/** Bind over channels: what the machine's own tests cannot see, since they hand it every message. */
import { bindChannel } from '@baton/client/core/bind-channel'
import type { Channel } from '@baton/client/core/ports/channel'
import { expect, it } from 'vitest'
import { createChannelPair } from '../../support/channel-pair.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createMemoryKeyring } from '../../support/memory-keyring.ts'
import { seededRandom } from '../../support/pair-world.ts'
import { nodePrimitives } from '../../support/signer.ts'

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
          random: seededRandom(side),
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
