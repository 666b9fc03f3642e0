/** The clock of a browser, apart from the rest of its platform: the first screen uses it, too. */
import type { Clock } from '../core/ports/platform.ts'

/** The longest delay setTimeout takes; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1

export const createClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const due = performance.now() + ms
    let timer: ReturnType<typeof setTimeout>
    const arm = () => {
      const left = due - performance.now()
      timer = setTimeout(left > maxTimerMs ? arm : run, Math.min(left, maxTimerMs))
    }
    arm()
    return () => clearTimeout(timer)
  },
})
