/** Rows in columns that fit the terminal (rule CL5): first the wide ones shrink, then the least needed go. */
import { cutTo, pad, widthOf } from './width.ts'

export interface Column<R> {
  readonly title: string
  value(row: R): string
  readonly align?: 'left' | 'right'
  /** It may be cut down to this width. */
  readonly min?: number
  /** Left out when there is no room; the highest goes first. */
  readonly drop?: number
  paint?(text: string, row: R): string
}

const gap = 2

/** Lines without a newline; none for no rows. */
export function table<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  room: number,
  head: (text: string) => string,
): string[] {
  if (rows.length === 0) return []
  const cells = columns.map((column) => rows.map((row) => column.value(row)))
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...(cells[at] as string[]).map(widthOf)),
  )
  const widths = widthsFor(columns, natural, room)
  const shown = columns.map((_, at) => at).filter((at) => widths[at] !== undefined)
  const cell = (text: string, at: number) => {
    const last = at === shown.at(-1) && columns[at]?.align !== 'right'
    const width = widths[at] as number
    return last ? cutTo(text, width) : pad(cutTo(text, width), width, columns[at]?.align)
  }
  const join = (parts: string[]) => parts.join(' '.repeat(gap))
  const heading = join(shown.map((at) => cell((columns[at] as Column<R>).title, at)))
  const body = rows.map((row, index) =>
    join(
      shown.map((at) => {
        const text = cell(cells[at]?.[index] ?? '', at)
        return columns[at]?.paint?.(text, row) ?? text
      }),
    ).trimEnd(),
  )
  return [head(heading.trimEnd()), ...body]
}

function widthsFor<R>(
  columns: readonly Column<R>[],
  natural: readonly number[],
  room: number,
): (number | undefined)[] {
  // A column in which nothing stands, under no title, is none.
  const widths: (number | undefined)[] = natural.map((width) => width || undefined)
  const total = () => {
    const there = widths.filter((width) => width !== undefined)
    return there.reduce((sum, width) => sum + width, 0) + gap * (there.length - 1)
  }
  for (;;) {
    const kept = [...widths]
    shrink(columns, widths, total, room)
    if (total() <= room) return widths
    const victim = columns
      .map(({ drop }, at) => ({ at, drop: widths[at] === undefined ? 0 : (drop ?? 0) }))
      .reduce((most, each) => (each.drop > most.drop ? each : most))
    if (victim.drop === 0) return widths
    for (const [at, width] of kept.entries()) widths[at] = at === victim.at ? undefined : width
  }
}

/** Takes from the widest that may be cut, a column at a time. */
function shrink<R>(
  columns: readonly Column<R>[],
  widths: (number | undefined)[],
  total: () => number,
  room: number,
): void {
  while (total() > room) {
    let widest: number | undefined
    for (const [at, { min }] of columns.entries()) {
      const width = widths[at]
      if (width === undefined || min === undefined || width <= min) continue
      if (widest === undefined || width > (widths[widest] as number)) widest = at
    }
    if (widest === undefined) return
    widths[widest] = (widths[widest] as number) - 1
  }
}
