/**
 * `npm start` on a bare clone: says something at once, checks Node, installs and builds only what
 * running needs and only when it is not there, then hands over to client/src/node/start/main.ts.
 */
import { prepare } from './prepare.mjs'

console.log('Baton hands a live agent session from one of your devices to another.')
await prepare()
const { start } = await import('../client/dist/node/start/main.js')
process.exit(await start(process.argv.slice(2)))
