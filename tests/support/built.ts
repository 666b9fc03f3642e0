/** Compiles the workspaces, for tests whose child processes run the emitted JavaScript. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The emitted form of a child script `tests/...mts`. */
export function builtChild(path: string): string {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { cwd: root })
  return `${root}node_modules/.cache/tests/${path.replace(/\.mts$/, '.mjs')}`
}

/** An emitted file of the workspaces; tsc is left to whoever runs the tests. */
export const emitted = (path: string): URL => new URL(`../../${path}`, import.meta.url)
