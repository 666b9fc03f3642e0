/** What a row of the bench gives for one run, and what it is told. */

export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Where design or rules name one: `>= 1.0`, `<= 1.5`. */
  readonly target?: string
}

export interface Options {
  /** Size of what is carried. */
  readonly mib: number
  readonly quick: boolean
  /** Sizes that take many minutes, too. */
  readonly full: boolean
  /** When the bench was started, ms since 1970: what is older was made by other code. */
  readonly begun: number
  /** Kept from one run of a row to the next, like a setting that was tuned. */
  readonly kept: Record<string, unknown>
}

/** The value below which that share of all lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
