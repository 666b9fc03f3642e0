/** How entries are given to the repository: by a function that appends them while their log is at hand. */
import type { Value } from '@baton/shared/encoding/msgpack'
import type { LogId } from '@baton/shared/ids'
import type { Dep } from '@baton/shared/log/entry'
import type { Written } from '@baton/shared/log/writer'
import type { Write } from '../ports/store.ts'

/** The log being written, for the time of one `build`. */
export interface Appender {
  /** This process's log of the session, or undefined before its first entry. */
  readonly log: LogId | undefined
  /** Adds one entry; the position it gets is final once `write` resolves. */
  append(kind: number, payload: Value, deps?: readonly Dep[]): Written
}

/** Appends entries and returns rows that go into the same batch. */
export type Build = (to: Appender) => readonly Write[]
