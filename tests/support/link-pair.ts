/** Two links over a fake pipe on one manual clock, and what each side was handed. */
import { createLink } from '@baton/client/core/link/link'
import type { Channel, ChannelEnd, Lane } from '@baton/client/core/ports/channel'
import type { Bytes } from '@baton/shared/bytes'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { createPipePair, type PipePair, type PipePairOptions } from './pipe-pair.ts'

export interface LinkEnd extends Channel {
  /** Messages handed over, by lane, unless the test set a handler of its own. */
  readonly got: Readonly<Record<Lane, Bytes[]>>
  readonly end: ChannelEnd | undefined
}

export interface LinkPair {
  readonly clock: ManualClock
  readonly pipes: PipePair
  readonly alice: LinkEnd
  readonly bob: LinkEnd
}

export interface LinkPairOptions extends PipePairOptions {
  /** Leave both strangers to each other. */
  readonly strangers?: boolean
}

function watch(channel: Channel): LinkEnd {
  const got = { control: [] as Bytes[], live: [] as Bytes[], bulk: [] as Bytes[] }
  let end: ChannelEnd | undefined
  channel.receive((lane, message) => {
    got[lane].push(message)
  })
  channel.onClose((how) => {
    end = how
  })
  return {
    ...channel,
    got,
    get end() {
      return end
    },
  }
}

export function createLinkPair(options: LinkPairOptions = {}): LinkPair {
  const clock = createManualClock()
  const pipes = createPipePair(clock, options)
  const alice = watch(createLink({ pipe: pipes.alice, clock }))
  const bob = watch(createLink({ pipe: pipes.bob, clock }))
  if (!options.strangers) {
    alice.admit()
    bob.admit()
    clock.advance(4 * (options.delayMs ?? 0) + 1)
  }
  return { clock, pipes, alice, bob }
}

/** `size` bytes that tell one message from another. */
export function pattern(size: number, seed: number): Bytes {
  const bytes = new Uint8Array(size)
  let state = (seed * 2_654_435_761 + 1) >>> 0
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** As `toEqual` of two lists of messages, at the speed of memory. */
export function same(left: readonly Bytes[], right: readonly Bytes[]): boolean {
  return (
    left.length === right.length &&
    left.every((message, i) => Buffer.compare(message, right[i] as Bytes) === 0)
  )
}
