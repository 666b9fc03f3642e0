/**
 * `npm test` on a fresh clone: installs what is missing, then checks format and types, runs the fast
 * tests with their coverage bounds, and the tests with real parts (WebRTC, processes, disks). Nothing
 * is skipped: a real part that is missing fails with what to install.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const bin = (path) => `${root}node_modules/${path}`

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error: Baton needs Node 20.19 or newer; this is ${process.versions.node}`)
  process.exit(1)
}

function run(title, command, args) {
  const started = performance.now()
  console.log(`\n── ${title}`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) console.error(`error: failed to run ${title}: ${error.message}`)
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'}, ${seconds(started)}`)
  return status === 0
}

/** Several at once, one core each: what one prints is shown whole once it ends. */
async function runBeside(title, command, lists) {
  const started = performance.now()
  console.log(`\n── ${title}`)
  const codes = await Promise.all(
    lists.map(
      (args) =>
        new Promise((resolve) => {
          const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
          let said = ''
          for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding('utf8').on('data', (text) => {
              said += text
            })
          }
          child.once('error', (error) => {
            said += `error: failed to run ${title}: ${error.message}\n`
            resolve(1)
          })
          child.once('close', (code) => {
            process.stdout.write(said)
            resolve(code)
          })
        }),
    ),
  )
  const held = codes.every((code) => code === 0)
  console.log(`── ${title}: ${held ? 'ok' : 'FAILED'}, ${seconds(started)}`)
  return held
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** True when every locked package is installed, development ones included. */
function installed() {
  const hidden = `${root}node_modules/.package-lock.json`
  if (!existsSync(hidden) || !existsSync(bin('vitest/vitest.mjs'))) return false
  if (statSync(hidden).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs) return true
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  const have = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      path === '' ||
      optional ||
      link ||
      !path.startsWith('node_modules/') ||
      have[path]?.version === version,
  )
}

/** What tests with real parts call: programs of which one must be there, and the package to install. */
const { BATON_CHROMIUM: named } = process.env
const browsers = named ? [named] : ['chromium', 'chromium-browser', 'google-chrome']
const realParts =
  process.platform === 'linux'
    ? [
        { programs: ['strace'], argument: '-V', package: 'strace' },
        { programs: browsers, argument: '--version', package: 'chromium' },
      ]
    : []

/** Installs what is missing where that is possible without asking, and says what to do where not. */
function equip() {
  const missing = realParts.filter(({ programs, argument }) =>
    programs.every((program) => spawnSync(program, [argument]).status !== 0),
  )
  if (missing.length === 0) return true
  const packages = missing.map((part) => part.package)
  const line = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() === 0 && run(`install ${packages.join(', ')}`, 'sh', ['-c', line]))
    return true
  console.error(`error: the tests with real parts need ${packages.join(', ')}`)
  console.error(`hint: install it, for example with: sudo sh -c '${line}'`)
  return false
}

const started = performance.now()
if (!equip()) process.exit(1)
if (!installed() && !run('install', 'npm', ['ci', '--no-audit', '--no-fund'])) process.exit(1)

const node = process.execPath
const projects = (...names) => names.flatMap((name) => ['--project', name])
const fast = projects('unit', 'contract', 'mesh', 'pins')
const real = projects('real', 'real-beside', 'interop', 'web', 'web-alone')
const sim = [`${root}node_modules/.cache/tests/sim/run.js`]
// Seeds that have not been run before; one that fails is printed with the line that runs it again.
const fresh = Math.floor(Date.now() / 1000)
const meshes = (from) => [...sim, '--seeds', '100', '--from', String(from)]
const stages = [
  ['format and lint', node, [bin('@biomejs/biome/bin/biome'), 'ci', '.']],
  ['types', node, [bin('typescript/bin/tsc'), '-b']],
  ['fast tests, with coverage', node, [bin('vitest/vitest.mjs'), 'run', '--coverage', ...fast]],
  [
    'simulated meshes and handoffs',
    node,
    [meshes(fresh), meshes(fresh + 100), [...meshes(fresh), '--handoffs']],
  ],
  ['tests with real parts', node, [bin('vitest/vitest.mjs'), 'run', ...real]],
]
for (const [title, command, args] of stages) {
  const held = Array.isArray(args[0])
    ? await runBeside(title, command, args)
    : run(title, command, args)
  if (!held) {
    console.error(`\nerror: ${title} failed after ${seconds(started)}`)
    process.exit(1)
  }
}
console.log(`\nall of it held, in ${seconds(started)}`)
