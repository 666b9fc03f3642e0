/**
 * Cold load: from a closed file to all ids in order and the last 50 messages read, each contender in
 * a process of its own. The file is in the page cache, modules are loaded but not yet warm. Ours
 * hashes each entry again and compares the chain with the signed head; sealed rows are opened.
 */
import type { Measure, Options } from '../measure.ts'
import { keepers } from './keepers.ts'
import { createSide, label, type Side } from './rows.ts'
import { saved } from './saved.ts'

/** Ten times as much takes ten times as long, and a little for what a cache no longer holds. */
const steepest = 12

export async function measureDocumentLoad(options: Options): Promise<Measure[]> {
  const sizes = options.quick ? [1_000, 10_000] : [1_000, 10_000, 100_000]
  const sides: Side[] = []
  for (const count of sizes) {
    const side = createSide(`load ${label(count)}`)
    sides.push(side)
    for (const who of Object.keys(keepers)) {
      if (options.quick && who.includes('in memory')) continue
      const folder = await saved(who, count, options)
      const { values, peakMib } = await side.run({ task: 'load', who, count, folder })
      const name = `load ${label(count)}, ${who}`
      side.measures.push({ name: `${name}: peak memory`, value: peakMib, unit: 'MiB' })
      side.measures.push({ name: `${name}: longest pause`, value: values.pauseMs, unit: 'ms' })
    }
    for (const [other, most] of [
      ['automerge', 1],
      ['loro', 1],
      ['yjs', 3],
    ] as const) {
      side.ratio('ours', other, 'ms', most)
      side.ratio('ours', other, 'cpuMs')
    }
    side.ratio('ours, not verified', 'yjs', 'ms')
    side.ratio('ours, not verified', 'yjs', 'cpuMs')
  }
  return [...sides.flatMap(({ measures }) => measures), ...slopes(sizes, sides)]
}

/** How much longer ten times as much takes. */
function slopes(sizes: readonly number[], sides: readonly Side[]): Measure[] {
  return ['ours', 'automerge', 'yjs', 'loro'].flatMap((who) =>
    sides.slice(1).map((side, i) => ({
      name: `load ${label(sizes[i] as number)} to ${label(sizes[i + 1] as number)}, ${who}`,
      value: side.took(who).values.ms / (sides[i] as Side).took(who).values.ms,
      unit: 'x',
      ...(who === 'ours' ? { target: `<= ${steepest}` } : {}),
    })),
  )
}
