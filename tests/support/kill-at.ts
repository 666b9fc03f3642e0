/**
 * Makes this process kill itself at the n-th call into `node:fs/promises`: before it, or, for a
 * write, after half of it. To be armed before what is tested is imported.
 */
import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { fileURLToPath } from 'node:url'

type Call = (this: unknown, ...args: unknown[]) => Promise<unknown>

/** Returns how many calls were made so far. */
export async function killAt(stop: number, torn: boolean): Promise<() => number> {
  let count = 0
  const guard = (owner: Record<string, Call>, name: string) => {
    const real = owner[name] as Call
    owner[name] = async function (...args) {
      if (++count === stop) {
        if (torn && name === 'write') {
          await real.call(this, args[0], args[1], (args[2] as number) >> 1, args[3])
        }
        process.kill(process.pid, 'SIGKILL')
      }
      return real.apply(this, args)
    }
  }
  const handle = await promises.open(fileURLToPath(import.meta.url))
  const ofHandles = Object.getPrototypeOf(handle) as Record<string, Call>
  await handle.close()
  for (const name of ['write', 'writeFile', 'sync', 'truncate', 'close']) guard(ofHandles, name)
  const ofPaths = promises as unknown as Record<string, Call>
  for (const name of ['mkdir', 'open', 'rename', 'unlink']) guard(ofPaths, name)
  syncBuiltinESMExports()
  return () => count
}
