/** LH4: a channel keeps its contract across the border of the link host. */
import { createLink } from '@baton/client/core/link/link'
import type { Channel } from '@baton/client/core/ports/channel'
import { type ChannelEnds, runChannelTests } from '@baton/client/testing/channel'
import { describe, it } from 'vitest'
import { createHandDialer, createHostBridge } from '../support/host-bridge.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createPipePair } from '../support/pipe-pair.ts'

describe('channel: link behind a host bridge', () => runChannelTests({ test: it, connect }))

async function connect(): Promise<ChannelEnds> {
  const clock = createManualClock()
  const pipes = createPipePair(clock, {})
  const behind = async (pipe: (typeof pipes)['alice']): Promise<Channel> => {
    const { dialer, dials } = createHandDialer()
    const { calls } = createHostBridge(dialer, clock)
    const dialing = calls.dial({
      initiator: true,
      ice: { servers: [], policy: 'auto' },
      signal: () => {},
    })
    while (!dials[0]) await new Promise(setImmediate)
    dials[0].resolve(createLink({ pipe, clock }))
    return dialing.channel
  }
  return {
    alice: await behind(pipes.alice),
    bob: await behind(pipes.bob),
    move: () => clock.elapse(5),
    lose: () => pipes.fail('connection failed'),
    dispose: async () => pipes.fail('test is over'),
  }
}
