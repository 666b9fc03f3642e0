/** KT2: the kit for channels fails a channel that breaks one of its rules, each for what it breaks. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Channel, ChannelEnd } from '@baton/client/core/ports/channel'
import { runChannelTests } from '@baton/client/testing/channel'
import { expect, it } from 'vitest'
import { createChannelPair } from '../support/channel-pair.ts'
import { failures } from '../support/kit-verdict.ts'

/** What is done to each end. */
type Spoil = (channel: Channel, other: Channel, cut: () => void) => Partial<Channel>

const verdict = (begin: string, spoil: Spoil) =>
  failures(begin, (test) =>
    runChannelTests({
      test,
      patience: 300,
      async connect() {
        const pair = createChannelPair({ auto: true })
        const cut = () => pair.cut()
        return {
          alice: { ...pair.alice, ...spoil(pair.alice, pair.bob, cut) },
          bob: { ...pair.bob, ...spoil(pair.bob, pair.alice, cut) },
          move: () => turn(),
          lose: cut,
          dispose: async () => cut(),
        }
      },
    }),
  )

/** What becomes of the third message that is sent. */
const third =
  (
    deliver: (send: Channel['send'], ...message: Parameters<Channel['send']>) => Promise<void>,
  ): Spoil =>
  (channel) => {
    let count = 0
    return {
      send(lane, message) {
        count += 1
        return count === 3 ? deliver(channel.send, lane, message) : channel.send(lane, message)
      },
    }
  }

const ends =
  (change: (end: ChannelEnd) => ChannelEnd): Spoil =>
  (channel) => ({
    onClose: (handler) => channel.onClose((end) => handler(change(end))),
  })

/** How each breaks its rule, and how the title of the test begins that has to say so. */
const faults: Record<string, readonly [test: string, spoil: Spoil]> = {
  'loses a message': ['L1 hands over', third(async () => {})],
  'delivers a message twice': [
    'L1 hands over',
    third(async (send, lane, message) => {
      await send(lane, message)
      await send(lane, message)
    }),
  ],
  'cuts a message short': [
    'L1 hands over',
    third((send, lane, message) => send(lane, message.subarray(0, -1))),
  ],
  'lets a message be overtaken': [
    'L1 hands over',
    third(async (send, lane, message) => {
      await turn()
      await send(lane, message)
    }),
  ],
  'takes whatever it is given': [
    'L9',
    (channel) => ({
      async send(lane, message) {
        void channel.send(lane, message)
      },
    }),
  ],
  'holds all lanes back for one': [
    'L9',
    (channel) => {
      let busy: Promise<unknown> = Promise.resolve()
      return {
        receive: (handler) =>
          channel.receive((lane, message) => {
            busy = busy.then(() => handler(lane, message))
            return busy as Promise<void>
          }),
      }
    },
  ],
  'admits strangers': [
    'L15',
    (channel) => {
      channel.admit()
      return {}
    },
  ],
  'drops what it took when it closes': [
    'L22 delivers',
    (_channel, _other, cut) => ({ close: async () => cut() }),
  ],
  'says that all arrived': ['L23', ends((end) => ({ ...end, clean: true, unconfirmedBytes: 0 }))],
  'hands over after its end': [
    'L24',
    (channel) => ({
      receive: (handler) =>
        channel.receive((lane, message) => {
          void turn()
            .then(turn)
            .then(() => handler(lane, message))
        }),
    }),
  ],
  'goes on though its receiver failed': [
    'L25',
    (channel) => ({
      receive: (handler) =>
        channel.receive(async (lane, message) => {
          await Promise.resolve(handler(lane, message)).catch(() => undefined)
        }),
    }),
  ],
  'forgets what came before the receiver': [
    'L26',
    (channel) => {
      channel.receive(() => undefined)
      return {}
    },
  ],
  'gives its own fingerprint for both': [
    'L30',
    ({ fingerprints: { local } }) => ({ fingerprints: { local, remote: local } }),
  ],
}

it.each(Object.entries(faults))(
  'KT2 a channel that %s is told so',
  async (_name, [begin, spoil]) => {
    expect(await verdict(begin, spoil)).not.toEqual([])
  },
)

it('KT2 the same channel with nothing spoilt passes', async () => {
  for (const begin of new Set(Object.values(faults).map(([each]) => each))) {
    expect(await verdict(begin, () => ({}))).toEqual([])
  }
})
