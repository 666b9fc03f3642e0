/** What a case is told, and what a task makes of it. */

export interface Task {
  readonly task: string
  /** Which contender. */
  readonly who: string
  /** Messages or writes. */
  readonly count: number
  /** Where its saved document is; unused where none is needed. */
  readonly folder: string
  /** How many messages come to those that both hold. */
  readonly fresh?: number
}

export interface Values {
  /** What it took. */
  readonly ms: number
  /** Processor time of all threads: what a busy machine does not change. */
  readonly cpuMs: number
  /** The longest time for which nothing else ran on the main thread. */
  readonly pauseMs: number
  /** Bytes that it sent or wrote, and what deflate makes of those. */
  readonly bytes?: number
  readonly deflated?: number
  /** By how much its files grew. */
  readonly grown?: number
  /** Crossings that each waited for the one before. */
  readonly ways?: number
  /** Of the part before the one that `ms` is of. */
  readonly firstMs?: number
}

export interface Prepared {
  /** What is timed; its own values replace those that were taken around it. */
  run(): Promise<Partial<Values>>
  /** Throws when it was not done; else what was counted, outside of the time. */
  after?(): Promise<Partial<Values>>
}

export type Prepare = (task: Task) => Promise<Prepared>
