/** The kit for devices that sync, over the stores and the fakes of channels there are. */
import { setImmediate as turn } from 'node:timers/promises'
import { createLink } from '@baton/client/core/link/link'
import { createDice } from '@baton/client/testing/dice'
import { runSyncTests } from '@baton/client/testing/sync'
import { describe, it } from 'vitest'
import { type ChannelPair, createChannelPair } from '../support/channel-pair.ts'
import { createFaultyDisk } from '../support/faulty-store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createPipePair } from '../support/pipe-pair.ts'
import { type Disk, openWorld } from '../support/sync-worlds.ts'

describe('sync: memory, channels in memory', () => {
  runSyncTests({
    test: it,
    open: () =>
      openWorld({
        async connect() {
          const pair = createChannelPair({ auto: true })
          return { ...pair, lose: () => pair.cut() }
        },
        move: () => turn(),
        dispose: async () => {},
      }),
  })
})

/** A disk whose process dies: what was not flushed is gone. */
function mortal(): Disk {
  const disk = createFaultyDisk(() => 0)
  return { open: disk.open, end: async () => void disk.crash() }
}

describe('sync: disks that crash, links over fake pipes', () => {
  runSyncTests({
    test: it,
    async open() {
      const clock = createManualClock()
      const failing: (() => void)[] = []
      return await openWorld({
        clock,
        disks: [mortal(), mortal(), mortal()],
        async connect() {
          const pipes = createPipePair(clock, { delayMs: 5, gate: 'empty', lieBytes: 2_000_000 })
          const lose = () => pipes.fail('connection failed')
          failing.push(lose)
          const [alice, bob] = [pipes.alice, pipes.bob].map((pipe) => createLink({ pipe, clock }))
          return { alice: alice as never, bob: bob as never, lose }
        },
        move: () => clock.elapse(5),
        dispose: async () => {
          for (const fail of failing) fail()
        },
      })
    },
  })
})

describe('sync: memory, simulated links whose lanes overtake each other', () => {
  runSyncTests({
    test: it,
    async open() {
      const dice = createDice(1)
      let pairs: ChannelPair[] = []
      return await openWorld({
        async connect() {
          const pair = createChannelPair()
          pairs.push(pair)
          pair.alice.onClose(() => {
            pairs = pairs.filter((each) => each !== pair)
          })
          return { ...pair, lose: () => pair.cut() }
        },
        async move() {
          for (const pair of pairs) {
            for (let i = 6 + dice.below(12); i > 0; i--) {
              const to = dice.below(2) === 0 ? 'alice' : 'bob'
              pair.step(to, dice.below(2) === 0 ? 'live' : 'bulk')
            }
          }
          await turn()
        },
        async dispose() {
          for (const pair of pairs) pair.cut()
        },
      })
    },
  })
})
