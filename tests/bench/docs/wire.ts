/**
 * The channel that all contenders sync over, in memory and delivered by `flush`, with what passed kept
 * for counting. A way is one crossing that had to wait for the one before it: a message sent after
 * one that had come over n ways takes n + 1. Two ways are a round trip.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { deflateRawSync } from 'node:zlib'
import type { Channel } from '@baton/client/core/ports/channel'
import { createChannelPair } from '../../support/channel-pair.ts'

export interface Wire {
  readonly here: Channel
  readonly there: Channel
  /** Delivers until `same`, and all that was still on its way then. */
  flush(same: () => boolean): Promise<void>
  /** The link is lost. */
  cut(): void
  /** Of all messages of both directions; `deflated`: each by itself, where that makes it smaller. */
  bytes(): { readonly raw: number; readonly deflated: number }
  /** Ways that it took until both held the same. */
  ways(): number
}

const patienceMs = 600_000

export function createWire(): Wire {
  const pair = createChannelPair()
  pair.alice.admit()
  pair.bob.admit()
  const passed: Uint8Array[] = []
  const heard = { here: 0, there: 0 }
  let delivered = 0
  let wayOfLast = 0

  function tapped(side: 'here' | 'there', channel: Channel): Channel {
    const other = side === 'here' ? 'there' : 'here'
    // Lanes overtake each other, so each has a line of its own.
    const ways: Record<string, number[]> = { control: [], live: [], bulk: [] }
    waysTo[other] = ways
    return {
      ...channel,
      send(lane, message) {
        passed.push(message)
        ways[lane]?.push(heard[side] + 1)
        return channel.send(lane, message)
      },
      receive: (handler) =>
        channel.receive((lane, message) => {
          const way = waysTo[side]?.[lane]?.shift() ?? 0
          heard[side] = Math.max(heard[side], way)
          delivered += 1
          wayOfLast = way
          return handler(lane, message)
        }),
    }
  }
  const waysTo: Partial<Record<'here' | 'there', Record<string, number[]>>> = {}
  let ways: number | undefined
  const here = tapped('here', pair.alice)
  const there = tapped('there', pair.bob)

  return {
    here,
    there,
    async flush(same) {
      const due = performance.now() + patienceMs
      for (let seen = -1; ways === undefined || seen !== delivered; ) {
        seen = delivered
        // One message at a time until both hold the same, so that what follows is not counted.
        while (ways === undefined) {
          const moved = pair.step('bob') || pair.step('alice')
          await turn()
          if (same()) ways = wayOfLast
          else if (!moved) break
        }
        if (ways !== undefined) await pair.flush()
        else if (performance.now() > due) throw new Error('they never held the same')
        await turn()
      }
    },
    cut: () => pair.cut(),
    bytes() {
      let [raw, deflated] = [0, 0]
      for (const message of passed) {
        raw += message.length
        deflated += Math.min(message.length, deflateRawSync(message).length)
      }
      return { raw, deflated }
    },
    ways: () => ways ?? Number.NaN,
  }
}

/** The most that the channel takes at once, less what says whether more follows. */
const pieceBytes = 1024 * 1024 - 1

/** Messages of any size over a channel that has a limit. */
export function speak(channel: Channel, hear: (message: Uint8Array) => void) {
  let parts: Uint8Array[] = []
  channel.receive((_lane, piece) => {
    parts.push(piece.subarray(1))
    if (piece[0] === 1) return
    const [whole] = parts.length === 1 ? parts : [new Uint8Array(Buffer.concat(parts))]
    parts = []
    hear(whole as Uint8Array)
  })
  return (message: Uint8Array): void => {
    for (let at = 0; at === 0 || at < message.length; at += pieceBytes) {
      const part = message.subarray(at, at + pieceBytes)
      const piece = new Uint8Array(part.length + 1)
      piece[0] = at + pieceBytes < message.length ? 1 : 0
      piece.set(part, 1)
      void channel.send('live', piece)
    }
  }
}

/** A message behind a byte that says what it is. */
export function typed(type: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 1)
  out[0] = type
  out.set(body, 1)
  return out
}
