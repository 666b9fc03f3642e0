/**
 * Cold load: from a closed file to all ids in order and the last 50 messages read, each contender in
 * a process of its own. The file is in the page cache, modules are loaded but not yet warm. Ours
 * reads the fold that the last process left, under its checksums; `folded anew` reads and hashes each
 * entry again and compares the chain with its head as it was when the signature was checked, before
 * it was stored. Sealed rows are opened, which checks their tag.
 */
import type { Measure, Options } from '../measure.ts'
import { keepers } from './keepers.ts'
import { createSide, label, type Side, slopes } from './rows.ts'
import { saved } from './saved.ts'

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
    const [ours, theirs] = [side.took('ours').peakMib, side.took('automerge').peakMib]
    side.measures.push({
      name: `load ${label(count)}, ours / automerge: peak memory`,
      value: ours / theirs,
      unit: 'x',
      target: '<= 1',
    })
    for (const other of ['automerge', 'loro', 'yjs']) {
      side.ratio('ours, folded anew', other, 'ms')
      side.ratio('ours, folded anew', other, 'cpuMs')
    }
    side.ratio('ours, folded anew, not verified', 'yjs', 'cpuMs')
  }
  return [...sides.flatMap(({ measures }) => measures), ...slopes('load', sizes, sides)]
}
