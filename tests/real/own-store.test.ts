/** KT1, KT3: the store that the README shows, and its proof, as a stranger would run them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const code = /```js\n(import [^`]*?runStoreTests[\s\S]*?)```/.exec(readme)?.[1] ?? ''

/** Runs a file by node's own test runner, where the packages of this project are found. */
function run(source: string) {
  const cache = join(root, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'own-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'my-store.test.mjs'), source)
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter', 'tap', 'my-store.test.mjs'],
    { cwd: folder, encoding: 'utf8', env: {} },
  )
  const failed = [...stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, title = '']) => title)
  const passed = [...stdout.matchAll(/^\s*ok \d+ - (ST\d+ .*)$/gm)].map(([, title = '']) => title)
  return { status, failed, passed }
}

it('KT3 the store of the README is proven by the kit under node --test, in twenty lines', () => {
  const lines = code.split('\n').filter((line) => line !== '' && !line.startsWith('import '))
  expect(lines.length).toBeLessThanOrEqual(20)
  const { status, failed, passed } = run(code)
  expect([status, failed]).toEqual([0, []])
  expect(new Set(passed.map((title) => title.slice(0, 3)))).toEqual(
    new Set(['ST1', 'ST2', 'ST3', 'ST4', 'ST5', 'ST6', 'ST7', 'ST8']),
  )
})

it('KT1 KT2 the same store without its disk fails there', () => {
  const forgetful = code.replace(/^ *await \(last = .*\n/m, '')
  expect(forgetful).not.toBe(code)
  const { status, failed } = run(forgetful)
  expect(status).toBe(1)
  expect(failed.filter((title) => title.startsWith('ST7 what was flushed'))).toHaveLength(1)
})
