/**
 * One case in a process of its own: node case.js '{"task":"load",...}'. It makes ready, is told to go
 * where a parent measures its memory (cases.ts), and tells what it measured. By itself it prints it,
 * for a look with `node --cpu-prof`.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { Prepared, Task, Values } from './task.ts'
import { tasks } from './tasks.ts'

const given = JSON.parse(process.argv[2] ?? '{}') as Task
const prepare = tasks[given.task]
if (!prepare) throw new Error(`no task ${given.task}`)
const { run, after }: Prepared = await prepare(given)
globalThis.gc?.()

const told = new Promise<void>((go) => {
  if (process.send) process.once('message', () => go())
  else go()
})
process.send?.({ at: 'ready' })
await told

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
await wait(10)
delay.reset()
// The first turn of its timer after that is not counted.
await wait(5)
const before = process.cpuUsage()
const started = performance.now()
const values = await run()
const ms = performance.now() - started
const { user, system } = process.cpuUsage(before)
// One more turn of its timer, or a pause that lasted to the end is not seen.
await wait(10)
const all: Values = {
  ms,
  cpuMs: (user + system) / 1000,
  pauseMs: delay.max / 1e6,
  ...values,
  ...(await after?.()),
}
if (process.send)
  process.send({ at: 'done', values: all }, undefined, undefined, () => process.exit(0))
else console.log(all)
