/** Places the case of a length and kills itself at the n-th call; prints its calls at the end. */
import { killAt } from '../support/kill-at.ts'

const [config = '', project = '', length = '', stop = '0', torn = ''] = process.argv.slice(2)
const calls = await killAt(Number(stop), torn !== '')

const { createClock, nativeSha256 } = await import('@baton/client/node/platform')
const { createClaudeCodeSource } = await import('@baton/client/node/sources/claude-code/source')
const { placeCase } = await import('../support/place-case.ts')
const source = createClaudeCodeSource({
  sha256: nativeSha256,
  clock: createClock(),
  configDir: config,
})
await source.place(placeCase(project, length === 'long' ? 'long' : 'short'), {
  maps: [],
  cursors: new Map(),
})
process.stdout.write(String(calls()))
