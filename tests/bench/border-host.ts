/** A link host without WebRTC: a channel that takes everything at once and gives as much as asked. */
import type { Channel, Lane } from '@baton/client/core/ports/channel'
import { createClock } from '@baton/client/node/platform'
import { runChild } from '@baton/client/node/rtc/host-child'

/** `control` messages ask for `count` messages of `bytes`; `live` ones come back. */
function createMill(): Channel {
  let hand: (lane: Lane, message: Uint8Array) => unknown = () => {}
  let taken = 0
  return {
    fingerprints: { local: new Uint8Array(32), remote: new Uint8Array(32) },
    async send(lane, message) {
      if (lane === 'live') hand('live', message)
      taken += message.length
      if (lane === 'bulk' && message[0] === 1) hand('control', new Uint8Array(1))
      if (lane === 'control') void give(message)
    },
    receive(handler) {
      hand = handler
    },
    admit() {},
    facts: () => ({ path: 'direct', rttMs: undefined, bytesSent: taken, bytesReceived: 0 }),
    onClose() {},
    close: async () => {},
  }

  /** Like a link: at most so much is handed over and not yet handled. */
  async function give(order: Uint8Array): Promise<void> {
    const [count = 0, bytes = 0] = new Uint32Array(order.slice().buffer)
    const open: unknown[] = []
    for (let sent = 0; sent < count; sent++) {
      const last = sent === count - 1
      open.push(hand(last ? 'control' : 'bulk', new Uint8Array(bytes)))
      if (open.length >= 16) await open.shift()
    }
  }
}

runChild({
  clock: createClock(),
  load: () => ({
    dial: () => ({ channel: Promise.resolve(createMill()), accept() {}, cancel() {} }),
    close: async () => {},
  }),
  connections: () => 0,
})
