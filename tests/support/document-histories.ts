/** Arbitrary histories of four devices that write one document, and other orders of the same entries. */
import { toolStatuses } from '@baton/shared/model/document-entries'
import type { StreamPiece } from '@baton/shared/model/stream-entries'
import fc from 'fast-check'
import {
  createDocumentWorld,
  type DocumentWorld,
  type Name,
  type Placed,
  value,
} from './document-world.ts'

const name = fc.constantFrom<Name>('alice', 'alice', 'bob', 'carol', 'mallory')
const key = fc.constantFrom('a', 'b', '__proto__')
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('set'), name, key, to: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete'), name, key }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('message'), name, id: fc.nat(12), on: fc.nat(12) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('tool'),
      name,
      call: key,
      to: fc.constantFrom(...toolStatuses),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('redact'),
      name,
      id: fc.nat(12),
      lies: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('begin'), name, id: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('piece'),
      name,
      id: fc.nat(3),
      offset: fc.nat(4),
      text: fc.constantFrom('a', 'bc', 'é'),
      at: fc.constantFrom<StreamPiece['at']>('piece', 'piece', 'piece', 'end', 'broken-off'),
      epoch: fc.constantFrom(0, 0, 0, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('inbox'), name, id: key }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('row'), name, key }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('capture'), name, key, to: fc.nat(3) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('pull'),
      name,
      from: name,
      most: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('restart'), name }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('skew'), name, ms: fc.constantFrom(-900_000, 0, 7e12) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ op: fc.constant('grant'), name, to: name },
      kind: fc.constantFrom('mirror', 'mirror', 'full', 'copy'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('junk'), name, kind: fc.integer({ min: 0, max: 50 }) }),
  },
)
const checkpoint = fc.record({
  op: fc.constant('checkpoint'),
  name: fc.constantFrom<Name>('alice', 'alice', 'bob', 'carol', 'mallory'),
  /** Logs by number; a log that is left out stays as it is. */
  picks: fc.constantFrom(0xffff, 0xffff, 0xffff, 0b101, 0b10, 0b1),
  stop: fc.constantFrom(99, 99, 99, 0, 2),
})
type Arbitrated<A> = A extends fc.Arbitrary<infer T> ? T : never
type Operation = Arbitrated<typeof operation> | Arbitrated<typeof checkpoint>

function play(operations: readonly Operation[]): DocumentWorld {
  const world = createDocumentWorld()
  const { writers } = world
  writers.alice.grant('bob')
  for (const each of operations) {
    const writer = writers[each.name]
    if (each.op === 'set') writer.set(['config', each.key], value(each.to))
    else if (each.op === 'delete') writer.set(['config', each.key], { at: 'absent' })
    else if (each.op === 'message') {
      const parent = each.on > 6 ? undefined : `m${each.on}`
      writer.message(`m${each.id}`, parent, value(each.name))
    } else if (each.op === 'redact') writer.redact(each.id, each.lies ? 'm1' : undefined)
    else if (each.op === 'begin') writer.begin(`m${each.id}`, undefined)
    else if (each.op === 'piece') {
      const { at, epoch } = each
      writer.piece(`m${each.id}`, each.offset, each.text, { at, epoch, whole: 'abc' })
    } else if (each.op === 'tool') writer.tool(each.call, each.to, value(each.name))
    else if (each.op === 'inbox') writer.inbox(each.id, value(each.name))
    else if (each.op === 'row') writer.row('tabs', each.key, value(each.name))
    else if (each.op === 'capture') writer.capture(each.key, value({ cookies: each.to }))
    else if (each.op === 'pull') writer.pull(writers[each.from], each.most)
    else if (each.op === 'restart') writer.restart()
    else if (each.op === 'skew') writer.skew(each.ms)
    else if (each.op === 'grant') writer.grant(each.to, each.kind)
    else if (each.op === 'checkpoint') {
      writer.checkpoint((log) => ((each.picks >> log) & 1) === 1, each.stop)
    } else writer.append(each.kind, ['junk'])
  }
  return world
}

export const documentWorld = fc.array(operation, { maxLength: 50 }).map(play)
/** The same, and devices that say again what counts of their own logs, wholly or until they die. */
export const checkpointWorld = fc
  .array(fc.oneof({ weight: 7, arbitrary: operation }, { weight: 1, arbitrary: checkpoint }), {
    maxLength: 60,
  })
  .map(play)
export const order = fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 })

/** The same entries with their logs interleaved another way, and some told again. */
export function shuffled(entries: readonly Placed[], rolls: readonly number[]): Placed[] {
  const logs = new Map<string, Placed[]>()
  for (const placed of entries) logs.set(placed.log, [...(logs.get(placed.log) ?? []), placed])
  const queues = [...logs.values()].map((list) => ({ list, at: 0 }))
  const out: Placed[] = []
  for (let i = 0; ; i++) {
    const open = queues.filter(({ list, at }) => at < list.length)
    if (open.length === 0) return out
    const roll = rolls[i % rolls.length] ?? 0
    const queue = open[roll % open.length] as (typeof open)[number]
    out.push(...queue.list.slice(Math.max(0, queue.at - (roll % 3)), queue.at + 1 + (roll % 5)))
    queue.at += 1 + (roll % 5)
  }
}
