/**
 * Opens a keyring and puts a secret, and kills itself at the n-th call into the file system. Prints
 * the device key, and how many calls there were, when it got to the end.
 */
import { dieAt } from '../support/dying.ts'

const [folder = '', stop = '0', torn = ''] = process.argv.slice(2)
const steps = ['mkdir', 'open', 'write', 'fsync', 'close', 'link', 'rename', 'rm']
const calls = dieAt(
  steps.map((step) => `${step}Sync`),
  Number(stop),
  torn !== '',
)

const { openKeyring } = await import('@baton/client/node/keyring')
const { createRandom } = await import('@baton/client/node/platform')
const keyring = await openKeyring(folder, createRandom())
await keyring.putSecret('pair', new Uint8Array(32).fill(2))
await keyring.deleteSecret('old')
process.stdout.write(`${Buffer.from(keyring.device).toString('hex')} ${calls()}`)
