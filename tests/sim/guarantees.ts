/**
 * Session guarantees as pure judgements of a history (rule SM3, after Jepsen): each answers what is
 * wrong, or nothing. A process is one life of a device. Where two copies of a device live, what they
 * signed twice is hidden for the time until it is said again, and is judged at the end alone.
 */
import type { DeviceId } from '@baton/shared/ids'
import type { Acknowledged, History, Look, Node } from './history.ts'

type Nodes = ReadonlyMap<string, Node>

/** True when whoever wrote `by` had seen the write at `key`, over any number of others. */
export function hasSeen(
  nodes: Nodes,
  by: string,
  key: string,
  through: (node: Node) => boolean = () => true,
): boolean {
  const path = nodes.get(key)?.path
  const open = [by]
  const passed = new Set<string>()
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === key) return true
    if (passed.has(at)) continue
    passed.add(at)
    const node = nodes.get(at)
    if (!node || !through(node)) continue
    // What it replaced, and what stands before it in its log, of the same register.
    if (node.path === path) open.push(...node.saw)
    if (node.before !== undefined) open.push(node.before)
  }
  return false
}

const isShown = (nodes: Nodes, shown: readonly string[], key: string): boolean =>
  shown.some((each) => hasSeen(nodes, each, key))

/** By the value that each was the first to say: who settles a conflict says it once more. */
function byValue(nodes: Nodes): Map<string, Node> {
  const found = new Map<string, Node>()
  for (const node of nodes.values()) {
    if (node.value !== undefined && !found.has(node.value)) found.set(node.value, node)
  }
  return found
}

function grouped<T>(list: Iterable<T>, keyOf: (each: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>()
  for (const each of list) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each])
  return [...groups.values()]
}

const judged = ({ nodes, cloned }: History, key: string): boolean => {
  const node = nodes.get(key)
  return node !== undefined && !cloned.has(node.device)
}

/** J-1: what a process was told is written, it reads from then on, or what replaced it. */
export function readYourWrites(history: History): string | undefined {
  const { nodes, looks, acknowledged } = history
  const written = byValue(nodes)
  for (const { value, process, step } of acknowledged) {
    const node = written.get(value)
    if (!node || !judged(history, node.key)) continue
    for (const look of looks) {
      if (look.process !== process || look.step <= step) continue
      const shown = node.path === undefined ? undefined : (look.fields.get(node.path) ?? [])
      if (shown ? isShown(nodes, shown, node.key) : look.items.has(value)) continue
      return `${look.device} does not read what it wrote: ${value}`
    }
  }
  return undefined
}

/** J-2: what a process read once it reads again, or what replaced it. */
export function monotonicReads(history: History): string | undefined {
  const { nodes, looks } = history
  const known = byValue(nodes)
  const isJudged = (item: string) => judged(history, known.get(item)?.key ?? '')
  for (const own of grouped(looks, ({ process }) => process)) {
    for (const [i, look] of own.entries()) {
      const next = own[i + 1]
      if (!next) break
      for (const [path, keys] of look.fields) {
        const shown = next.fields.get(path) ?? []
        const gone = keys.find((key) => judged(history, key) && !isShown(nodes, shown, key))
        if (gone) return `${look.device} reads an older state of ${path}`
      }
      const lost = [...look.items].find((item) => !next.items.has(item) && isJudged(item))
      if (lost) return `${look.device} no longer reads ${lost}`
    }
  }
  return undefined
}

/** J-3: who reads a later write of a log reads its earlier ones. */
export function monotonicWrites(history: History): string | undefined {
  const items = [...history.nodes.values()].filter(
    ({ path, value, key }) => path === undefined && value !== undefined && judged(history, key),
  )
  const logs = grouped(items, ({ log }) => log).map((list) =>
    list.sort((a, b) => a.seq - b.seq).map(({ value }) => value as string),
  )
  for (const look of history.looks) {
    for (const inOrder of logs) {
      const lastRead = inOrder.findLastIndex((value) => look.items.has(value))
      const missing = inOrder
        .slice(0, Math.max(0, lastRead))
        .find((value) => !look.items.has(value))
      if (missing) return `${look.device} reads a write without the one before it: ${missing}`
    }
  }
  return undefined
}

/** J-4: a write never stands beside what its author had seen. */
export function writesFollowReads(history: History): string | undefined {
  const { nodes, looks } = history
  for (const { device, fields, waiting } of looks) {
    // What waits for others, or what copies wrote and is hidden for now, says nothing yet.
    const counts = ({ key }: Node) => judged(history, key) && !waiting.has(key)
    for (const [path, keys] of fields) {
      for (const one of keys) {
        const other = keys.find((key) => key !== one && hasSeen(nodes, one, key, counts))
        if (other && judged(history, other)) {
          return `${device} shows a write of ${path} beside the one it replaced`
        }
      }
    }
  }
  return undefined
}

/** J-5: what was written together is read together. */
export function atomicBatches(history: History): string | undefined {
  const { looks, pairs } = history
  const known = byValue(history.nodes)
  // A copy may have said again up to a place between the two, of the other history that it holds.
  const twice = (value: string) => history.cloned.has(known.get(value)?.device as DeviceId)
  for (const { device, items } of looks) {
    const half = pairs.find(([one, other]) => {
      return items.has(one) !== items.has(other) && !twice(one) && !twice(other)
    })
    if (half) return `${device} reads one of two that were written together: ${half.join(', ')}`
  }
  return undefined
}

/** J-6: acknowledged changes that are nowhere any more. */
export const lost = (history: History, present: ReadonlySet<string>): readonly Acknowledged[] =>
  history.acknowledged.filter(({ value }) => !present.has(value) && !history.excused.has(value))

/** Register values that something shown had seen, over any number of others: they may be gone. */
export function replaced(
  { nodes }: History,
  { fields }: Look,
): (acknowledged: Acknowledged) => boolean {
  const known = byValue(nodes)
  return ({ value, large }) => {
    const node = known.get(value)
    if (!node) return large === true
    return node.path !== undefined && isShown(nodes, fields.get(node.path) ?? [], node.key)
  }
}

/** J-7: nothing is read that nobody wrote. */
export function noPhantoms({ looks, nodes, written }: History): string | undefined {
  for (const { device, fields, items } of looks) {
    const strange = [...items].find((item) => !written.has(item))
    if (strange) return `${device} reads what nobody wrote: ${strange}`
    const unknown = [...fields.values()].flat().find((key) => !nodes.has(key))
    if (unknown) return `${device} shows a write that is no entry: ${unknown}`
  }
  return undefined
}

const all = [
  readYourWrites,
  monotonicReads,
  monotonicWrites,
  writesFollowReads,
  atomicBatches,
  noPhantoms,
] as const

/** The first guarantee that does not hold; nothing when all do. */
export function broken(history: History): string | undefined {
  for (const judge of all) {
    const wrong = judge(history)
    if (wrong) return wrong
  }
  return undefined
}
