/** What every contender does with a document on disk. */
import { type Message, screenful, type Usable } from './messages.ts'

export interface Keeper {
  /** Writes a document of `count` messages, one change each, into an empty folder. */
  build(folder: string, count: number): Promise<void>
  /** Makes ready what is not loading, like keys; then each call loads. */
  open(folder: string): Promise<() => Promise<Usable>>
}

export const usable = (list: readonly Message[]): Usable => ({
  ids: list.map(({ id }) => id),
  screen: list.slice(-screenful).map(({ text }) => text),
})
