/**
 * `npm run sim -- [--seeds n] [--from n] [--steps n] [--handoffs]`: runs simulations one after the other and tells
 * how it goes; the seed of a run that fails, and the exit code is 1. A failing seed becomes a test in
 * tests/mesh/sim.test.ts.
 */
import { parseArgs } from 'node:util'
import { simulateHandoffs } from './handoffs.ts'
import { simulate } from './simulate.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const warn = (line: string) => process.stderr.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '400' },
    handoffs: { type: 'boolean', default: false },
  },
})
const [seeds, from, steps] = [values.seeds, values.from, values.steps].map(Number) as [
  number,
  number,
  number,
]
if (![seeds, from, steps].every((each) => Number.isInteger(each) && each > 0)) {
  warn('error: --seeds, --from and --steps are whole numbers above 0')
  process.exit(2)
}

const started = performance.now()
const total = {
  acknowledged: 0,
  crashes: 0,
  restores: 0,
  clones: 0,
  tabs: 0,
  forks: 0,
  delivered: 0,
  dropped: 0,
  transfers: 0,
  takeovers: 0,
  ahead: 0,
  retracted: 0,
}
const failed: number[] = []
const seconds = () => ((performance.now() - started) / 1000).toFixed(0)
for (let seed = from; seed < from + seeds; seed++) {
  try {
    const report: Partial<typeof total> = values.handoffs
      ? await simulateHandoffs(seed)
      : await simulate(seed, { steps })
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += report[key] ?? 0
  } catch (error) {
    failed.push(seed)
    warn(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const done = seed - from + 1
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${seeds} runs, ${seconds()} s`)
  else if (done % 1000 === 0) warn(`${done} of ${seeds} runs, ${seconds()} s`)
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
const what = values.handoffs ? `${total.transfers} transfers, ${total.takeovers} takeovers, ` : ''
say(
  `${seeds} runs from seed ${from} in ${seconds()} s: ${total.acknowledged} changes acknowledged, ${what}` +
    `${total.crashes} crashes, ${total.restores} restored backups, ${total.clones} copies, ` +
    `${total.tabs} stores taken, ${total.forks} forks, ${total.dropped} logs gone, ${total.retracted} taken back, ` +
    `${total.delivered} messages, ${total.ahead} looks ahead; ` +
    `${failed.length === 0 ? 'all converged, nothing lost, all fell silent' : `${failed.length} failed`}`,
)
for (const seed of failed)
  say(
    `npm run sim -- --seeds 1 --from ${seed} --steps ${steps}${values.handoffs ? ' --handoffs' : ''}`,
  )
process.exit(failed.length > 0 ? 1 : 0)
