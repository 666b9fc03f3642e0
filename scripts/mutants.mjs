/**
 * `npm run mutants [-- --rule RG --rule XC2 --jobs 1]`: breaks one rule at a time in a copy of the
 * sources and demands that a test fails. What is broken stands in tests/mutants, by room. A mutant
 * that survives is a rule nobody watches; one that does not apply is to be written anew. All of them
 * take about seven minutes on two cores.
 */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../', import.meta.url))
/** Beyond this a run is killed: its mutant hangs. */
const patienceMs = 60_000
/** Built, installed, or what tools remember of another tree. */
const built = new Set(['.git', 'node_modules', 'dist', 'coverage'])
const remembered = new Set(['.cache', '.vite', '.vitest'])

const { values: asked } = parseArgs({
  options: { rule: { type: 'string', multiple: true }, jobs: { type: 'string', default: '2' } },
})

async function collect() {
  const folder = join(root, 'tests/mutants')
  const all = []
  for (const name of (await readdir(folder)).sort()) {
    all.push(...(await import(pathToFileURL(join(folder, name)).href)).mutants)
  }
  const spec = await readFile(join(root, 'shared/SPEC.md'), 'utf8')
  const unknown = all.find(({ rule }) => !spec.includes(`- **${rule}** `))
  if (unknown) throw new Error(`no such rule: ${unknown.rule}`)
  const fits = ({ rule }) =>
    asked.rule?.some((name) => name === rule || name === rule.replace(/\d+$/, '')) ?? true
  return all.filter(fits)
}

/** Sources are copied, since they are what changes; of what is installed a second name is enough. */
async function copyTree(to) {
  await cp(root, to, { recursive: true, filter: (path) => !built.has(path.split(sep).at(-1)) })
  await second(join(root, 'node_modules'), join(to, 'node_modules'))
}

async function second(from, to) {
  await mkdir(to)
  for (const each of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, each.name), join(to, each.name)]
    if (remembered.has(each.name)) continue
    if (each.isDirectory()) await second(source, target)
    // The workspaces stand there as relative links: kept so, a copy tests itself.
    else if (each.isSymbolicLink()) await cp(source, target, { verbatimSymlinks: true })
    else await link(source, target).catch(() => cp(source, target))
  }
}

const running = new Set()

/** Runs test files of a tree: how it ended, and the title of what failed first. */
async function test(tree, projects, files, extra = [], patience = patienceMs) {
  const report = join(tree, 'report.json')
  await rm(report, { force: true })
  const argv = [
    join(tree, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...[...new Set(projects)].flatMap((name) => ['--project', name]),
    ...['--mode', 'quick', '--reporter', 'json', '--outputFile', report],
    ...extra,
    ...new Set(files),
  ]
  // A group of its own, so that its workers go with it.
  const child = spawn(process.execPath, argv, { cwd: tree, stdio: 'ignore', detached: true })
  running.add(child)
  let late = false
  const timer = setTimeout(() => {
    late = true
    end(child)
  }, patience)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  running.delete(child)
  if (late) return { at: 'late' }
  const told = await readFile(report, 'utf8').then(JSON.parse, () => undefined)
  if (told === undefined || told.numTotalTests === 0) return { at: 'broken' }
  if (code === 0) return { at: 'passed' }
  const results = told.testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = results.find(({ status }) => status === 'failed')
  // Without one it was an error that nobody caught, or a file that did not load: no verdict.
  if (failed) return { at: 'failed', title: failed.title }
  const file = told.testResults.find(({ status }) => status === 'failed')
  return file ? { at: 'broken' } : { at: 'failed', title: 'an error outside the tests' }
}

function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

/** Undefined when its text does not stand there exactly once. */
async function broken(tree, { file, from, to }) {
  const text = await readFile(join(tree, file), 'utf8').catch(() => '')
  const [before, after, ...more] = text.split(from)
  if (after === undefined || more.length > 0) return undefined
  return { path: join(tree, file), text, mutated: `${before}${to}${after}` }
}

async function attempt(tree, mutant) {
  const change = await broken(tree, mutant)
  if (change === undefined) return { ok: false, word: 'DID NOT APPLY' }
  await writeFile(change.path, change.mutated)
  const result = await test(tree, [mutant.project], mutant.tests, ['--bail', '1']).finally(() =>
    writeFile(change.path, change.text),
  )
  if (result.at === 'failed') return { ok: true, word: 'killed', why: result.title }
  if (result.at === 'passed') return { ok: false, word: 'SURVIVED' }
  if (result.at === 'broken') return { ok: false, word: 'DID NOT LOAD' }
  return { ok: mutant.hangs === true, word: mutant.hangs ? 'killed by time' : 'HANGS' }
}

const clear = () => process.stderr.isTTY && process.stderr.write('\r\x1b[K')

async function breakAll(trees, mutants) {
  const tally = new Map()
  const queue = [...mutants.entries()]
  let bad = 0
  let done = 0
  const work = async (tree) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [, mutant] = next
      const { ok, word, why } = await attempt(tree, mutant)
      tally.set(word, (tally.get(word) ?? 0) + 1)
      done += 1
      if (!ok) bad += 1
      clear()
      const what = `${mutant.rule.padEnd(5)} ${mutant.file}`
      console.log(`${word.padEnd(14)} ${what}${ok ? (why ? `  by ${why}` : '') : tellOf(mutant)}`)
      if (process.stderr.isTTY) process.stderr.write(`${done}/${mutants.length}`)
    }
  }
  await Promise.all(trees.map(work))
  clear()
  return { bad, tally }
}

const tellOf = ({ from, to, tests }) =>
  `\n  - ${from.trim()}\n  + ${to.trim()}\n  ${tests.join(' ')}`

async function main(folder) {
  const began = Date.now()
  const mutants = await collect()
  if (mutants.length === 0) throw new Error('no such rule has a mutant')
  const jobs = Math.max(1, Math.min(Number(asked.jobs) || 2, availableParallelism()))
  const trees = Array.from({ length: jobs }, (_, i) => join(folder, String(i)))
  for (const tree of trees) await copyTree(tree)
  const files = mutants.flatMap(({ tests }) => tests)
  const projects = mutants.map(({ project }) => project)
  const first = await test(trees[0], projects, files, [], 10 * patienceMs)
  if (first.at !== 'passed') {
    console.log(`without any mutant the tests do not pass: ${first.title ?? first.at}`)
    return 1
  }
  const { bad, tally } = await breakAll(trees, mutants)
  const counts = [...tally].sort().map(([word, count]) => `${count} ${word}`)
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(`${mutants.length} mutants: ${counts.join(', ')}, in ${seconds} s`)
  return bad === 0 ? 0 : 1
}

const folder = await mkdtemp(join(tmpdir(), 'baton-mutants-'))
// At once, so that nothing goes on in a tree that is half gone.
const cleanUp = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) end(child)
    cleanUp()
    process.exit(130)
  })
}
process.exitCode = await main(folder).finally(cleanUp)
