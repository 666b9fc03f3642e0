/** Runs a case in a process of its own and watches its memory meanwhile. */
import { fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Task, Values } from './task.ts'

export interface Outcome {
  readonly values: Values
  /** Private pages at their highest above those at the start, MiB; mapped files are not counted. */
  readonly peakMib: number
}

const entry = fileURLToPath(new URL('./case.js', import.meta.url))
const sampleMs = 4

export function runCase(task: Task): Promise<Outcome> {
  const child = fork(entry, [JSON.stringify(task)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let start = 0
    let peak = 0
    let timer: NodeJS.Timeout | undefined
    const sample = () => {
      peak = Math.max(peak, privateBytes(child.pid as number))
    }
    child.on('message', (message: { at: string; values: Values }) => {
      if (message.at === 'ready') {
        start = privateBytes(child.pid as number)
        timer = setInterval(sample, sampleMs)
        child.send({ at: 'go' })
        return
      }
      resolve({ values: message.values, peakMib: (peak - start) / 1_048_576 })
    })
    child.on('exit', (code, signal) => {
      clearInterval(timer)
      // After `done` this changes nothing.
      reject(new Error(`${task.task} of ${task.count} by ${task.who} ended: ${signal ?? code}`))
    })
  })
}

/** Anonymous pages of a process (Linux); NaN elsewhere. */
function privateBytes(pid: number): number {
  const path = `/proc/${pid}/status`
  if (!existsSync(path)) return Number.NaN
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(path, 'latin1'))?.[1] ?? Number.NaN) * 1024
}
