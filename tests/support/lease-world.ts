/** Devices that hand a document over to each other, or take it, as entries. */
import type { Vector } from '@baton/shared/clock/vector'
import type { DocumentState } from '@baton/shared/conflict/document'
import { epochOf, holderOf } from '@baton/shared/conflict/leases'
import { splitLogId } from '@baton/shared/ids'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import {
  encodeAccept,
  encodeDecline,
  encodeLease,
  encodeReady,
} from '@baton/shared/model/lease-entries'
import fc from 'fast-check'
import {
  createDocumentWorld,
  depOf,
  deviceOf,
  heldSession,
  type Name,
  names,
  type Placed,
  value,
} from './document-world.ts'

const request = new Uint8Array(16).fill(9)
export const placeOf = ({ log, entry: { seq } }: Placed): Dep => depOf({ log, seq })

export const vectorOf = ({ logs }: DocumentState): Vector =>
  new Map([...logs].map(([log, { seq }]) => [log, seq]))

export const nameOf = (device: string | undefined): Name | undefined =>
  names.find((each) => deviceOf(each) === device)

export function createLeaseWorld() {
  const world = createDocumentWorld(heldSession)
  const { writers } = world
  writers.alice.grant('bob')
  writers.alice.grant('carol')
  let said = 0

  const last = (name: Name): Dep[] => {
    const { by } = writers[name].state.holding.tenures.at(-1) ?? {}
    return by ? [depOf(by)] : []
  }

  return {
    ...world,
    /** Says something under the epoch it sees, or another. */
    say(name: Name, epoch = epochOf(writers[name].state.holding)): string {
      said += 1
      const id = `${name}${said}`
      writers[name].message(id, undefined, value(id), undefined, epoch)
      return id
    },
    ready: (name: Name): Placed =>
      writers[name].append(
        kinds.ready,
        encodeReady({ request, vector: vectorOf(writers[name].state) }),
      ),
    lease(from: Name, ready: Placed, epoch?: number): Placed {
      const { state } = writers[from]
      const payload = encodeLease({
        epoch: epoch ?? epochOf(state.holding) + 1,
        how: 'transfer',
        holder: splitLogId(ready.log).device,
        request,
        vector: vectorOf(state),
      })
      return writers[from].append(kinds.lease, payload, [placeOf(ready), ...last(from)])
    },
    take(name: Name): Placed {
      const { state } = writers[name]
      const payload = encodeLease({
        epoch: epochOf(state.holding) + 1,
        how: 'takeover',
        holder: deviceOf(name),
        request: undefined,
        vector: vectorOf(state),
      })
      return writers[name].append(kinds.lease, payload, last(name))
    },
    accept: (name: Name, lease: Placed): Placed =>
      writers[name].append(kinds.accept, encodeAccept({ vector: vectorOf(writers[name].state) }), [
        placeOf(lease),
      ]),
    decline: (name: Name, lease: Placed): Placed =>
      writers[name].append(kinds.decline, encodeDecline('declined'), [placeOf(lease)]),
    meet(): void {
      for (let round = 0; round < 4; round++) {
        for (const to of names) for (const from of names) writers[to].pull(writers[from])
      }
    },
    holder: (name: Name): Name | undefined => nameOf(holderOf(writers[name].state.holding)),
  }
}

export type LeaseWorld = ReturnType<typeof createLeaseWorld>

const name = fc.constantFrom<Name>('alice', 'alice', 'bob', 'bob', 'carol', 'mallory')
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('say'), name }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('lie'), name, epoch: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('ready'), name }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('lease'), name, of: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('accept'), name, of: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('decline'), name, of: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('take'), name }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('restart'), name }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('pull'), name, from: name }) },
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant('hand'), name, from: name, steps: fc.nat(4) }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** As it should go, up to a step at which one of them dies. */
function handOver({ writers, ...world }: LeaseWorld, from: Name, to: Name, steps: number): void {
  writers[to].pull(writers[from])
  const ready = world.ready(to)
  if (steps < 2) return
  writers[from].pull(writers[to])
  const lease = world.lease(from, ready)
  if (steps < 3) return
  writers[to].pull(writers[from])
  world.accept(to, lease)
  if (steps > 3) writers[from].pull(writers[to])
}

/** Whatever anybody signs, rightly or not. */
export const leaseWorld = fc.array(step, { maxLength: 50 }).map((steps: readonly Step[]) => {
  const world = createLeaseWorld()
  for (const each of steps) {
    const writer = world.writers[each.name]
    const placed = (kind: number, at: number): Placed | undefined => {
      const all = writer.seen.filter(({ entry }) => entry.kind === kind)
      return all.at(-1 - (at % (all.length || 1)))
    }
    if (each.op === 'say') world.say(each.name)
    else if (each.op === 'lie') world.say(each.name, each.epoch)
    else if (each.op === 'ready') world.ready(each.name)
    else if (each.op === 'take') world.take(each.name)
    else if (each.op === 'restart') writer.restart()
    else if (each.op === 'pull') writer.pull(world.writers[each.from])
    else if (each.op === 'hand') {
      handOver(world, world.holder(each.name) ?? each.from, each.name, each.steps)
    } else {
      const named = placed(each.op === 'lease' ? kinds.ready : kinds.lease, each.of)
      if (named) world[each.op](each.name, named)
    }
  }
  return world
})
