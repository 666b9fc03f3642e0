#!/usr/bin/env node
// Old syntax up to the check, so that a Node that is too old says so and nothing else.
const version = process.versions.node.split('.').map(Number)
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(
    `error: Baton needs Node 20.19 or newer, and this is ${process.version} (https://nodejs.org)`,
  )
  process.exit(1)
}
import('../dist/node/cli/main.js').then(
  (cli) =>
    cli.main(process.argv.slice(2)).then((code) => {
      process.exitCode = code
      // A pipe still takes what was written; nothing else may keep the process.
      process.stdout.write('', () => {
        process.exit(code)
      })
    }),
  (error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.error('error: Baton is not built or not installed whole')
    console.error('hint: in its folder run: npm ci && npm run build')
    process.exit(1)
  },
)
