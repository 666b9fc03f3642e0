/**
 * A network that is far away, on one machine: every candidate that a peer tells leads to a relay in its
 * process, which gives UDP packets on late and loses some. Nothing else of the peer is told, so that no
 * packet finds a shorter way.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Dialer } from '@baton/client/core/ports/channel'
import type { Signal } from '@baton/shared/protocol/signal'

export interface Distance {
  readonly oneWayMs: number
  /** Share of packets, each way. */
  readonly loss: number
}

const loopback = '127.0.0.1'

/** A dialer whose peers are reached over that distance. */
export function farDialer(dialer: Dialer, distance: Distance): Dialer {
  const relays = new Map<number, Promise<number>>()
  const relayTo = (port: number): Promise<number> => {
    const known = relays.get(port) ?? openRelay(port, distance)
    relays.set(port, known)
    return known
  }
  return {
    ...dialer,
    dial(call) {
      // What is told goes out in the order in which it was given.
      let last = Promise.resolve()
      const signal = (given: Signal) => {
        last = last.then(async () => {
          const led = await lead(given, relayTo)
          if (led) call.signal(led)
        })
      }
      return dialer.dial({ ...call, signal })
    },
  }
}

async function lead(
  signal: Signal,
  relayTo: (port: number) => Promise<number>,
): Promise<Signal | undefined> {
  if (signal.type === 'restart') return signal
  if (signal.type !== 'candidates') {
    if (/^a=candidate:/m.test(signal.sdp)) throw new Error('candidates stand in the description')
    return signal
  }
  const list = await Promise.all(
    signal.list.map(async (each) => {
      const fields = each.candidate.split(' ')
      if (fields[2]?.toLowerCase() !== 'udp' || fields[4] !== loopback) return undefined
      fields[5] = String(await relayTo(Number(fields[5])))
      return { ...each, candidate: fields.join(' ') }
    }),
  )
  const led = list.filter((each) => each !== undefined)
  return led.length > 0 ? { ...signal, list: led } : undefined
}

const bound = (socket: Socket): Promise<number> =>
  new Promise((resolve) => {
    // A relay keeps no process running.
    socket.unref().bind(0, loopback, () => resolve(socket.address().port))
  })

/** Whoever sends to it is seen by the peer under an address of its own, as behind a NAT. */
async function openRelay(port: number, { oneWayMs, loss }: Distance): Promise<number> {
  const front = createSocket('udp4')
  const backs = new Map<string, Socket>()
  const later = (give: () => void) => {
    if (Math.random() >= loss) setTimeout(give, oneWayMs)
  }
  const backFor = ({ address, port: from }: RemoteInfo): Socket => {
    const name = `${address} ${from}`
    const known = backs.get(name)
    if (known) return known
    const back = createSocket('udp4').unref()
    back.on('message', (packet) => later(() => front.send(packet, from, address)))
    backs.set(name, back)
    return back
  }
  front.on('message', (packet, sender) => {
    const back = backFor(sender)
    later(() => back.send(packet, port, loopback))
  })
  return await bound(front)
}
