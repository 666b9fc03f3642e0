/**
 * What all contenders hold: messages of about 1 KB as an agent writes them, prose with names, numbers
 * and hashes in between, so that deflate makes a third of them and not nothing.
 */
import { createDice } from '../../support/corpus/dice.ts'

export interface Message {
  /** 24 hex digits. */
  readonly id: string
  readonly role: 'user' | 'assistant'
  /** ms since 1970. */
  readonly at: number
  readonly text: string
}

/** ASCII characters of a text. */
const textBytes = 960
const begun = 1_800_000_000_000

/** The same messages for the same seed. */
export function* messages(count: number, seed = 1): Generator<Message> {
  const dice = createDice(seed)
  for (let n = 0; n < count; n++) {
    let text = ''
    while (text.length < textBytes) {
      text += dice.prose(30 + dice.int(90))
      text += dice.chance(0.5) ? ` ${dice.hex(8 + dice.int(24))} ` : ` ${dice.int(1_000_000)}, `
    }
    const role = n % 2 === 0 ? 'user' : 'assistant'
    yield { id: dice.hex(24), role, at: begun + n * 1000, text: text.slice(0, textBytes) }
  }
}

/** How many messages of its end a surface shows first. */
export const screenful = 50

/** What a history is good for once it is loaded. */
export interface Usable {
  /** Of all messages, in order. */
  readonly ids: readonly string[]
  /** Texts of the last screen. */
  readonly screen: readonly string[]
}

/** Throws unless it is the history of `count` messages, so that no contender is timed for less. */
export function checkUsable({ ids, screen }: Usable, count: number): void {
  const all = [...messages(count)]
  const rest = all.slice(-screenful)
  const same =
    ids.length === count &&
    all.every(({ id }, n) => ids[n] === id) &&
    screen.length === rest.length &&
    rest.every(({ text }, n) => screen[n] === text)
  if (!same) throw new Error(`what was loaded is not the history of ${count} messages`)
}
