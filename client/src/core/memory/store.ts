/**
 * A Store in memory (rules ST1 to ST8): for tests, the tour's guest, and browsers without storage.
 * Rows stand in immutable sorted blocks, so that a walk keeps the state of its first step for free
 * and a batch becomes visible by one assignment. It keeps nothing beyond its process.
 */
import { type Bytes, compareBytes } from '@baton/shared/bytes'
import type { Range, Store, Write } from '../ports/store.ts'
import { checkBatch, isEmptyRange, storeClosed } from './batch.ts'

export type Row = readonly [key: Bytes, value: Bytes]
type Block = readonly Row[]

const blockRows = 128

/** Rows given here are taken over as they are: a fake disk hands in what it kept. */
export function createMemoryStore(rows: Iterable<Row> = []): Store & { rows(): readonly Row[] } {
  let blocks = split([...rows].sort((a, b) => compareBytes(a[0], b[0])))
  let closed = false
  const check = () => {
    if (closed) throw storeClosed()
  }

  async function* walk(range: Range): AsyncGenerator<Row> {
    check()
    if (isEmptyRange(range)) return
    let left = range.limit ?? Number.POSITIVE_INFINITY
    for (const row of rowsOf(blocks, range)) {
      if (left-- <= 0) return
      yield [row[0].slice(), row[1].slice()]
      check()
    }
  }

  return {
    async get(key) {
      check()
      return find(blocks, key)?.[1].slice()
    },
    list: walk,
    async write(batch) {
      check()
      checkBatch(batch)
      blocks = apply(blocks, batch)
    },
    async flush() {
      check()
    },
    async close() {
      closed = true
    },
    rows: () => blocks.flat(),
  }
}

function split(rows: Block): readonly Block[] {
  if (rows.length === 0) return []
  if (rows.length <= 2 * blockRows) return [rows]
  const out: Block[] = []
  for (let at = 0; at < rows.length; at += blockRows) out.push(rows.slice(at, at + blockRows))
  return out
}

/** The block a key belongs to: the last one that begins at or before it. */
function blockOf(blocks: readonly Block[], key: Bytes): number {
  let low = 0
  let high = blocks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareBytes(blocks[middle]?.[0]?.[0] as Bytes, key) <= 0) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** The first row of a block at or after a key. */
function place(block: Block, key: Bytes): number {
  let low = 0
  let high = block.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareBytes(block[middle]?.[0] as Bytes, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function find(blocks: readonly Block[], key: Bytes): Row | undefined {
  const block = blocks[blockOf(blocks, key)] ?? []
  const row = block[place(block, key)]
  return row !== undefined && compareBytes(row[0], key) === 0 ? row : undefined
}

/** Copies only the blocks that the batch touches. */
function apply(before: readonly Block[], batch: readonly Write[]): readonly Block[] {
  const blocks = [...before]
  const mine = new Set<Block>()
  for (const write of batch) {
    const key = 'put' in write ? write.put : write.delete
    const at = blockOf(blocks, key)
    let block = (blocks[at] ?? []) as Row[]
    if (!mine.has(block)) {
      block = [...block]
      mine.add(block)
    }
    const index = place(block, key)
    const row = block[index]
    const held = row !== undefined && compareBytes(row[0], key) === 0 ? 1 : 0
    if ('put' in write) block.splice(index, held, [key.slice(), write.value.slice()])
    else block.splice(index, held)
    const parts = split(block)
    if (parts.length !== 1) for (const part of parts) mine.add(part)
    blocks.splice(at, 1, ...parts)
  }
  return blocks
}

function* rowsOf(blocks: readonly Block[], range: Range): Generator<Row> {
  const step = range.reverse === true ? -1 : 1
  const start = step === 1 ? range.from : range.to
  let at = blockOf(blocks, start)
  // Backwards the walk begins one before `to`, which is outside.
  let index = place(blocks[at] ?? [], start) - (step === 1 ? 0 : 1)
  for (let block = blocks[at]; block !== undefined; block = blocks[at]) {
    for (let row = block[index]; row !== undefined; row = block[index]) {
      if (compareBytes(row[0], range.from) < 0 || compareBytes(row[0], range.to) >= 0) return
      yield row
      index += step
    }
    at += step
    index = step === 1 ? 0 : (blocks[at]?.length ?? 0) - 1
  }
}
