/**
 * Cold load: from a closed file to all ids in order and the last 50 messages read, each contender in
 * a process of its own. The file is in the page cache, modules are loaded but not yet warm. Ours
 * hashes each entry again and compares the chain with the signed head; sealed rows are opened.
 */
import type { Measure, Options } from '../measure.ts'
import { type Outcome, runCase } from './cases.ts'
import { keepers } from './keepers.ts'
import { saved } from './saved.ts'

/** How much longer than these loading ours may take. */
const targets = [
  { other: 'automerge', most: 1 },
  { other: 'loro', most: 1 },
  { other: 'yjs', most: 3 },
]
/** Ten times as much takes ten times as long, and a little for what a cache no longer holds. */
const steepest = 12
const label = (count: number) => `${count / 1000}k`

type Took = Record<'ms' | 'cpuMs', number>

export async function measureDocumentLoad(options: Options): Promise<Measure[]> {
  const sizes = options.quick ? [1_000, 10_000] : [1_000, 10_000, 100_000]
  const measures: Measure[] = []
  const took = new Map<string, Took>()
  const of = (count: number, who: string) => took.get(`${count} ${who}`) as Took
  for (const count of sizes) {
    for (const who of Object.keys(keepers)) {
      if (options.quick && who.includes('in memory')) continue
      const folder = await saved(who, count, options)
      const outcome = await runCase({ task: 'load', who, count, folder })
      took.set(`${count} ${who}`, outcome.values)
      measures.push(...told(`load ${label(count)}, ${who}`, outcome))
    }
    const forms = [of(count, 'loro snapshot'), of(count, 'loro updates')]
    took.set(`${count} loro`, {
      ms: Math.min(...forms.map(({ ms }) => ms)),
      cpuMs: Math.min(...forms.map(({ cpuMs }) => cpuMs)),
    })
    for (const { other, most } of targets) {
      const name = `load ${label(count)}, ours / ${other}`
      const [a, b] = [of(count, 'ours'), of(count, other)]
      measures.push({ name, value: a.ms / b.ms, unit: 'x', target: `<= ${most}` })
      measures.push({ name: `${name}, CPU`, value: a.cpuMs / b.cpuMs, unit: 'x' })
    }
    measures.push({
      name: `load ${label(count)}, ours not verified / yjs`,
      value: of(count, 'ours, not verified').ms / of(count, 'yjs').ms,
      unit: 'x',
    })
  }
  return [...measures, ...slopes(sizes, of)]
}

const told = (name: string, { values, peakMib }: Outcome): Measure[] => [
  { name, value: values.ms, unit: 'ms' },
  { name: `${name}: CPU`, value: values.cpuMs, unit: 'ms' },
  { name: `${name}: peak memory`, value: peakMib, unit: 'MiB' },
  { name: `${name}: longest pause`, value: values.pauseMs, unit: 'ms' },
]

/** How much longer ten times as much takes. */
function slopes(sizes: readonly number[], of: (count: number, who: string) => Took): Measure[] {
  return ['ours', 'automerge', 'yjs', 'loro'].flatMap((who) =>
    sizes.slice(1).map((count, i) => ({
      name: `load ${label(sizes[i] as number)} to ${label(count)}, ${who}`,
      value: of(count, who).ms / of(sizes[i] as number, who).ms,
      unit: 'x',
      ...(who === 'ours' ? { target: `<= ${steepest}` } : {}),
    })),
  )
}
