/**
 * Heights of the rows of a long list, guessed until measured, and where each begins: a Fenwick tree, so
 * that a row measured and a place looked up cost log n at 100,000 rows.
 */
export interface Heights {
  readonly count: number
  /** Rows beyond those known begin with the guess. */
  grow(count: number): void
  /** True when it was another height. */
  set(row: number, height: number): boolean
  /** Where a row begins; of `count`, where the list ends. */
  offset(row: number): number
  /** The row at a place, the first or last one beyond the ends. */
  rowAt(offset: number): number
  /** The width changed: what was measured is a guess again. */
  forget(): void
}

export function createHeights(guess: number): Heights {
  let heights = new Float64Array(1024).fill(guess)
  let tree = new Float64Array(1025)
  let count = 0

  function add(row: number, more: number): void {
    for (let i = row + 1; i <= heights.length; i += i & -i) tree[i] = (tree[i] as number) + more
  }

  function rebuild(): void {
    tree = new Float64Array(heights.length + 1)
    for (let i = 1; i <= heights.length; i++) {
      tree[i] = (tree[i] as number) + (i <= count ? (heights[i - 1] as number) : 0)
      const above = i + (i & -i)
      if (above <= heights.length) tree[above] = (tree[above] as number) + (tree[i] as number)
    }
  }

  return {
    get count() {
      return count
    },
    grow(to) {
      if (to <= count) return
      if (to > heights.length) {
        const bigger = new Float64Array(2 ** Math.ceil(Math.log2(to))).fill(guess)
        bigger.set(heights.subarray(0, count))
        heights = bigger
        count = to
        rebuild()
        return
      }
      while (count < to) add(count, heights[count++] as number)
    },
    set(row, height) {
      const before = heights[row]
      if (row >= count || before === undefined || Math.abs(before - height) < 0.5) return false
      heights[row] = height
      add(row, height - before)
      return true
    },
    offset(row) {
      let sum = 0
      for (let i = Math.min(row, count); i > 0; i -= i & -i) sum += tree[i] as number
      return sum
    },
    rowAt(offset) {
      let row = 0
      let left = offset
      for (let step = heights.length; step > 0; step >>= 1) {
        const next = row + step
        if (next <= heights.length && (tree[next] as number) <= left) {
          row = next
          left -= tree[next] as number
        }
      }
      return Math.max(0, Math.min(row, count - 1))
    },
    forget() {
      heights.fill(guess)
      rebuild()
    },
  }
}
