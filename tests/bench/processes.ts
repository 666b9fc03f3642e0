/** Time and memory of processes, from /proc (Linux). */
import { existsSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** A process and everything it started that still runs. */
export function familyOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  const children = existsSync(path) ? readFileSync(path, 'latin1').trim().split(/\s+/) : []
  return [pid, ...children.filter(Boolean).flatMap((child) => familyOf(Number(child)))]
}

/** User and system time so far, seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / ticksPerSecond
}

export interface Memory {
  /** Pages that belong to no file: heaps, stacks, what native code allocates. */
  readonly privateBytes: number
  /** Resident pages of files, mapped stores above all: the page cache's, given back when it needs them. */
  readonly mappedBytes: number
}

/**
 * Of all the processes together. From the counters of `status`: walking the pages (`smaps`) five times
 * a second took a quarter of this machine, and held up the processes that it measured.
 */
export function memoryOf(pids: readonly number[]): Memory {
  let anonymous = 0
  let files = 0
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    anonymous += kib(status, 'RssAnon')
    files += kib(status, 'RssFile')
  }
  return { privateBytes: anonymous * 1024, mappedBytes: files * 1024 }
}

const kib = (status: string, field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
