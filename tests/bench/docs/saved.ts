/** Saved documents for the rows that load them. Ours are made anew by each bench; the others' stay. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Options } from '../measure.ts'
import { runCase } from './cases.ts'

const code = (name: string) => fileURLToPath(new URL(name, import.meta.url))
/** The compiled tests lie in node_modules/.cache/tests/bench/docs. */
const cache = code('../../../bench-documents')

const makers = ['./automerge.js', './yjs.js', './loro.js', './messages.js'].map(code)
const libraries = ['@automerge/automerge', 'yjs', 'loro-crdt'].map((name) =>
  code(`../../../../${name}/package.json`),
)

/** Changes with the libraries, and with how documents are made. */
function version(): string {
  const hash = createHash('sha256')
  for (const path of [...libraries, ...makers]) hash.update(readFileSync(path))
  return hash.digest('hex').slice(0, 16)
}

/** The folder of a saved document, made when it is not there. */
export async function saved(who: string, count: number, { begun }: Options): Promise<string> {
  const ours = who.startsWith('ours')
  const current = version()
  // What other versions left is of no use any more.
  for (const name of existsSync(cache) ? readdirSync(cache) : []) {
    if (name !== current && name !== 'ours') rmSync(join(cache, name), { recursive: true })
  }
  const folder = join(cache, ours ? 'ours' : current, `${who} ${count}`.replaceAll(/\W+/g, '-'))
  const made = existsSync(folder) ? statSync(folder).ctimeMs : 0
  if (made > (ours ? begun : 0)) return folder
  const fresh = `${folder}.new`
  for (const path of [fresh, folder]) rmSync(path, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  await runCase({ task: 'save', who, count, folder: fresh })
  renameSync(fresh, folder)
  return folder
}
