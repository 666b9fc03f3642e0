/**
 * How long the tasks of a page's main thread are, from its browser's own trace: in wall time, which a
 * busy machine stretches, and in processor time, which it does not.
 */
import type { Page } from 'playwright-core'

export interface Busy {
  /** ms of the longest task, by the wall and by the processor alone. */
  readonly wall: number
  readonly cpu: number
  /** Tasks of more than 50 ms of processor time. */
  readonly long: number
  /** Processor time of all of them, s. */
  readonly total: number
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** µs: how long it took, and how long it ran. */
  readonly dur?: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** Of all tasks of pages while `run` runs. */
export async function whileBusy<T>(
  page: Page,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly busy: Busy }> {
  const browser = page.context().browser()
  if (!browser) throw new Error('the page has no browser')
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
  const result = await run()
  const trace = (await browser.stopTracing()).toString('utf8')
  return { result, busy: busyIn((JSON.parse(trace) as { traceEvents: TraceEvent[] }).traceEvents) }
}

function busyIn(events: readonly TraceEvent[]): Busy {
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(thread),
  )
  let [wall, cpu, long, total] = [0, 0, 0, 0]
  for (const event of events) {
    const { name, ph, dur = 0, tdur = 0 } = event
    if (ph !== 'X' || name !== 'ThreadControllerImpl::RunTask' || !mains.has(thread(event)))
      continue
    wall = Math.max(wall, dur / 1000)
    cpu = Math.max(cpu, tdur / 1000)
    total += tdur / 1e6
    if (tdur > 50_000) long += 1
  }
  return { wall, cpu, long, total }
}
