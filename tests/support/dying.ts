/** A process that dies in the middle of writing files, for the children in tests/real. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * From here on the process kills itself at the `stop`-th of these calls of node:fs: before it, or,
 * where `torn` and it writes, after half of what it writes. Answers how many there were so far.
 */
export function dieAt(calls: readonly string[], stop: number, torn: boolean): () => number {
  let count = 0
  const patched = fs as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const name of calls) {
    const real = patched[name] as (...args: unknown[]) => unknown
    patched[name] = (...args) => {
      if (++count === stop) {
        if (torn && name === 'writeSync') {
          const bytes = args[1] as Uint8Array
          real(args[0], bytes.subarray(0, bytes.length >> 1))
        }
        process.kill(process.pid, 'SIGKILL')
      }
      return real(...args)
    }
  }
  syncBuiltinESMExports()
  return () => count
}
