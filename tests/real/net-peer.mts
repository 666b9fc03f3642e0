/** One device in a network namespace of its own: sends a number every 20 ms, tells what came. */
import { createInProcessDialer } from '@baton/client/node/rtc/in-process-dialer'
import type { Signal } from '@baton/shared/protocol/signal'

type ToPeer = { readonly signal: Signal } | { readonly stop: true }

const initiator = process.argv[2] === 'alice'
const tell = (message: object) => process.send?.(message)
const dialing = createInProcessDialer().dial({
  initiator,
  ice: { servers: [], policy: 'auto' },
  signal: (signal) => tell({ signal }),
})
let sending: NodeJS.Timeout | undefined
process.on('message', (message: ToPeer) => {
  if ('signal' in message) dialing.accept(message.signal)
  else {
    clearInterval(sending)
    tell({ sent: next })
  }
})
process.on('disconnect', () => process.exit(0))

let next = 0
let last = Date.now()
let longestMs = 0
const channel = await dialing.channel
channel.admit()
channel.onClose((end) => tell({ end }))
channel.receive((_lane, message) => {
  longestMs = Math.max(longestMs, Date.now() - last)
  last = Date.now()
  tell({ got: new DataView(message.buffer, message.byteOffset).getUint32(0), longestMs })
})
if (initiator) {
  sending = setInterval(() => {
    const message = new Uint8Array(4)
    new DataView(message.buffer).setUint32(0, next++)
    channel.send('live', message).catch(() => {})
  }, 20)
}
tell({ open: true })
