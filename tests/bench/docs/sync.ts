/**
 * First sync and reconnects of two devices in memory, over the channel that tests use: bytes, ways
 * (two are a round trip) and time until the other one can read the history. What opens a link before
 * it (bind) is no contender's and not counted. Ours sends runs of entries as they are kept, deflated
 * already: `not deflated` has the bytes to hold against the raw ones of the others.
 */
import type { Measure, Options } from '../measure.ts'
import { createSide, label, type Side, slopes } from './rows.ts'
import { saved } from './saved.ts'

const others = ['automerge', 'yjs', 'loro']
/** The saved form that each of them begins with. */
const formOf = (who: string) =>
  who === 'loro' ? 'loro updates' : who.startsWith('automerge') ? 'automerge' : who

export async function measureDocumentSync(options: Options): Promise<Measure[]> {
  const all: Measure[] = []
  const firsts: Side[] = []
  const sizes = options.quick ? [1_000] : options.full ? [10_000, 100_000] : [10_000]
  const ours = ['ours', 'ours, not verified', 'ours, not deflated']
  for (const count of sizes) {
    const side = createSide(`first sync of ${label(count)}`)
    const sealed = options.quick ? [] : ['ours, on sealed disks']
    await runAll(side, [...ours, ...sealed, ...others], options, count)
    side.ratio('ours', 'loro', 'ms', 1)
    all.push(...side.measures)
    firsts.push(side)
  }
  all.push(...slopes('first sync', sizes, firsts))
  const held = options.quick ? 1_000 : 10_000
  for (const fresh of options.quick ? [1, 100] : [1, 100, 10_000]) {
    const side = createSide(`reconnect of ${label(held)}, ${label(fresh)} new`)
    await runAll(side, [...ours, ...others, 'automerge, state forgotten'], options, held, fresh)
    all.push(...side.measures)
  }
  return all
}

async function runAll(
  side: Side,
  contenders: readonly string[],
  options: Options,
  count: number,
  fresh?: number,
): Promise<void> {
  for (const who of contenders) {
    const folder = who.startsWith('ours') ? '' : await saved(formOf(who), count, options)
    await side.run({ task: 'sync', who, count, folder, ...(fresh ? { fresh } : {}) })
  }
  side.ratio('ours', 'automerge', 'ms', 1)
  side.ratio('ours', 'yjs', 'ms')
  side.ratio('ours', 'automerge', 'deflated', 1)
  side.ratio('ours', 'yjs', 'deflated', 1.2)
  side.ratio('ours', 'loro', 'deflated')
  side.ratio('ours, not deflated', 'yjs', 'bytes', 1.2)
  side.ratio('ours, not deflated', 'loro', 'bytes')
}
