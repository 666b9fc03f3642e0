/**
 * A channel of the link host as its process sees it. Rules LH4, LH5. A message counts as taken here
 * while less than a window of its lane is on the way to the host's link; one that came earns the
 * peer credit once the handler here is done with it.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxMessageBytes } from '@baton/shared/limits'
import type { Channel, ChannelEnd, ChannelFacts, Lane } from '../../core/ports/channel.ts'
import {
  ask,
  encodeCount,
  encodeJson,
  laneNames,
  laneNumber,
  parseCount,
  parseJson,
  schemas,
  tell,
} from './host-frames.ts'
import { createTally } from './host-tally.ts'
import { noBytes, type SendFrame } from './host-wire.ts'

/** Bytes of one lane on their way to the host's link before `send` waits. */
const windowBytes = 512 * 1024

interface Waiting {
  readonly message: Bytes
  taken(): void
  refused(error: BatonError): void
}

/** `fingerprints`: local and remote, 64 bytes. */
export function createHostChannel(id: number, fingerprints: Bytes, send: SendFrame) {
  const lanes = laneNames.map(() => ({
    /** Sizes of messages on the way to the host's link, oldest first. */
    sent: [] as number[],
    sentBytes: 0,
    waiting: [] as Waiting[],
    /** Messages handed to the handler here, oldest first: true once handled. */
    handed: [] as { readonly bytes: number; done: boolean }[],
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

  const tally = createTally(
    (number, messages) => {
      if (!end) send(ask.handled, id, encodeCount(messages), number)
    },
    (ms, run) => void setTimeout(run, ms).unref(),
  )

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
    const handed = { bytes: message.length, done: false }
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
    const run = queue.splice(0, pending < 0 ? queue.length : pending)
    if (run.length === 0) return
    tally.add(
      number,
      run.length,
      run.reduce((sum, { bytes }) => sum + bytes, 0),
    )
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
