/** HF7: either end of a transfer is killed at each of its writes, and goes on from its disk. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Store } from '@baton/client/core/ports/store'
import { describe, expect, it } from 'vitest'
import {
  type HandoffPeer,
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  shownBy,
  soon,
  told,
} from '../../../support/handoff-peers.ts'

/** A store that a process loses at its n-th write from when it is armed: nothing more reaches the disk. */
function dying() {
  const disk = createMemoryStore()
  let left = Number.POSITIVE_INFINITY
  let writes = 0
  let died = (): void => undefined
  const store: Store = {
    ...disk,
    async write(rows) {
      writes += 1
      if (left <= 0) return await new Promise<never>(() => undefined)
      left -= 1
      if (left === 0) {
        died()
        return await new Promise<never>(() => undefined)
      }
      return disk.write(rows)
    },
    close: async () => undefined,
  }
  return {
    disk,
    store,
    count: () => writes,
    /** Resolves when it is over. */
    kill(after: number): Promise<void> {
      left = after
      return new Promise((resolve) => {
        died = () => resolve(undefined)
      })
    },
  }
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Runs a transfer whose `victim` dies at its write `at`; false when it did not come to that. */
async function killed(victim: 'source' | 'target', at: number, both: boolean): Promise<boolean> {
  const stores = { source: dying(), target: dying() }
  const alice = await openHandoffPeer(1, { store: stores.source.store })
  const bob = await openHandoffPeer(2, { store: stores.target.store })
  const pair = await joinPeers(alice, bob)
  await bob.handoffs.setPolicy('always')
  const here = await heldBy(alice, bob.self)
  const { session } = here
  await soon(async () => (await bob.documents.state(session)).writers.has(bob.self) || undefined)
  const acknowledged = ['begun']
  const before = stores[victim].count()
  const death = stores[victim].kill(at)
  const task = alice.handoffs.hand(session, { to: bob.self, kind: 'transfer' })
  const over = told(task).then(() => 'over' as const)
  const end = await Promise.race([
    over,
    death.then(() => 'died' as const),
    turns(400).then(() => 'stuck' as const),
  ])
  if (end === 'over' && stores[victim].count() - before < at) return false
  pair.cut()
  for (const peer of both ? [alice, bob] : [victim === 'source' ? alice : bob])
    peer.handoffs.close()
  const dead = victim === 'source' ? 1 : 2
  const survivor = victim === 'source' ? bob : alice
  const again = await openHandoffPeer(dead, { store: stores[victim].disk, run: at })
  const other = both
    ? await openHandoffPeer(3 - dead, {
        store: victim === 'source' ? stores.target.disk : stores.source.disk,
        run: 50 + at,
      })
    : survivor
  expect(survivor.self).toBe(other.self)
  const [source, target] = victim === 'source' ? [again, other] : [other, again]
  await joinPeers(source, target)
  await agreed(session, source, target)
  const [holder] = await holders(session, source, target)
  const holding = [source, target][holder as number] as HandoffPeer
  const idle = [source, target][1 - (holder as number)] as HandoffPeer
  const document = await holding.documents.open(session)
  await document.say('after')
  acknowledged.push('after')
  const passive = await idle.documents.open(session)
  await expect(passive.say('x')).rejects.toMatchObject({ code: 'not-holder' })
  await soon(async () => ((await shownBy(passive)).length === 2 ? true : undefined))
  expect(await shownBy(document)).toEqual(acknowledged)
  expect(await shownBy(passive)).toEqual(acknowledged)
  for (const peer of [source, target]) {
    expect((await peer.documents.state(session)).beside.messages.size).toBe(0)
    for (const { state } of await peer.handoffs.list()) expect(state).not.toBe('accepted')
  }
  return true
}

/** Both see one and the same holder, and nothing is under way. */
async function agreed(session: string, ...peers: readonly HandoffPeer[]): Promise<void> {
  await soon(async () => {
    const all = await holders(session, ...peers)
    const lists = await Promise.all(peers.map((peer) => peer.handoffs.list()))
    const open = lists.flat().some(({ state }) => ['pending', 'accepted'].includes(state))
    return all[0] !== undefined && all.every((each) => each === all[0]) && !open ? true : undefined
  })
}

describe.each([
  ['source', false],
  ['source', true],
  ['target', false],
  ['target', true],
] as const)('the %s, and the other end with it: %s', (victim, both) => {
  it('HF7 killed at any of its writes leaves the session with exactly one, nothing lost or doubled', async () => {
    let runs = 0
    for (let at = 1; at <= 40; at++) {
      if (!(await killed(victim, at, both))) break
      runs = at
    }
    expect(runs).toBeGreaterThan(3)
    expect(runs).toBeLessThan(40)
  })
})
