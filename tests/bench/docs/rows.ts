/** What the document rows have in common: how cases become measures. */
import type { Measure } from '../measure.ts'
import { type Outcome, runCase } from './cases.ts'
import type { Task, Values } from './task.ts'

/** Values that are told, with what they are called and counted in. */
const columns: readonly (readonly [keyof Values, label: string, unit: string])[] = [
  ['ms', '', 'ms'],
  ['cpuMs', ': CPU', 'ms'],
  ['bytes', ': bytes', 'B'],
  ['deflated', ': bytes, deflated', 'B'],
  ['ways', ': ways', ''],
]

/** Outcomes by contender, kept for ratios. */
export interface Side {
  readonly measures: Measure[]
  run(task: Task): Promise<Outcome>
  /** What was measured of a contender: of several forms, the fastest. */
  took(who: string): Outcome
  /** `who` to `other`, with a target where there is one. */
  ratio(who: string, other: string, of: keyof Values, most?: number): void
}

/** `label`: what is done, like `load 10k`. */
export function createSide(label: string, only?: readonly (keyof Values)[]): Side {
  const measures: Measure[] = []
  const outcomes = new Map<string, Outcome>()
  function took(who: string): Outcome {
    const forms = [...outcomes].filter(([name]) => name === who || name.startsWith(`${who} `))
    const [first, ...rest] = forms.map(([, outcome]) => outcome)
    if (!first) throw new Error(`${label}: nothing was measured of ${who}`)
    return rest.reduce((a, b) => (b.values.ms < a.values.ms ? b : a), first)
  }

  return {
    measures,
    async run(task) {
      const outcome = await runCase(task)
      outcomes.set(task.who, outcome)
      for (const [key, name, unit] of columns) {
        const value = outcome.values[key]
        if (value === undefined || (only && !only.includes(key))) continue
        measures.push({ name: `${label}, ${task.who}${name}`, value, unit })
      }
      return outcome
    },
    took,
    ratio(who, other, of, most) {
      const [a, b] = [who, other].map((each) => took(each).values[of] ?? Number.NaN)
      measures.push({
        name: `${label}, ${who} / ${other}: ${of}`,
        value: (a as number) / (b as number),
        unit: 'x',
        ...(most === undefined ? {} : { target: `<= ${most}` }),
      })
    },
  }
}

export const label = (count: number): string => (count < 1000 ? `${count}` : `${count / 1000}k`)

/** Ten times as much takes ten times as long, and a little for what a cache no longer holds. */
const steepest = 12

/** How much longer each size took than the one before it. */
export function slopes(
  what: string,
  sizes: readonly number[],
  sides: readonly Side[],
): readonly Measure[] {
  return ['ours', 'automerge', 'yjs', 'loro'].flatMap((who) =>
    sides.slice(1).map((side, i) => ({
      name: `${what} ${label(sizes[i] as number)} to ${label(sizes[i + 1] as number)}, ${who}`,
      value: side.took(who).values.ms / (sides[i] as Side).took(who).values.ms,
      unit: 'x',
      ...(who === 'ours' ? { target: `<= ${steepest}` } : {}),
    })),
  )
}
