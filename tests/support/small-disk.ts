/** A tmpfs of a few MiB, where this user may mount one (root on Linux), and what fills it. */
import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { tempFolder } from './temp.ts'

export const canMount = process.platform === 'linux' && process.geteuid?.() === 0 && tryMount()

export interface SmallDisk {
  readonly folder: string
  /** Takes all space that is left. */
  fill(): void
  free(): void
  readonly(): void
}

export function smallDisk(mebibytes: number): SmallDisk {
  const folder = tempFolder('disk')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', folder])
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder])
  })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, new Uint8Array(bavail * bsize))
    },
    free: () => rmSync(filler),
    readonly() {
      execFileSync('mount', ['-o', 'remount,ro', folder])
    },
  }
}

function tryMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}
