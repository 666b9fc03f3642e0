/**
 * Opens a keyring and puts a secret, and kills itself at the n-th call into the file system: before
 * it, or, for a write, after half of it. Prints the device key when it got to the end.
 */
import fs, { type PathLike } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [folder = '', stop = '0', torn = ''] = process.argv.slice(2)
const calls = [
  'mkdirSync',
  'openSync',
  'writeSync',
  'fsyncSync',
  'closeSync',
  'linkSync',
  'renameSync',
  'rmSync',
]
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

const { openKeyring } = await import('@baton/client/node/keyring')
const { createRandom } = await import('@baton/client/node/platform')
const keyring = await openKeyring(folder, createRandom())
await keyring.putSecret('pair', new Uint8Array(32).fill(2))
await keyring.deleteSecret('old')
process.stdout.write(`${Buffer.from(keyring.device).toString('hex')} ${count}`)
