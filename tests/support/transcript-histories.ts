/** Arbitrary histories of four devices that write one transcript, and other orders of the same entries. */
import { mainFile } from '@baton/shared/model/carried-path'
import fc from 'fast-check'
import { createTranscriptWorld, type Name, type World, type Written } from './transcript-world.ts'

const agentFile = 'subagents/agent-1.jsonl'
const sidecar = 'tool-results/a.txt'

const name = fc.constantFrom<Name>('alice', 'alice', 'bob', 'carol', 'mallory')
const file = fc.constantFrom(mainFile, mainFile, agentFile)
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('append'), name, file }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('restart'), name }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('rewind'), name, file, keep: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('take'), name, from: name, file }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('adopt'), from: name, file }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('whole'), name, text: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('junk'), name, kind: fc.nat(40) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

function play(operations: readonly Operation[]): World {
  const world = createTranscriptWorld()
  const { writers } = world
  let lines = 0
  writers.alice.append('the first')
  for (const each of operations) {
    if (each.op === 'append') writers[each.name].append(`line ${lines++}`, each.file)
    else if (each.op === 'restart') writers[each.name].restart()
    else if (each.op === 'rewind') writers[each.name].rewind(each.keep, each.file)
    else if (each.op === 'take') {
      writers[each.name].take(writers[each.from].shelf(each.file), each.file)
    } else if (each.op === 'adopt') writers.alice.adopt(writers[each.from], each.file)
    else if (each.op === 'whole') writers[each.name].whole(sidecar, `${each.text}`)
    else writers[each.name].raw(each.kind, 'junk')
  }
  return world
}

export const transcriptWorld = fc.array(operation, { maxLength: 40 }).map(play)

/** The same entries with their logs interleaved another way, and some told again. */
export function shuffledWritten(entries: readonly Written[], order: readonly number[]): Written[] {
  const logs = new Map<string, Written[]>()
  for (const written of entries) {
    logs.set(written.log, [...(logs.get(written.log) ?? []), written])
  }
  const queues = [...logs.values()].map((list) => ({ list, at: 0 }))
  const out: Written[] = []
  for (let i = 0; ; i++) {
    const open = queues.filter(({ list, at }) => at < list.length)
    if (open.length === 0) return out
    const roll = order[i % order.length] ?? 0
    const queue = open[roll % open.length] as (typeof open)[number]
    const run = 1 + (roll % 5)
    // A run may begin with what was delivered already.
    const from = Math.max(0, queue.at - (roll % 3))
    out.push(...queue.list.slice(from, queue.at + run))
    queue.at += run
  }
}
