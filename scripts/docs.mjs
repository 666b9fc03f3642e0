/** `npm run docs`: prints the command table of the README from the commands themselves. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { prepare } from './prepare.mjs'

await prepare()
const { listCommands } = await import('../client/dist/node/cli/program.js')
const readme = fileURLToPath(new URL('../README.md', import.meta.url))
const begin = '<!-- commands:begin (npm run docs) -->'
const end = '<!-- commands:end -->'
const text = readFileSync(readme, 'utf8')
const common = ['--json', '-q, --quiet', '-h, --help']
const rows = listCommands().map(({ name, args, description, options }) => {
  const own = options.map(({ flags }) => flags).filter((flags) => !common.includes(flags))
  const cell = own.map((flags) => `\`${flags.replaceAll('|', '\\|')}\``).join(' ')
  return `| \`baton ${`${name} ${args}`.trim()}\` | ${description} | ${cell} |`
})
const table = ['| command | | options |', '|---|---|---|', ...rows].join('\n')
const [before, rest] = text.split(begin)
const after = rest.split(end)[1]
writeFileSync(readme, `${before}${begin}\n${table}\n${end}${after}`)
