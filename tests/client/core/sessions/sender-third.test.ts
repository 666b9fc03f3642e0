/** SD13: a send again, while a third device has just made a branch of the session, in any order of events. */
import type { SendEvent, Task } from '@baton/client/core/mesh-api'
import type { SessionId } from '@baton/shared/ids'
import { splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeFile } from '@baton/shared/model/agent-entries'
import { expect, it } from 'vitest'
import type { ChannelPair } from '../../../support/channel-pair.ts'
import { agentAppends } from '../../../support/corpus/append.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { eventsOf, link, sent, twoPeers } from '../../../support/two-peers.ts'

/** Alice sent a session to bob and to carol, where it stands in a file of carol's agent. */
async function world() {
  const two = await twoPeers()
  const { alice, bob, found, options } = two
  const carol = await two.open(3)
  const pairs = [await link(alice, bob), await link(alice, carol)]
  await sent(alice, found.id, options)
  const copy = await sent(alice, found.id, { ...options, to: carol.device })
  for (const pair of pairs) pair.cut()
  return { ...two, carol, session: copy.receipt.session, copy: copy.placed?.path as string }
}

const blob = new Uint8Array(100_000).map((_, i) => (i * 7919) >> 3)

/** Carol writes an entry that names a blob, as a large file of her agent is. */
async function writesBlob(carol: TestPeer, session: SessionId): Promise<void> {
  const { hash, bytes } = await carol.repository.blobs.add(async function* () {
    yield blob
  })
  const content = { blob: hash, bytes }
  await carol.repository.write(session, (to) => {
    to.append(kinds.file, encodeFile({ epoch: 0, file: 'tool-results/a.txt', content }))
    return []
  })
}

it('SD13 what a third device left half behind is in the way of no send', async () => {
  const { alice, bob, carol, session, found, options } = await world()
  await writesBlob(carol, session)
  for (const { log } of carol.repository.heads(session)) {
    if (splitLogId(log).device !== carol.device) continue
    for await (const delta of carol.repository.read(log, 0)) await alice.repository.receive(delta)
    expect(alice.repository.lacking(log)).toHaveLength(1)
  }
  await alice.repository.flush()
  await link(alice, bob)
  agentAppends(found.path, 2, 1)
  const done = await sent(alice, found.id, options)
  expect(done.receipt.records).toBeGreaterThan(0)
  // And goes once its device is back.
  await link(alice, carol)
  for (let turn = 0; turn < 2000; turn++) {
    const last = alice.repository.heads(session)
    if (last.every(({ log }) => bob.repository.lacking(log).length === 0)) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  const heads = alice.repository.heads(session)
  expect(heads.flatMap(({ log }) => bob.repository.lacking(log))).toEqual([])
})

/** The same numbers for a seed. */
function dice(seed: number): (below: number) => number {
  let state = seed * 2654435761
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0
    return (state >>> 8) % below
  }
}

/** Delivers what waits, one message at a time, in an order by the dice; true while there was any. */
function stepSome(pairs: readonly ChannelPair[], roll: (below: number) => number): boolean {
  const lanes = ['control', 'live', 'bulk'] as const
  for (let tries = 0; tries < 12; tries++) {
    const pair = pairs[roll(pairs.length)] as ChannelPair
    if (pair.step(roll(2) === 0 ? 'alice' : 'bob', lanes[roll(3)])) return true
  }
  return pairs.some((pair) => pair.step('alice') || pair.step('bob'))
}

/** Ends with how long it took by the clock of the sender, ms. */
async function run(task: Task<SendEvent>, alice: TestPeer, step: () => boolean) {
  let over = false
  const from = alice.clock.monotonic()
  const events = eventsOf(task).finally(() => {
    over = true
  })
  for (let last = performance.now(); !over; ) {
    step()
    await new Promise((resolve) => setImmediate(resolve))
    // Files are read and written meanwhile: its clock is as fast as that of the disk.
    const now = performance.now()
    await alice.clock.elapse(now - last)
    last = now
  }
  return { last: (await events).at(-1), ms: alice.clock.monotonic() - from }
}

it.each(Array.from({ length: 12 }, (_, i) => i + 1))(
  'SD13 no order of a branch and a send stands still: seed %i',
  async (seed) => {
    const { alice, bob, carol, session, found, options, copy } = await world()
    const roll = dice(seed)
    const pairs = [await link(alice, bob, false), await link(alice, carol, false)]
    const acts = [
      async () => agentAppends(copy, 2, seed),
      async () => {
        await carol.taking.session(session, { thorough: true })
      },
      () => writesBlob(carol, session),
      async () => {
        await alice.taking.session(session, { thorough: true })
      },
      async () => agentAppends(found.path, 1, seed),
    ]
    const working: Promise<unknown>[] = []
    const task = alice.send(found.id, options)
    const { last, ms } = await run(task, alice, () => {
      if (acts.length > 0 && roll(6) === 0) {
        const act = acts.shift()
        if (act) working.push(act())
        return true
      }
      return stepSome(pairs, roll) || acts.length > 0
    })
    await Promise.all(working)
    expect(last).toMatchObject({ at: 'done' })
    expect(ms).toBeLessThan(10_000)
  },
)
