/**
 * One run of one row, in a process of its own, as scripts/bench.mjs starts it:
 * node node_modules/.cache/tests/bench/run.js ROW OPTIONS. Prints one line of JSON.
 */
import { benchLink } from './link.ts'
import { measureLive } from './live.ts'
import type { Measure, Options } from './measure.ts'
import { measureMemory } from './memory.ts'
import { measurePairing } from './pairing.ts'
import { measureSession } from './session.ts'
import { measureShaped } from './shaped.ts'
import { benchVerify } from './verify.ts'

const rows: Record<string, (options: Options) => Promise<Measure[]>> = {
  session: measureSession,
  shaped: measureShaped,
  pairing: measurePairing,
  live: measureLive,
  memory: measureMemory,
  verify: measureVerify,
  link: measureLink,
}

async function measureVerify({ quick }: Options): Promise<Measure[]> {
  const all: Measure[] = []
  for (const which of ['native', 'pure'] as const) {
    const entries = which === 'native' && !quick ? 100_000 : 10_000
    const run = await benchVerify(which, entries)
    const rate = run.wireBytes / 1_048_576 / (run.verifyMs / 1000)
    all.push({ name: `${which}: decode and verify`, value: rate, unit: 'MiB/s' })
    all.push({
      name: `${which}: read the entries`,
      value: run.entries / run.readMs,
      unit: 'k/s',
    })
    all.push({ name: `${which}: write and sign`, value: run.entries / run.writeMs, unit: 'k/s' })
  }
  return all
}

async function measureLink({ quick }: Options): Promise<Measure[]> {
  const all: Measure[] = []
  for (const bytes of [262_144, 65_536, 1024, 100]) {
    const total = Math.min(quick ? 128e6 : 512e6, bytes * 200_000)
    await benchLink(Math.min(total, 64e6), bytes)
    const run = await benchLink(total, bytes)
    all.push({ name: `messages of ${bytes} B`, value: run.mibPerSecond, unit: 'MiB/s' })
    all.push({ name: `messages of ${bytes} B, CPU`, value: run.cpuSecondsPerGb, unit: 's/GB' })
  }
  return all
}

const [, , name = '', given = '{}'] = process.argv
const options = JSON.parse(given) as Options
const row = rows[name]
if (!row) throw new Error(`no row ${name}: ${Object.keys(rows).join(', ')}`)
const measures = await row(options)
process.stdout.write(`${JSON.stringify({ measures, kept: options.kept })}\n`)
process.exit(0)
