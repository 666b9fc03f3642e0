/**
 * Asks for a collection before V8 would (rule PF9). It lets 64 MiB of array buffers gather beyond
 * what the last full collection left (`kExternalAllocationSoftLimit`) and takes no setting for that;
 * a process that moves a session in pieces of 64 KiB would hold that much garbage most of the time.
 * Short of that it begins to mark the whole heap whenever some 8 MiB of them came: of a small heap it
 * expects little. For pieces that die young that is half of the process's time (measured: 50 times in
 * 128 MiB, against 4), so it is told not to, as long as data moves. Nothing runs while nothing is allocated.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Array buffers beyond what the last collection left; bytes. A collection takes 10 ms or so. */
export const maxGarbageBytes = 16 * 1024 * 1024
/** Without allocations for so long nothing moves any more. */
const quietMs = 2_000

export interface CollectingPorts {
  /** Bytes of all array buffers now, garbage included. */
  arrayBuffers(): number
  collect(): void
  /** Runs it soon, when the stack is empty. */
  soon(run: () => void): void
  /** May V8 mark the heap bit by bit beside the program? Else it collects at once when it has to. */
  marking(stepwise: boolean): void
  /** Runs it once after a pause; answers how to call it off. */
  later(ms: number, run: () => void): () => void
}

/** Answers a function that is told of bytes as they are allocated. */
export function createCollecting(
  { arrayBuffers, collect, soon, marking, later }: CollectingPorts,
  beyond = maxGarbageBytes,
): (bytes: number) => void {
  let allocated = 0
  let left = 0
  let asked = false
  let moving: (() => void) | undefined

  function moved(): void {
    if (moving) moving()
    else marking(false)
    moving = later(quietMs, () => {
      moving = undefined
      marking(true)
    })
  }

  function check(): void {
    asked = false
    allocated = 0
    moved()
    const now = arrayBuffers()
    // What V8 collected by itself meanwhile.
    left = Math.min(left, now)
    if (now - left < beyond) return
    collect()
    left = arrayBuffers()
  }

  return (bytes) => {
    allocated += bytes
    if (asked || allocated < beyond / 2) return
    asked = true
    soon(check)
  }
}

let gc: (() => void) | undefined

/** Node has no function for it: V8 hands one to a context made under its flag. */
function collect(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc')
    gc = globalThis.gc ?? (runInNewContext('gc') as () => void)
  }
  gc()
}

/** Told of what this process allocates outside of V8's heap; see `createCollecting`. */
export const allocated = createCollecting({
  arrayBuffers: () => process.memoryUsage().arrayBuffers,
  collect,
  soon: setImmediate,
  marking: (stepwise) => setFlagsFromString(`--${stepwise ? '' : 'no-'}incremental-marking`),
  later(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
})
