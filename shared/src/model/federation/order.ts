/**
 * The order of names in a federation's file (rule FD4). Entries keep maps sorted, so the order stands
 * beside them: only where it is not the one that names have without a word about it.
 */
import { type Node, valueAt } from '../../conflict/view.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { type Change, setAt } from '../changes.ts'
import type { Path } from '../document-entries.ts'
import { isPath } from '../document-entries.ts'

/** Names told first, as told; then those of the schema in its order; then the others by UTF-16 unit. */
export function inOrder(
  names: Iterable<string>,
  told: Value | undefined,
  schema: readonly string[] = [],
): readonly string[] {
  const rank = new Map<string, number>()
  for (const name of [...(Array.isArray(told) ? told : []), ...schema]) {
    if (typeof name === 'string' && !rank.has(name)) rank.set(name, rank.size)
  }
  const place = (name: string) => rank.get(name) ?? rank.size
  return [...names].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

export const orderPath = (level: Path): Path => ['order', ...level]

export const toldOrder = (root: Node, level: Path): Value | undefined =>
  valueAt(root, orderPath(level))

/** The change that makes `names` come out as they stand; none when they do. */
export function orderChanges(
  root: Node,
  level: Path,
  names: readonly string[],
  schema: readonly string[] = [],
): readonly Change[] {
  const now = inOrder(names, toldOrder(root, level), schema)
  const same = now.every((name, i) => name === names[i])
  const path = orderPath(level)
  return same || !isPath(path) ? [] : [setAt(path, names)]
}
