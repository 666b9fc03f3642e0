/**
 * The kit for channels (rules L1, L9, L15, L22 to L26, L30): `runChannelTests` declares what every Channel must do,
 * whatever carries it, with the test runner it is given. It waits for events, never for a time of its
 * own, so that a manual clock and a real network both pass.
 */
import type { Channel } from '../core/ports/channel.ts'
import { carryingTests } from './channel/carrying.ts'
import { endingTests } from './channel/ending.ts'
import { withChannels } from './channel/opened.ts'
import type { DeclareTest } from './check.ts'

/** Two channels that are each other's end. */
export interface ChannelEnds {
  readonly alice: Channel
  readonly bob: Channel
  /** Lets some time pass: a few ms of a manual clock, or of the real one. */
  move(): Promise<void>
  /** The connection is lost without a word; both ends learn of it in the end. */
  lose(): void
  /** Frees what `connect` opened; both channels may be closed already. */
  dispose(): Promise<void>
}

export interface ChannelSetup {
  readonly test: DeclareTest
  /** Two new ends, connected and not admitted; each test has its own. */
  connect(): Promise<ChannelEnds>
  /** How often a test lets time `move` before it gives up; 12,000 unless said otherwise. */
  readonly patience?: number
}

export interface OpenedChannels extends ChannelEnds {
  /** Lets time pass until something holds. */
  until(holds: () => boolean): Promise<void>
  /** Some time in which nothing more should happen. */
  rest(): Promise<void>
}

/** `strangers`: neither end admits the other before the test does. */
export type ChannelTest = (
  title: string,
  run: (opened: OpenedChannels) => Promise<void>,
  options?: { readonly strangers: boolean },
) => void

/** Call it inside a `describe` that names the channel. */
export function runChannelTests(setup: ChannelSetup): void {
  const declare: ChannelTest = (title, run, options) =>
    setup.test(title, () => withChannels(setup, run, options?.strangers ?? false))
  carryingTests(declare)
  endingTests(declare)
}
