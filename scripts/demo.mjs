/** `npm run demo [-- --break=code|signature|digest|record]`: see client/src/node/demo/demo.ts. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { prepare } from './prepare.mjs'

await prepare()
const demo = fileURLToPath(new URL('../client/dist/node/demo/demo.js', import.meta.url))
const { status } = spawnSync(process.execPath, [demo, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
