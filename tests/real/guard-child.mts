/**
 * Changes what guards a keyring, and kills itself at the n-th call that writes, names or removes a
 * file: before it, or, for a write, after half of it. Prints how many calls there were when it got to the end.
 */
import fs, { type PathLike } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [folder = '', passphrase = '', choice = '{}', stop = '0', torn = ''] = process.argv.slice(2)
/** Those that change what is there for the next process: what lies between them changes nothing. */
const calls = ['writeSync', 'renameSync', 'rmSync']
let count = 0

const patched = fs as unknown as Record<string, (...args: unknown[]) => unknown>
for (const name of calls) {
  const real = patched[name] as (...args: unknown[]) => unknown
  patched[name] = (...args) => {
    if (++count === Number(stop)) {
      if (torn !== '' && name === 'writeSync') {
        const bytes = args[1] as Uint8Array
        real(args[0] as PathLike, bytes.subarray(0, bytes.length >> 1))
      }
      process.kill(process.pid, 'SIGKILL')
    }
    return real(...args)
  }
}
syncBuiltinESMExports()

const { changeGuard } = await import('@baton/client/node/guard/change')
const { createRandom } = await import('@baton/client/node/platform')
await changeGuard(
  {
    folder,
    random: createRandom(),
    access: { passphrase: async () => passphrase, keychain: undefined },
  },
  async () => JSON.parse(choice),
)
process.stdout.write(String(count))
