/**
 * What the page says, in the language of its person (rule WB49): English is there at once, any other is
 * loaded when it is wanted. A language that lacks a sentence does not compile.
 */
import { signal } from '@preact/signals'
import { en } from './en.ts'

/** The shape of English, with any text in it. */
type Widened<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...given: infer A) => string
      ? (...given: A) => string
      : Widened<T[K]>
}
export type Words = Widened<typeof en>

const current = signal<Words>(en)

/** Of the language that is chosen now; whoever draws with it is drawn again when that changes. */
export const w = (): Words => current.value

export function setWords(words: Words): void {
  current.value = words
}
