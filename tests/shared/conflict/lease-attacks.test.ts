/** LE3, LE6, LE12, LE13: what a device that may write could sign to take a session back, or to cost others time. */

import { history } from '@baton/shared/conflict/conflicts'
import { noCuts } from '@baton/shared/conflict/cuts'
import { createDocument, type DocumentState, nothingKnown } from '@baton/shared/conflict/document'
import { beginAnew } from '@baton/shared/conflict/document-anew'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { holderOf } from '@baton/shared/conflict/leases'
import { joinLogId } from '@baton/shared/ids'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import { genesisPayload } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import { encodeLease } from '@baton/shared/model/lease-entries'
import { encodeRedaction } from '@baton/shared/model/redaction'
import { describe, expect, it } from 'vitest'
import { deviceOf, fold, heldSession, nextOf, session } from '../../support/document-world.ts'
import { createLeaseWorld, nameOf, placeOf } from '../../support/lease-world.ts'
import { nodePrimitives } from '../../support/signer.ts'

const { sha256 } = nodePrimitives
const ids = (state: DocumentState) => history(state).map(({ id }) => id)
const held = (state: DocumentState) => nameOf(holderOf(state.holding))

function handedOver() {
  const world = createLeaseWorld()
  world.say('alice')
  world.meet()
  const ready = world.ready('bob')
  world.meet()
  // In a log of its own.
  world.writers.alice.restart()
  const lease = world.lease('alice', ready)
  world.meet()
  const accept = world.accept('bob', lease)
  world.say('bob')
  world.meet()
  return { world, ready, lease, accept }
}

describe('who gave a session away', () => {
  it('LE3 does not take it back by many leases of the same epoch', () => {
    const { world, ready } = handedOver()
    for (let i = 0; i < 100; i++) world.lease('alice', ready, 1)
    world.meet()
    expect(held(fold(world.all))).toBe('bob')
    expect(ids(fold(world.all))).toEqual(['alice1', 'bob2'])
  })

  it('LE12 does not take it back by saying its log again without the lease', () => {
    const { world, lease } = handedOver()
    world.writers.alice.restart()
    const head = {
      ...{ log: lease.log, seq: lease.entry.seq, hash: new Uint8Array(32) },
      signature: new Uint8Array(64),
    }
    world.writers.alice.append(kinds.checkpoint, encodeCheckpoint([head]))
    world.meet()
    expect(held(fold(world.all))).toBe('bob')
    expect(held(fold([...world.all].reverse().sort((a, b) => a.entry.seq - b.entry.seq)))).toBe(
      'bob',
    )
  })

  it('LE12 does not take it back by taking the lease back as if it were a message', () => {
    const world = createLeaseWorld()
    world.say('alice')
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    const lease = world.lease('alice', ready)
    const stamp = lease.entry.stamp
    const payload = encodeRedaction({
      ...{ stamp, epoch: 0, id: 'x', parent: undefined, consumes: undefined },
    })
    world.writers.alice.append(kinds.redact, payload, [placeOf(lease)])
    const { bob } = world.writers
    bob.pull(world.writers.alice)
    world.accept('bob', lease)
    world.meet()
    const late = world.all.filter(({ log }) => log === ready.log)
    const rest = world.all.filter(({ log }) => log !== ready.log)
    expect(held(fold(world.all))).toBe('bob')
    // It waited for the ready when it was taken back.
    const kept = fold(rest)
    for (const { log, entry } of late) foldDocument(kept, sha256, log, nextOf(entry))
    expect(held(kept)).toBe('bob')
  })

  it('LE6 does not take it back by a transfer to itself', () => {
    const { world, lease } = handedOver()
    const own = world.ready('alice')
    world.writers.alice.restart()
    const payload = encodeLease({
      ...{ epoch: 1, how: 'transfer', holder: deviceOf('alice') },
      ...{ request: undefined, vector: new Map() },
    })
    const back = world.writers.alice.append(kinds.lease, payload, [placeOf(own)])
    world.accept('alice', back)
    // Of two that count the one with the smaller hash would.
    const large = new Uint8Array(32).fill(255)
    let state = createDocument(session, nothingKnown(noCuts))
    for (let round = 0; round < 3; round++) {
      state = beginAnew(state)
      for (const { log, entry } of world.all) {
        const next = nextOf(entry)
        foldDocument(state, sha256, log, entry === lease.entry ? { ...next, hash: large } : next)
      }
    }
    expect(held(state)).toBe('bob')
  })
})

describe('an author that described its session twice', () => {
  it('LE3 at the same time is taken at the same word by all', () => {
    const world = createLeaseWorld()
    world.writers.alice.restart()
    const other = joinLogId(session, deviceOf('alice'), new Uint8Array(8).fill(77))
    const open = {
      log: other,
      entry: {
        ...{ kind: kinds.genesis, seq: 1, stamp: { ms: 5, counter: 0 }, deps: [] },
        payload: genesisPayload({
          predecessor: undefined,
          descriptor: { ...heldSession, open: true },
        }),
      },
    }
    const [a, b] = [fold([...world.all, open]), fold([open, ...world.all])]
    expect(a.descriptor).toEqual(b.descriptor)
    expect(held(a)).toBe(held(b))
  })
})

/** Of the processor, ms: what else the machine does meanwhile is not counted. */
function spent(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Of several tries: garbage only adds to it. */
const least = (time: (n: number) => number, n: number): number =>
  Math.min(...[1, 2, 3].map(() => time(n)))

describe('a flood', () => {
  it('LE13 of words under epochs that nobody holds, and of readies, takes time by their number', () => {
    const time = (n: number) => {
      const world = createLeaseWorld()
      const state = createDocument(session, nothingKnown(noCuts))
      for (const { log, entry } of world.all) foldDocument(state, sha256, log, nextOf(entry))
      state.stale = false
      world.ready('bob')
      const ready = world.all.at(-1)
      if (!ready) throw new Error('none')
      const log = ready.log
      let seq = 1
      foldDocument(state, sha256, log, nextOf((world.all.at(-2) as typeof ready).entry))
      const started = spent()
      for (let i = 0; i < n; i++) {
        for (const [kind, payload] of [
          [kinds.message, [i + 1, `m${i}`, null, 'x', null]],
          [kinds.ready, ready.entry.payload],
        ] as const) {
          seq += 1
          const entry = { ...ready.entry, kind, payload: payload as never, seq, deps: [] }
          foldDocument(state, sha256, log, nextOf(entry))
        }
      }
      return spent() - started
    }
    time(200)
    const [small, large] = [least(time, 500), least(time, 3000)]
    expect(large / small).toBeLessThan(20)
  })

  it('LE13 of takeovers and readies takes time by their number', () => {
    const time = (n: number) => {
      const world = createLeaseWorld()
      const state = createDocument(session, nothingKnown(noCuts))
      for (const { log, entry } of world.all) foldDocument(state, sha256, log, nextOf(entry))
      state.stale = false
      const ready = world.ready('bob')
      const { log } = ready
      let seq = 1
      foldDocument(state, sha256, log, nextOf((world.all.at(-2) as typeof ready).entry))
      const started = spent()
      let before: { log: typeof log; seq: number; hash: Uint8Array }[] = []
      for (let i = 0; i < n; i++) {
        seq += 1
        const payload = encodeLease({
          ...{ epoch: i + 1, how: 'takeover', holder: deviceOf('bob'), request: undefined },
          vector: new Map(),
        })
        const entry = { ...ready.entry, kind: kinds.lease, payload, seq, deps: before }
        foldDocument(state, sha256, log, nextOf(entry))
        before = [{ log, seq, hash: new Uint8Array(8) }]
        seq += 1
        const said = [1e6 + i, `m${i}`, null, 'x', null]
        const message = { ...ready.entry, kind: kinds.message, payload: said, seq, deps: [] }
        foldDocument(state, sha256, log, nextOf(message))
        seq += 1
        foldDocument(state, sha256, log, nextOf({ ...ready.entry, seq, deps: [] }))
      }
      expect(state.holding.tenures.length).toBe(n + 1)
      return spent() - started
    }
    time(200)
    const [small, large] = [least(time, 500), least(time, 3000)]
    expect(large / small).toBeLessThan(20)
  })
})
