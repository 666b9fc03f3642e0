/** The page as a server would send it, bundled once for all the processes of a test run that want it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageFolder } from '@baton/client/node/page/app'

/** Tests and benchmarks run from the clone; the latter are compiled into a folder of their own. */
const root = process.cwd()
const made = ['shared/src', 'client/src', 'scripts/bundle.mjs', 'package-lock.json']
/** One that was killed in the middle leaves its lock behind. */
const maxLockMs = 60_000

/** Where it stands. Waits while another process bundles it. */
export function bundlePage(): string {
  const folder = pageFolder().replace('/src/', '/dist/')
  const [stamp, lock] = [`${folder}.made`, `${folder}.lock`]
  while (!(timeOf(stamp) > Math.max(...made.map((each) => newest(join(root, each)))))) {
    if (!isLocked(lock)) continue
    try {
      const began = Date.now()
      execFileSync(process.execPath, ['scripts/bundle.mjs'], { cwd: root, stdio: 'pipe' })
      writeFileSync(stamp, `${began}`)
    } finally {
      rmdirSync(lock)
    }
  }
  return folder
}

/** True when this process has the lock now; waits a little otherwise. */
function isLocked(lock: string): boolean {
  try {
    mkdirSync(lock, { recursive: false })
    return true
  } catch {
    if (Date.now() - timeOf(lock) > maxLockMs) rmdirSync(lock)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    return false
  }
}

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function newest(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
