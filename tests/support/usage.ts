/** Threads and open descriptors of a process, from /proc: what a leak of the native library adds to. */
import { readdirSync } from 'node:fs'

export interface Usage {
  readonly threads: number
  readonly descriptors: number
}

export const usage = (pid: number | 'self' = 'self'): Usage => ({
  threads: readdirSync(`/proc/${pid}/task`).length,
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
})
