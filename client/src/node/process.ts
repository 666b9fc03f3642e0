/** What the system tells about a process: enough to know whether a lock's holder still lives. */
import { readFileSync, readlinkSync } from 'node:fs'

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Start time in clock ticks since boot (proc(5), field 22, counted from behind the command's name).
 * Empty without /proc, for a process that ended, and for a zombie: only its parent has not asked.
 */
export function startOf(pid: number): string {
  return orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  })
}

/** Which boot of the machine this is; empty where nobody tells. */
export const bootOf = (): string =>
  orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())

/** The space in which process ids are counted: containers have their own. */
export const spaceOf = (): string => orEmpty(() => readlinkSync('/proc/self/ns/pid'))

function orEmpty(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
