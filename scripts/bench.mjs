/**
 * `npm run bench [rows...] [--quick | --full] [--runs n] [--mib n] [--json file]`: builds, runs each row of
 * tests/bench in processes of its own, and prints minimum, median and maximum of all runs with the
 * target of each. Baselines run within the same run, so that ratios mean something on a busy machine.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const runner = 'node_modules/.cache/tests/bench/run.js'
const root = fileURLToPath(new URL('../', import.meta.url))
/** Rows in order, with the size of what they carry. */
const rows = {
  session: 128,
  shaped: 64,
  pairing: 1,
  live: 1,
  stream: 32,
  handoff: 1,
  memory: 256,
  verify: 1,
  link: 1,
  archive: 128,
  page: 50,
  'docs-load': 1,
  'docs-build': 1,
  'docs-append': 1,
  'docs-sync': 1,
  'docs-merge': 1,
}

/** What starts the processes of a row, when not this machine's network as it is. */
const shape =
  'ip link set lo mtu 1500 up && ' +
  'tc qdisc add dev lo root tbf rate 100mbit burst 64kb latency 50ms && exec "$0" "$@"'
const around = { shaped: ['unshare', '--net', 'sh', '-c', shape] }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    runs: { type: 'string' },
    mib: { type: 'string' },
    json: { type: 'string' },
  },
})
const unknown = positionals.filter((name) => !(name in rows))
if (unknown.length > 0) {
  console.error(`error: no row ${unknown.join(', ')}`)
  console.error(`hint: ${Object.keys(rows).join(', ')}`)
  process.exit(2)
}
const chosen = positionals.length > 0 ? positionals : Object.keys(rows)
const begun = Date.now()
const runs = Number(values.runs ?? (values.quick ? 2 : 5))

// Recorded sessions, where there are any: real transcripts instead of the corpus.
const data = fileURLToPath(new URL('../../shared/data', import.meta.url))
const env = existsSync(data) ? { BATON_DATA: data, ...process.env } : process.env

const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], {
  cwd: root,
  stdio: 'inherit',
})
if (tsc.status !== 0) process.exit(1)

const versionOf = (name) => {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}
const report = {
  date: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${process.platform} ${release()}`,
    load: loadavg()[0],
  },
  versions: {
    node: process.versions.node,
    ...chromiumVersion(),
    ...Object.fromEntries(
      [
        '@roamhq/wrtc',
        'simple-peer',
        'lmdb',
        '@noble/curves',
        '@automerge/automerge',
        'yjs',
        'loro-crdt',
      ].map((name) => [name, versionOf(name)]),
    ),
  },
  runs,
  rows: {},
}
const { machine } = report
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, ` +
    `load ${machine.load.toFixed(1)}`,
)
console.log(
  Object.entries(report.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
)

let failed = false
for (const name of chosen) {
  const mib = Number(values.mib ?? (values.quick ? Math.ceil(rows[name] / 4) : rows[name]))
  const measured = new Map()
  let kept = {}
  console.log(`\n── ${name} (${runs} runs${rows[name] > 1 ? `, ${mib} MiB` : ''})`)
  const outer = around[name] ?? []
  if (outer.length > 0 && spawnSync(outer[0], [...outer.slice(1), 'true']).status !== 0) {
    console.log(
      'not measured here: it takes Linux, root, and unshare, ip and tc to shape a network',
    )
    continue
  }
  for (let run = 0; run < runs; run++) {
    const options = JSON.stringify({ mib, quick: values.quick, full: values.full, begun, kept })
    const argv = [...outer, process.execPath, '--expose-gc', runner, name, options]
    const child = spawnSync(argv[0], argv.slice(1), {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      timeout: 30 * 60_000,
    })
    if (child.status !== 0) {
      console.error(`error: run ${run + 1} of ${name} failed (${child.signal ?? child.status})`)
      failed = true
      continue
    }
    const told = JSON.parse(child.stdout.trim().split('\n').at(-1))
    kept = told.kept
    for (const { name: what, value, unit, target } of told.measures) {
      const row = measured.get(what) ?? { unit, target, values: [] }
      row.values.push(value)
      measured.set(what, row)
    }
  }
  report.rows[name] = Object.fromEntries(measured)
  for (const [what, row] of measured) print(what, row)
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
process.exit(failed ? 1 : 0)

/** Of the browser that the rows of the page run in, where there is one. */
function chromiumVersion() {
  const program = process.env.BATON_CHROMIUM ?? '/usr/bin/chromium'
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  const [chromium] = /\d+(?:\.\d+)+/.exec(stdout ?? '') ?? []
  return chromium === undefined ? {} : { chromium }
}

function print(what, { unit, target, values: all }) {
  const sorted = [...all].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  const [low, high] = [sorted[0], sorted.at(-1)]
  const verdict = target === undefined ? '' : `  target ${target}: ${meets(median, target)}`
  console.log(
    `${what.padEnd(54)} ${digits(low).padStart(8)} ${digits(median).padStart(8)} ` +
      `${digits(high).padStart(8)} ${unit}${verdict}`,
  )
}

function meets(value, target) {
  const [how, bound] = target.split(' ')
  return (how === '>=' ? value >= Number(bound) : value <= Number(bound)) ? 'met' : 'MISSED'
}

function digits(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
