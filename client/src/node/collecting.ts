/**
 * Asks for a collection before V8 would (rule PF9). It lets 64 MiB of array buffers gather beyond
 * what the last full collection left (`kExternalAllocationSoftLimit`) and takes no setting for that;
 * a process that moves a session in pieces of 64 KiB would hold that much garbage most of the time.
 * Nothing runs while nothing is allocated.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Array buffers beyond what the last collection left; bytes. A collection takes 10 ms or so. */
export const maxGarbageBytes = 16 * 1024 * 1024

export interface CollectingPorts {
  /** Bytes of all array buffers now, garbage included. */
  arrayBuffers(): number
  collect(): void
  /** Runs it soon, when the stack is empty. */
  soon(run: () => void): void
}

/** Answers a function that is told of bytes as they are allocated. */
export function createCollecting(
  { arrayBuffers, collect, soon }: CollectingPorts,
  beyond = maxGarbageBytes,
): (bytes: number) => void {
  let allocated = 0
  let left = 0
  let asked = false

  function check(): void {
    asked = false
    allocated = 0
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
})
