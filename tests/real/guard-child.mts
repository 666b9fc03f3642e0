/**
 * Changes what guards a keyring, and kills itself at the n-th call that writes, names or removes a
 * file. Prints how many calls there were when it got to the end.
 */
import { dieAt } from '../support/dying.ts'

const [folder = '', passphrase = '', choice = '{}', stop = '0', torn = ''] = process.argv.slice(2)
/** Those that change what is there for the next process: what lies between them changes nothing. */
const calls = dieAt(['writeSync', 'renameSync', 'rmSync'], Number(stop), torn !== '')

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
process.stdout.write(String(calls()))
