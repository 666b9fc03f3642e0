/** PL10, PL11: kill -9 at every call a placement makes into the file system. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodeProjectDir } from '@baton/client/node/sources/claude-code/layout'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { placing } from '../support/carried.ts'
import { sourceOf } from '../support/claude.ts'
import { placeCase, placeCaseId } from '../support/place-case.ts'
import { tempFolder } from '../support/temp.ts'

const run = promisify(execFile)
let child = ''
beforeAll(() => {
  child = builtChild('real/place-child.mts')
})

function machine() {
  const dir = tempFolder('place')
  const project = join(dir, 'project')
  const config = join(dir, '.claude')
  mkdirSync(project)
  mkdirSync(config)
  const folder = join(config, 'projects', encodeProjectDir(project))
  const path = join(folder, `${placeCaseId}.jsonl`)
  const place = (length: 'short' | 'long') =>
    sourceOf(config).place(placeCase(project, length), placing())
  return { project, config, folder, path, place }
}

/** Everything below a folder, by name. */
function tree(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1), readFileSync(path, 'latin1')]
    }),
  )
}

/** The number of calls it made, or undefined when it was killed. */
async function placeChild(
  at: ReturnType<typeof machine>,
  stop: number,
  torn: boolean,
  length: string,
) {
  const args = [child, at.config, at.project, length, String(stop), torn ? 'torn' : '']
  try {
    return Number((await run(process.execPath, args)).stdout)
  } catch (error) {
    expect((error as { signal?: string }).signal).toBe('SIGKILL')
    return undefined
  }
}

it('PL10 a first placement killed at any call leaves a whole transcript or none', async () => {
  const whole = machine()
  await whole.place('long')
  const expected = tree(whole.folder)
  for (let stop = 1; ; stop++) {
    const at = machine()
    const ended = await placeChild(at, stop, stop % 2 === 0, 'long')
    const left = tree(at.config)
    const main = Object.entries(left).find(([name]) => name.endsWith(`${placeCaseId}.jsonl`))
    if (main) expect(main[1] === expected[`${placeCaseId}.jsonl`]).toBe(true)
    await at.place('long')
    expect(sameTree(tree(at.folder), expected)).toBe(true)
    if (ended !== undefined) break
    expect(stop).toBeLessThan(200)
  }
})

it('PL11 an extension killed at any call, in the middle of a write too, is completed', async () => {
  const whole = machine()
  await whole.place('long')
  const expected = tree(whole.folder)
  for (let stop = 1; ; stop++) {
    const at = machine()
    await at.place('short')
    const before = readFileSync(at.path, 'latin1')
    const ended = await placeChild(at, stop, true, 'long')
    const left = readFileSync(at.path, 'latin1')
    expect(left.startsWith(before)).toBe(true)
    expect(expected[`${placeCaseId}.jsonl`]?.startsWith(left)).toBe(true)
    await at.place('long')
    expect(sameTree(tree(at.folder), expected)).toBe(true)
    if (ended !== undefined) break
    expect(stop).toBeLessThan(200)
  }
})

/** Without printing 3 MiB when it is not so. */
const sameTree = (a: Record<string, string>, b: Record<string, string>): boolean =>
  JSON.stringify(Object.keys(a).sort()) === JSON.stringify(Object.keys(b).sort()) &&
  Object.keys(a).every((name) => a[name] === b[name] || name.endsWith('.meta.json'))
