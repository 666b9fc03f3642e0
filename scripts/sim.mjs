/** `npm run sim -- [--seeds n] [--from n] [--steps n] [--handoffs]`: builds, then runs the simulator. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const run = (...argv) =>
  spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' }).status ?? 1
const built = run('node_modules/typescript/bin/tsc', '-b')
process.exit(built || run('node_modules/.cache/tests/sim/run.js', ...process.argv.slice(2)))
