/** KT2: the kit for devices that sync fails devices that break one of its rules. */
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryStore, type Row } from '@baton/client/core/memory/store'
import type { Channel } from '@baton/client/core/ports/channel'
import { runSyncTests } from '@baton/client/testing/sync'
import { deviceId } from '@baton/shared/ids'
import { parseSync } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import { createChannelPair } from '../support/channel-pair.ts'
import { failures } from '../support/kit-verdict.ts'
import { createMemoryKeyring } from '../support/memory-keyring.ts'
import { type Disk, openWorld, type WorldParts } from '../support/sync-worlds.ts'

type Spoilt = Partial<WorldParts> & {
  /** What is done to each end of a connection. */
  readonly channel?: (channel: Channel) => Partial<Channel>
}

const verdict = (begin: string, { channel = () => ({}), ...spoilt }: Spoilt) =>
  failures(begin, (test) =>
    runSyncTests({
      test,
      patience: 400,
      open: () =>
        openWorld({
          async connect() {
            const pair = createChannelPair({ auto: true })
            return {
              alice: { ...pair.alice, ...channel(pair.alice) },
              bob: { ...pair.bob, ...channel(pair.bob) },
              lose: () => pair.cut(),
            }
          },
          move: () => turn(),
          dispose: async () => {},
          ...spoilt,
        }),
    }),
  )

/** A disk that is always one flush behind of what it says. */
function behind(): Disk {
  let kept: readonly Row[] = []
  let next: readonly Row[] = []
  return {
    async open() {
      const inner = createMemoryStore(kept)
      return {
        ...inner,
        async flush() {
          kept = next
          next = inner.rows()
        },
      }
    },
    end: async () => {},
  }
}

/** What a device says to its channels. */
const saying = (change: (send: Channel['send']) => Channel['send']): Spoilt => ({
  spoil: ({ join }) => ({
    join: (channel, peer) => join({ ...channel, send: change(channel.send) }, peer),
  }),
})

/** The last of the three devices. */
const third = deviceId(createMemoryKeyring(3).device)

/** A disk that its process takes along. */
const forgetful = {
  open: async () => createMemoryStore(),
  end: async () => {},
}

const faults: Record<string, readonly [test: string, spoilt: Spoilt]> = {
  'lose what comes in bulk': [
    'SY3 what two',
    {
      channel: ({ send }) => ({
        send: async (lane, message) => (lane === 'bulk' ? undefined : await send(lane, message)),
      }),
    },
  ],
  'say everything twice': [
    'SY4',
    saying((send) => async (lane, message) => {
      await Promise.all([send(lane, message), send(lane, message)])
    }),
  ],
  'send all of it live': ['XC1', saying((send) => (_lane, message) => send('live', message))],
  'share with everyone': [
    'SY8',
    {
      spoil: ({ documents }) => ({
        documents: {
          ...documents,
          async create(kind, options) {
            const made = await documents.create(kind, options)
            return {
              ...made,
              async share(...to) {
                await made.share(...to)
                await made.share(third)
              },
            }
          },
        },
      }),
    },
  ],
  'take nothing that others relay': ['XC5', { knows: () => false }],
  'tell nobody who watches': [
    'DC5',
    {
      spoil: ({ documents }) => ({
        documents: {
          ...documents,
          open: async (session) => ({ ...(await documents.open(session)), watch: () => () => {} }),
        },
      }),
    },
  ],
  'lose their disk with their process': ['XC4', { disks: [forgetful, forgetful, forgetful] }],
  'lose the last they wrote': ['XC4', { disks: [behind(), behind(), behind()] }],
  'pass nonsense over': [
    'XC8',
    {
      channel: ({ receive }) => ({
        receive: (handler) =>
          receive((lane, message) => {
            try {
              if (!parseSync(message)) return
            } catch {
              return
            }
            return handler(lane, message)
          }),
      }),
    },
  ],
}

it.each(Object.entries(faults))(
  'KT2 devices that %s are told so',
  async (_name, [begin, spoilt]) => {
    expect(await verdict(begin, spoilt)).not.toEqual([])
  },
)
