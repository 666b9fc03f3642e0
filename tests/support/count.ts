/**
 * Counters that tell one fixture from the next. Test files share a process, and each starts them
 * anew (each-file.ts), so that what a test draws never depends on the files that ran before it.
 */
const counters: { n: number }[] = []

/** Gives 0, 1, 2 and so on. */
export function createCount(): () => number {
  const counter = { n: 0 }
  counters.push(counter)
  return () => counter.n++
}

export function restartCounts(): void {
  for (const counter of counters) counter.n = 0
}
