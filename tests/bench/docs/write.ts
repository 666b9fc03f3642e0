/** Building a document message by message, adding one to a long one, and writing fields in parallel. */
import type { Measure, Options } from '../measure.ts'
import { createSide, label, type Side, slopes } from './rows.ts'
import { saved } from './saved.ts'

const nowhere = ''

/** Into an empty document in memory, one change a message; ours signs and commits each. */
export async function measureDocumentBuild({ quick }: Options): Promise<Measure[]> {
  const sizes = quick ? [1_000] : [1_000, 10_000]
  const sides: Side[] = []
  for (const count of sizes) {
    const side = createSide(`build ${label(count)}`)
    for (const who of [
      'ours',
      'ours, not verified',
      'ours, changes at once',
      'automerge',
      'yjs',
      'loro',
    ]) {
      await side.run({ task: 'build', who, count, folder: nowhere })
    }
    side.ratio('ours', 'automerge', 'ms', 1)
    side.ratio('ours', 'loro', 'ms')
    side.ratio('ours', 'yjs', 'ms', 1.2)
    side.ratio('ours, changes at once', 'yjs', 'ms')
    sides.push(side)
  }
  return [...sides.flatMap(({ measures }) => measures), ...slopes('build', sizes, sides)]
}

/** One message more, durable: each contender's file, flushed. */
export async function measureDocumentAppend(options: Options): Promise<Measure[]> {
  const count = options.quick ? 10_000 : 100_000
  const side = createSide(`append to ${label(count)}`, ['ms'])
  for (const who of ['ours', 'ours, not verified', 'automerge', 'yjs', 'loro updates']) {
    const folder = await saved(who, count, options)
    const { values } = await side.run({ task: 'append', who, count, folder })
    const told = [
      ['the first one', values.firstMs, 'ms'],
      ['bytes written', values.bytes, 'B'],
      ['files grew by', values.grown, 'B'],
    ] as const
    for (const [what, value = Number.NaN, unit] of told) {
      side.measures.push({ name: `append to ${label(count)}, ${who}: ${what}`, value, unit })
    }
  }
  side.ratio('ours', 'automerge', 'ms', 1)
  side.ratio('ours', 'yjs', 'ms')
  return side.measures
}

/** Two devices write the same 500 fields while they are parted, then they meet. */
export async function measureDocumentMerge({ quick }: Options): Promise<Measure[]> {
  const count = quick ? 1_000 : 5_000
  const title = `merge 2 x ${label(count)} writes`
  const side = createSide(title)
  for (const who of ['ours', 'ours, not verified', 'automerge', 'yjs', 'loro']) {
    const { values } = await side.run({ task: 'merge', who, count, folder: nowhere })
    const value = values.firstMs ?? Number.NaN
    side.measures.push({ name: `${title}, ${who}: writing them`, value, unit: 'ms' })
  }
  side.ratio('ours', 'automerge', 'ms', 1)
  side.ratio('ours', 'automerge', 'firstMs', 1)
  side.ratio('ours', 'automerge', 'deflated', 1)
  side.ratio('ours', 'yjs', 'ms')
  side.ratio('ours', 'yjs', 'deflated')
  return side.measures
}
