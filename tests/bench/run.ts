/**
 * One run of one row, in a process of its own, as scripts/bench.mjs starts it:
 * node node_modules/.cache/tests/bench/run.js ROW OPTIONS. Prints one line of JSON.
 */
import { randomBytes } from 'node:crypto'
import { createSealing } from '@baton/client/node/sealing'
import { measureArchive } from './archive.ts'
import { measureDocumentLoad } from './docs/load.ts'
import { measureDocumentSync } from './docs/sync.ts'
import { measureDocumentAppend, measureDocumentBuild, measureDocumentMerge } from './docs/write.ts'
import { measureHandoff } from './handoff.ts'
import { benchLink } from './link.ts'
import { measureLive } from './live.ts'
import type { Measure, Options } from './measure.ts'
import { measureMemory } from './memory.ts'
import { measureScreen } from './page/screen.ts'
import { measurePairing } from './pairing.ts'
import { measureSession } from './session.ts'
import { measureShaped } from './shaped.ts'
import { measureStream } from './stream.ts'
import { benchVerify } from './verify.ts'

const rows: Record<string, (options: Options) => Promise<Measure[]>> = {
  session: measureSession,
  shaped: measureShaped,
  pairing: measurePairing,
  live: measureLive,
  stream: measureStream,
  handoff: measureHandoff,
  memory: measureMemory,
  verify: measureVerify,
  link: measureLink,
  archive: measureArchive,
  page: measureScreen,
  'docs-load': measureDocumentLoad,
  'docs-build': measureDocumentBuild,
  'docs-append': measureDocumentAppend,
  'docs-sync': measureDocumentSync,
  'docs-merge': measureDocumentMerge,
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
  return [...all, ...measureSealing()]
}

/** What keeping values sealed costs, for a run as it is kept and a larger one. */
function measureSealing(): Measure[] {
  const sealing = createSealing(randomBytes(32))
  const name = randomBytes(65)
  return [9 * 1024, 64 * 1024].flatMap((size) => {
    const value = randomBytes(size)
    const rounds = Math.ceil((64 * 1024 * 1024) / size)
    const started = performance.now()
    let sealed = sealing.seal(name, value)
    for (let round = 1; round < rounds; round++) sealed = sealing.seal(name, value)
    const between = performance.now()
    for (let round = 0; round < rounds; round++) sealing.open(name, sealed)
    const rate = (ms: number) => (size * rounds) / 1_048_576 / (ms / 1000)
    const [sealMs, openMs] = [between - started, performance.now() - between]
    return [
      { name: `seal ${size / 1024} KiB for the disk`, value: rate(sealMs), unit: 'MiB/s' },
      { name: `open ${size / 1024} KiB of the disk`, value: rate(openMs), unit: 'MiB/s' },
    ]
  })
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
