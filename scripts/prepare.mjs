/** Makes a clone ready to run: Node's version, the packages, the build. Plain JavaScript, no package. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** True when `version`, like 20.19.0, is new enough. */
export function isNodeNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
}

/** Exits with one sentence where it cannot go on. */
export async function prepare() {
  const { node } = process.versions
  if (!isNodeNewEnough(node)) {
    fail(`Baton needs Node 20.19 or newer, and this is ${node} (https://nodejs.org)`)
  }
  const has = read(join(root, 'node_modules/.package-lock.json'))
  const wants = read(join(root, 'package-lock.json'))
  if (!isInstalled(wants, has)) {
    console.log('installing what it needs (once, a few seconds) ...')
    const dev = Object.values(has?.packages ?? {}).some((each) => each.dev)
    const args = ['ci', '--no-audit', '--no-fund', ...(dev ? [] : ['--omit=dev'])]
    run('npm', args, 'npm ci failed: is the network up?')
  }
  const key = sourceKey(root)
  const stamp = join(root, 'node_modules/.cache/baton-built')
  if (isBuilt() && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return
  console.log('building ...')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  run(process.execPath, [tsc, '-b', 'client/src/node', 'signaling'], 'the build failed')
  run(process.execPath, [join(root, 'scripts/bundle.mjs')], 'the build of the page failed')
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, key)
}

const isBuilt = () =>
  [
    'client/dist/node/start/main.js',
    'client/dist/page/index.html',
    'signaling/dist/signaling.js',
    'shared/dist/errors.js',
  ].every((path) => existsSync(join(root, path)))

/**
 * Whether every package that running needs is there in the version of the lock file: `wants` and
 * `has` are the two lock files, parsed. Optional ones may be missing: they are for other platforms.
 */
export function isInstalled(wants, has) {
  if (has === undefined) return false
  return Object.entries(wants.packages).every(([path, want]) => {
    if (
      path === '' ||
      want.dev ||
      want.devOptional ||
      want.link ||
      !path.startsWith('node_modules/')
    ) {
      return true
    }
    const there = has.packages[path]
    return there === undefined ? want.optional === true : there.version === want.version
  })
}

/** Changes whenever a source does: names, sizes and times of all of them. */
export function sourceKey(folder) {
  const hash = createHash('sha256')
  const dirs = ['shared/src', 'signaling/src', 'client/src']
  const files = dirs.flatMap((dir) =>
    readdirSync(join(folder, dir), { recursive: true }).map((name) => join(dir, name)),
  )
  for (const path of [...files.sort(), 'tsconfig.json', 'package-lock.json']) {
    const stats = statSync(join(folder, path))
    if (stats.isFile()) hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function read(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

function run(command, args, why) {
  const windows = process.platform === 'win32' && command === 'npm'
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: windows,
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  fail(why)
}

function fail(message) {
  console.error(`error: ${message}`)
  process.exit(1)
}
