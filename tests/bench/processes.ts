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
  /** Private pages, those of mapped stores not counted. */
  readonly privateBytes: number
  /** Resident pages of mapped stores: the page cache's, given back when it needs them. */
  readonly mappedBytes: number
}

/** Of all the processes together. */
export function memoryOf(pids: readonly number[]): Memory {
  let privateKib = 0
  let mappedKib = 0
  for (const pid of pids) {
    let store = false
    for (const line of readFileSync(`/proc/${pid}/smaps`, 'latin1').split('\n')) {
      if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) store = line.endsWith('store.mdb')
      else if (line.startsWith('Private_') && !store) privateKib += kib(line)
      else if (line.startsWith('Rss:') && store) mappedKib += kib(line)
    }
  }
  return { privateBytes: privateKib * 1024, mappedBytes: mappedKib * 1024 }
}

const kib = (line: string) => Number(/(\d+) kB/.exec(line)?.[1] ?? 0)
