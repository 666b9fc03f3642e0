/**
 * The process's side: a Dialer whose dials and channels live in the link host at the other end of
 * the wire. Rules LH3 to LH5. A message counts as taken here while less than a window of its lane
 * is on the way to the host's link. It knows no process: `lost` says that the host is gone.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxMessageBytes } from '@baton/shared/limits'
import type {
  Call,
  Channel,
  ChannelEnd,
  ChannelFacts,
  Dialing,
  Lane,
} from '../../core/ports/channel.ts'
import {
  ask,
  encodeCount,
  encodeJson,
  laneNames,
  laneNumber,
  parseCount,
  parseError,
  parseJson,
  schemas,
  tell,
} from './host-frames.ts'
import { type HostFrame, noBytes, type SendFrame } from './host-wire.ts'

/** Bytes of one lane on their way to the host's link before `send` waits. */
const windowBytes = 512 * 1024

export interface HostCalls {
  dial(call: Call): Dialing
  receive(frame: HostFrame): void
  /** The host is gone: every dial is refused and every channel ends with this. */
  lost(error: BatonError): void
  readonly size: number
}

interface HostCall {
  readonly dialing: Dialing
  receive(frame: HostFrame): void
  lost(error: BatonError): void
}

/** `idle` runs when the last dial or channel is gone. */
export function createHostCalls(
  send: SendFrame,
  nextId: () => number,
  idle: () => void,
): HostCalls {
  const calls = new Map<number, HostCall>()
  return {
    dial(call) {
      const id = nextId()
      const made = createHostCall(id, call, send, () => {
        calls.delete(id)
        if (calls.size === 0) idle()
      })
      calls.set(id, made)
      return made.dialing
    },
    receive: (frame) => calls.get(frame.id)?.receive(frame),
    lost(error) {
      for (const call of [...calls.values()]) call.lost(error)
    },
    get size() {
      return calls.size
    },
  }
}

function createHostCall(id: number, call: Call, send: SendFrame, done: () => void): HostCall {
  let resolve!: (channel: Channel) => void
  let reject!: (error: Error) => void
  const promise = new Promise<Channel>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  let channel: ReturnType<typeof createHostChannel> | undefined
  let over = false

  const refuse = (error: Error): void => {
    over = true
    reject(error)
    done()
  }

  send(ask.dial, id, encodeJson({ initiator: call.initiator, ice: call.ice }))
  return {
    dialing: {
      channel: promise,
      accept(signal) {
        if (!over) send(ask.signal, id, encodeJson(signal))
      },
      cancel(reason) {
        if (!channel && !over) send(ask.cancel, id, encodeJson(reason))
      },
    },
    receive({ kind, lane, body }) {
      if (over) return
      if (kind === tell.signal) call.signal(parseJson(schemas.signal, body))
      else if (kind === tell.refused) refuse(parseError(body))
      else if (kind === tell.opened) {
        channel = createHostChannel(id, body, send)
        resolve(channel.channel)
      } else if (kind === tell.closed) {
        over = true
        channel?.closed(parseJson(schemas.end, body) as ChannelEnd)
        done()
      } else channel?.receive(kind, lane, body)
    },
    lost(error) {
      if (over) return
      if (!channel) {
        refuse(error)
        return
      }
      over = true
      channel.lost(error)
      done()
    },
  }
}

interface Waiting {
  readonly message: Bytes
  taken(): void
  refused(error: BatonError): void
}

function createHostChannel(id: number, fingerprints: Bytes, send: SendFrame) {
  const lanes = laneNames.map(() => ({
    /** Sizes of messages on the way to the host's link, oldest first. */
    sent: [] as number[],
    sentBytes: 0,
    waiting: [] as Waiting[],
    /** Messages handed to the handler here, oldest first: true once handled. */
    handed: [] as { done: boolean }[],
  }))
  let handler: ((lane: Lane, message: Bytes) => void | Promise<void>) | undefined
  let early: [Lane, Bytes][] = []
  let facts: ChannelFacts = { path: 'unknown', rttMs: undefined, bytesSent: 0, bytesReceived: 0 }
  let totalSent = 0
  let totalReceived = 0
  let closing = false
  let failed = false
  let end: ChannelEnd | undefined
  const enders: ((end: ChannelEnd) => void)[] = []

  function flow(number: number): void {
    const lane = lanes[number]
    while (lane && lane.sentBytes < windowBytes) {
      const next = lane.waiting.shift()
      if (!next) return
      lane.sent.push(next.message.length)
      lane.sentBytes += next.message.length
      totalSent += next.message.length
      send(ask.send, id, next.message, number)
      next.taken()
    }
  }

  function hand(name: Lane, message: Bytes): void {
    if (!handler) {
      early.push([name, message])
      return
    }
    if (failed || end) return
    const number = laneNumber(name)
    const handed = { done: false }
    lanes[number]?.handed.push(handed)
    try {
      const result = handler(name, message)
      if (!result) {
        handled(number, handed)
        return
      }
      result.then(() => handled(number, handed), unhandled)
    } catch {
      unhandled()
    }
  }

  /** Credit is earned in order, so only the leading run of handled messages is told. */
  function handled(number: number, one: { done: boolean }): void {
    one.done = true
    const queue = lanes[number]?.handed ?? []
    const pending = queue.findIndex((each) => !each.done)
    const count = pending < 0 ? queue.length : pending
    if (count === 0 || end) return
    queue.splice(0, count)
    send(ask.handled, id, encodeCount(count), number)
  }

  function unhandled(): void {
    if (failed || end) return
    failed = true
    send(ask.unhandled, id, noBytes)
  }

  function receive(kind: number, number: number, body: Bytes): void {
    if (kind === tell.message) {
      const name = laneNames[number]
      totalReceived += body.length
      if (name) hand(name, body)
    } else if (kind === tell.taken) {
      const lane = lanes[number]
      for (const bytes of lane?.sent.splice(0, parseCount(body)) ?? []) {
        if (lane) lane.sentBytes -= bytes
      }
      flow(number)
    } else if (kind === tell.facts) {
      const { rttMs, ...rest } = parseJson(schemas.facts, body)
      facts = { ...rest, rttMs }
    }
  }

  function ended(how: ChannelEnd): void {
    if (end) return
    end = how
    early = []
    refuseWaiting()
    for (const run of enders.splice(0)) run(how)
  }

  function refuseWaiting(): void {
    for (const lane of lanes) for (const each of lane.waiting.splice(0)) each.refused(over())
  }

  const channel: Channel = {
    fingerprints: { local: fingerprints.slice(0, 32), remote: fingerprints.slice(32, 64) },
    send(name, message) {
      if (end || closing) return Promise.reject(over())
      if (message.length > maxMessageBytes) {
        return Promise.reject(
          new BatonError('too-large', `failed to send: ${message.length} bytes in one message`),
        )
      }
      return new Promise((taken, refused) => {
        const number = laneNumber(name)
        lanes[number]?.waiting.push({ message, taken, refused })
        flow(number)
      })
    },
    receive(next) {
      handler = next
      const kept = early
      early = []
      for (const [name, message] of kept) hand(name, message)
    },
    admit() {
      if (!end) send(ask.admit, id)
    },
    // The host tells its facts every 100 ms; what passed here since then counts at least.
    facts: () => ({
      ...facts,
      bytesSent: Math.max(facts.bytesSent, totalSent),
      bytesReceived: Math.max(facts.bytesReceived, totalReceived),
    }),
    onClose(run) {
      if (end) run(end)
      else enders.push(run)
    },
    close(reason) {
      if (end) return Promise.resolve()
      if (!closing) {
        closing = true
        refuseWaiting()
        send(ask.close, id, encodeJson(reason))
      }
      return new Promise((resolve) => enders.push(() => resolve()))
    },
  }

  return {
    channel,
    receive,
    closed(how: ChannelEnd): void {
      const untaken = lanes.reduce((sum, lane) => sum + lane.sentBytes, 0)
      const unconfirmedBytes = how.unconfirmedBytes + untaken
      ended({ ...how, clean: how.clean && untaken === 0, unconfirmedBytes })
    },
    /** What the link had confirmed is not known here, so everything sent counts as unconfirmed. */
    lost: (error: BatonError) =>
      ended({ clean: false, code: error.code, reason: error.message, unconfirmedBytes: totalSent }),
  }
}

const over = () => new BatonError('link-closed', 'failed to send: the channel is closed')
