/** What every contender does with a document that two devices hold. */
import type { Channel } from '@baton/client/core/ports/channel'
import type { Message } from './messages.ts'

export interface Replica {
  /** Adds messages behind those it has, one change each. */
  say(list: Iterable<Message>): Promise<void>
  /** Writes fields of a map, one change each. */
  set(writes: Iterable<readonly [field: string, value: number]>): Promise<void>
  /** Ids of all messages, in order. */
  ids(): Promise<readonly string[]>
  fields(): Promise<Readonly<Record<string, unknown>>>
  /** Starts to sync with the other one at the other end. */
  join(channel: Channel): Promise<void>
}

export interface Pair {
  readonly here: Replica
  readonly there: Replica
  /** Both hold the same. */
  same(): boolean
}

export interface Start {
  /** Messages of the document that `here` holds. */
  readonly count: number
  /** `there` holds them, too, and each knows it of the other as far as its kind remembers that. */
  readonly both: boolean
  /** Where the contender's keeper saved such a document; unused for an empty one. */
  readonly folder: string
}

/** Makes ready what two devices hold before they meet. */
export type Meet = (start: Start) => Promise<Pair>
