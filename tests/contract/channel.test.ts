/** The kit for channels against links over fake pipes, and the double for the port. */
import { setImmediate as turn } from 'node:timers/promises'
import { createLink } from '@baton/client/core/link/link'
import { runChannelTests } from '@baton/client/testing/channel'
import { describe, it } from 'vitest'
import { createChannelPair } from '../support/channel-pair.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createPipePair, type PipePairOptions } from '../support/pipe-pair.ts'

function overPipe(name: string, options: PipePairOptions): void {
  describe(`channel: ${name}`, () => runChannelTests({ test: it, connect }))

  async function connect() {
    const clock = createManualClock()
    const pipes = createPipePair(clock, options)
    return {
      alice: createLink({ pipe: pipes.alice, clock }),
      bob: createLink({ pipe: pipes.bob, clock }),
      move: () => clock.elapse(5),
      lose: () => pipes.fail('connection failed'),
      dispose: async () => pipes.fail('test is over'),
    }
  }
}

overPipe('link over an honest pipe', {})
overPipe('link over a pipe like Node', { gate: 'empty', lieBytes: 2_000_000 })
overPipe('link over a slow way with small messages', {
  delayMs: 20,
  bytesPerMs: 12_500,
  maxMessageBytes: 16_384,
})

describe('channel: pair in memory', () => runChannelTests({ test: it, connect: pairInMemory }))

async function pairInMemory() {
  const pair = createChannelPair({ auto: true })
  return {
    alice: pair.alice,
    bob: pair.bob,
    move: () => turn(),
    lose: () => pair.cut(),
    dispose: async () => pair.cut(),
  }
}
