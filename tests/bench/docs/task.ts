/** What a case is told, and what a task makes of it. */

export interface Task {
  readonly task: string
  /** Which contender. */
  readonly who: string
  /** Messages or writes. */
  readonly count: number
  /** Where its saved documents are. */
  readonly folder: string
  /** Of a task that has them: how many new entries. */
  readonly fresh?: number
}

export interface Values {
  /** What it took. */
  readonly ms: number
  /** Processor time of all threads: what a busy machine does not change. */
  readonly cpuMs: number
  /** The longest time for which nothing else ran on the main thread. */
  readonly pauseMs: number
  /** Bytes that it sent or wrote. */
  readonly bytes?: number
}

export interface Prepared {
  /** What is timed; its own values replace those that were taken around it. */
  run(): Promise<Partial<Values>>
  /** Throws when it was not done. */
  check?(): void
}

export type Prepare = (task: Task) => Promise<Prepared>
