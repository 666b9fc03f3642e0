/** FL1 to FL3: what follows a send by itself, and what does not stop it. */
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { createFollower, settleMs } from '@baton/client/core/follower'
import type { Source } from '@baton/client/core/ports/source'
import { BatonError } from '@baton/shared/errors'
import { expect, it, onTestFinished, vi } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { eventually } from '../../../support/mesh-world.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

/** A follower over the parts of a peer; its source tells of changes when the test says so. */
function follow(peer: TestPeer, live = false) {
  const traced: unknown[] = []
  const wakes = new Map<string, () => void>()
  const stopped: string[] = []
  const source: Source = { ...(peer.source as Source), live: async () => live }
  const files: TestPeer['library'] = {
    ...peer.library,
    async filesOf(session) {
      return (await peer.library.filesOf(session)).map(({ source: real, found }) => ({
        found,
        source: {
          ...real,
          watch: ({ path }, wake) => {
            wakes.set(path, wake)
            return () => void stopped.push(path)
          },
        },
      }))
    },
  }
  const follower = createFollower({
    self: peer.device,
    primitives: nodePrimitives,
    clock: peer.clock,
    trace: (...line) => void traced.push(line),
    library: files,
    placing: peer.placing,
    transcripts: peer.transcripts,
    sharing: peer.sharing,
    taking: peer.taking,
    sourceOf: () => source,
  })
  onTestFinished(() => follower.close())
  const wake = () => {
    for (const run of wakes.values()) run()
  }
  return { follower, traced, wake, wakes, stopped }
}

/** A session that alice began and bob has a placed copy of. */
async function followed() {
  const two = await twoPeers()
  await link(two.alice, two.bob)
  const { receipt, placed } = await sent(two.alice, two.found.id, two.options)
  return { ...two, session: receipt.session, copy: placed?.path as string }
}

const textOf = (path: string) => readFileSync(path, 'utf8')
/** What placing changes in the records that agents of these tests append. */
const plain = (line: string) =>
  line.replace(/"permissionMode":"[^"]*"/, '"permissionMode":"default"')

it('FL1 what an agent appends to a shared session is taken and goes to its members by itself', async () => {
  const { alice, bob, session, found } = await followed()
  const { follower, wake, wakes } = follow(alice)
  await follower.start()
  await follower.watch(session)
  expect([...wakes.keys()]).toEqual([found.path])
  const before = bob.repository.heads(session).reduce((sum, { seq }) => sum + seq, 0)
  agentAppends(found.path, 3, 1)
  wake()
  await eventually(async () => {
    const now = bob.repository.heads(session).reduce((sum, { seq }) => sum + seq, 0)
    return now === before + 3 ? true : undefined
  })
})

it('FL2 a copy that its agent did not touch is extended as the origin goes on', async () => {
  const { alice, bob, session, found, copy } = await followed()
  const { follower } = follow(bob)
  const before = textOf(copy)
  const lines = agentAppends(found.path, 3, 1)
  await alice.taking.ref(found.id)
  const wanted = alice.repository.frontier(session)
  await eventually(async () =>
    String(bob.repository.frontier(session)) === String(wanted) ? true : undefined,
  )
  follower.received(session)
  bob.clock.advance(settleMs - 1)
  await turn()
  expect(textOf(copy)).toBe(before)
  bob.clock.advance(1)
  const after = before + lines.map((line) => `${plain(line)}\n`).join('')
  await eventually(async () => (textOf(copy) === before ? undefined : true))
  await eventually(async () => (textOf(copy).length < after.length ? undefined : true))
  expect(textOf(copy)).toBe(after)
})

it.each(['went on with it', 'is running', 'is the author'])(
  'FL2 a copy is left as it is when its agent %s',
  async (what) => {
    const { alice, bob, session, found, copy } = await followed()
    const peer = what === 'is the author' ? alice : bob
    const { follower, traced } = follow(peer, what === 'is running')
    const placing = vi.spyOn(peer.placing, 'place')
    if (what === 'went on with it') agentAppends(copy, 1, 2)
    const before = textOf(copy)
    agentAppends(found.path, 3, 1)
    await alice.taking.ref(found.id)
    const { pending } = peer.clock
    follower.received(session)
    await peer.clock.elapse(settleMs)
    // The next look is armed when this one is over.
    await eventually(async () => {
      follower.received(session)
      return peer.clock.pending > pending ? true : undefined
    })
    expect(placing).not.toHaveBeenCalled()
    expect(textOf(copy)).toBe(before)
    expect(traced).toEqual([])
  },
)

it('FL3 a failure is traced by its code, and the next change is tried again', async () => {
  const { alice, bob, session, found } = await followed()
  const { follower, wake, traced } = follow(alice)
  await follower.start()
  const taking = vi.spyOn(alice.taking, 'file')
  taking.mockRejectedValueOnce(new BatonError('store-full', 'a secret'))
  taking.mockRejectedValueOnce(new TypeError('a secret'))
  agentAppends(found.path, 1, 1)
  wake()
  wake()
  await eventually(async () => (traced.length === 2 ? true : undefined))
  expect(traced).toMatchObject([
    ['take.failed', { error: 'store-full' }],
    ['take.failed', { error: 'type-error' }],
  ])
  expect(JSON.stringify(traced)).not.toContain('secret')
  const { seq = 0 } = bob.repository.heads(session)[0] ?? {}
  wake()
  await eventually(async () =>
    (bob.repository.heads(session)[0]?.seq ?? 0) > seq ? true : undefined,
  )
  const other = follow(bob)
  const folding = vi.spyOn(bob.transcripts, 'state')
  folding.mockRejectedValueOnce(new BatonError('store-corrupt', 'a secret'))
  for (let tries = 1; tries <= 2; tries++) {
    other.follower.received(session)
    await bob.clock.elapse(settleMs)
    await eventually(async () => (folding.mock.calls.length >= tries ? true : undefined))
    await turn()
  }
  expect(other.traced).toMatchObject([['follow.failed', { error: 'store-corrupt' }]])
})

it('FL3 news that never pauses is looked at all the same, and never twice at once', async () => {
  const { bob, session } = await followed()
  const { follower } = follow(bob)
  let looking = 0
  let most = 0
  const folding = vi.spyOn(bob.transcripts, 'state').mockImplementation(async () => {
    most = Math.max(most, ++looking)
    for (let i = 0; i < 20; i++) await turn()
    looking -= 1
    throw new BatonError('not-found', 'nothing')
  })
  for (let ms = 0; ms < settleMs * 4; ms += 10) {
    follower.received(session)
    await bob.clock.elapse(10)
  }
  expect(folding.mock.calls.length).toBeGreaterThanOrEqual(2)
  expect(most).toBe(1)
})

it('FL3 news that comes during a look is looked at after it', async () => {
  const { bob, session } = await followed()
  const { follower } = follow(bob)
  const folding = vi.spyOn(bob.transcripts, 'state').mockImplementation(async () => {
    if (folding.mock.calls.length === 1) follower.received(session)
    throw new BatonError('not-found', 'nothing')
  })
  follower.received(session)
  for (let looks = 1; looks <= 3; looks++) {
    await bob.clock.elapse(settleMs)
    for (let i = 0; i < 5; i++) await turn()
    expect(folding.mock.calls).toHaveLength(Math.min(looks, 2))
  }
})

it('FL3 a closed follower stops watching, and leaves no timer', async () => {
  const { alice, session, found } = await followed()
  const { follower, stopped } = follow(alice)
  await follower.start()
  const { pending } = alice.clock
  follower.received(session)
  expect(alice.clock.pending).toBe(pending + 1)
  follower.close()
  expect(stopped).toEqual([found.path])
  expect(alice.clock.pending).toBe(pending)
  follower.received(session)
  expect(alice.clock.pending).toBe(pending)
})
