/** Two connected channels for one test, and what the tests of both files do with them. */
import type { Bytes } from '@baton/shared/bytes'
import type { Channel, ChannelEnd, Lane } from '../../core/ports/channel.ts'
import type { ChannelSetup, OpenedChannels } from '../channel.ts'
import { ok } from '../check.ts'

/** Enough for the slowest implementation: 60 s of `move` by 5 ms. */
const defaultPatience = 12_000
const restMoves = 20

export async function withChannels(
  { connect, patience = defaultPatience }: ChannelSetup,
  run: (opened: OpenedChannels) => Promise<void>,
  strangers: boolean,
): Promise<void> {
  const ends = await connect()
  try {
    if (!strangers) {
      ends.alice.admit()
      ends.bob.admit()
    }
    await run({
      ...ends,
      async until(holds) {
        for (let i = 0; i < patience && !holds(); i++) await ends.move()
        ok(holds(), 'what the test waits for comes')
      },
      async rest() {
        for (let i = 0; i < restMoves; i++) await ends.move()
      },
    })
  } finally {
    await ends.dispose()
  }
}

/** Bytes that tell one message from another. */
export function fill(size: number, seed: number): Bytes {
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 255
  return bytes
}

/** What a channel is handed from now on, by lane. */
export function collect(channel: Channel): Record<Lane, Bytes[]> {
  const got: Record<Lane, Bytes[]> = { control: [], live: [], bulk: [] }
  channel.receive((lane, message) => {
    got[lane].push(message)
  })
  return got
}

export const ending = (channel: Channel): Promise<ChannelEnd> =>
  new Promise((resolve) => channel.onClose(resolve))

/** Whether a promise has settled, for `until`. */
export function settled(run: Promise<unknown>): () => boolean {
  let over = false
  const done = () => {
    over = true
  }
  run.then(done, done)
  return () => over
}
