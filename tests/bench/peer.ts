/**
 * The process of a device in benchmarks: as in tests, with the moments noted at which its store is
 * flushed, a delta enters its channel, and a delta that came is verified and written.
 */
import type { Channel, Dialer } from '@baton/client/core/ports/channel'
import type { Store } from '@baton/client/core/ports/store'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { now, servePeer, tell } from '../support/serve-peer.ts'

const mark = (name: string, bytes = 0) => tell({ at: 'mark', mark: { name, when: now(), bytes } })

/** The second byte of a message is its type: an array of few elements, the first one small. */
const isDelta = (message: Uint8Array) =>
  message[1] === syncTypes.delta || message[1] === syncTypes.shortDelta

const watchedStore = (store: Store): Store => ({
  ...store,
  async flush() {
    await store.flush()
    mark('flushed')
  },
})

const watchedChannel = (channel: Channel): Channel => ({
  ...channel,
  send(lane, message) {
    if (isDelta(message)) mark('sent', message.length)
    return channel.send(lane, message)
  },
  receive(handler) {
    channel.receive((lane, message) => {
      const done = handler(lane, message)
      if (isDelta(message)) void Promise.resolve(done).then(() => mark('applied', message.length))
      return done
    })
  },
})

const watchedDialer = (dialer: Dialer): Dialer => ({
  ...dialer,
  dial(call) {
    const dialing = dialer.dial(call)
    return { ...dialing, channel: dialing.channel.then(watchedChannel) }
  },
})

await servePeer(
  process.argv[3] === 'marks'
    ? {
        adapt: (ports) => ({
          ...ports,
          store: watchedStore(ports.store),
          dialer: watchedDialer(ports.dialer),
        }),
      }
    : {},
)
