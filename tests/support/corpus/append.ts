/** Appends to a transcript as the agent would: chained to the last record, one line at a time. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { createDice } from './dice.ts'
import { createPen, type Pen } from './records.ts'
import { openLineFile } from './transcript.ts'
import { createDesk, turn } from './turns.ts'

interface Chained {
  readonly uuid?: unknown
  readonly cwd?: unknown
}

/** Appends `records` records and returns their lines, without newlines. */
export function agentAppends(
  path: string,
  records: number,
  seed: number,
  more: Partial<Pen> = {},
): string[] {
  const dice = createDice(seed)
  const last = lastChained(path)
  const cwd = more.cwd ?? (typeof last?.cwd === 'string' ? last.cwd : '/work')
  const pen = createPen(dice, {
    generation: '2.1.329',
    session: basename(path, '.jsonl'),
    parent: typeof last?.uuid === 'string' ? last.uuid : null,
    ...more,
    cwd,
  })
  const desk = createDesk(dice, cwd)
  const lines: string[] = []
  const out = openLineFile(path, 'a')
  while (lines.length < records) {
    for (const record of turn(pen, desk)) {
      if (lines.length === records) break
      lines.push(JSON.stringify(record))
      out.record(record)
    }
  }
  out.close()
  return lines
}

/** The last record with a uuid in the last MiB. */
function lastChained(path: string): Chained | undefined {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const tail = Buffer.alloc(Math.min(size, 1024 * 1024))
    readSync(fd, tail, 0, tail.length, size - tail.length)
    for (const line of tail.toString('utf8').split('\n').reverse()) {
      const record = parse(line)
      if (typeof record?.uuid === 'string') return record
    }
    return undefined
  } finally {
    closeSync(fd)
  }
}

function parse(line: string): Chained | undefined {
  try {
    return JSON.parse(line) as Chained
  } catch {
    // A torn or foreign line: not the one that is looked for.
    return undefined
  }
}
