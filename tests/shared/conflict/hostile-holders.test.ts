/** LE15, LE16: a device that may write, and lies about what it knew or said: little comes of it, and all see it. */
import { history } from '@baton/shared/conflict/conflicts'
import type { Cuts } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { stateDigest } from '@baton/shared/conflict/document-state'
import { epochOf, holderOf } from '@baton/shared/conflict/leases'
import { mainLine } from '@baton/shared/conflict/messages'
import { spokenUpTo } from '@baton/shared/conflict/spoken'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { encodeAgain } from '@baton/shared/log/again'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import type { Dep } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { encodeMessage } from '@baton/shared/model/document-entries'
import { encodeLease } from '@baton/shared/model/lease-entries'
import { describe, expect, it } from 'vitest'
import { deviceOf, fold, type Name, type Placed, value } from '../../support/document-world.ts'
import { createLeaseWorld, type LeaseWorld, nameOf, placeOf } from '../../support/lease-world.ts'
import { nodePrimitives } from '../../support/signer.ts'

const { sha256 } = nodePrimitives
const ids = (state: DocumentState) => history(state).map(({ id }) => id)
const beside = (state: DocumentState) => [...state.beside.messages.keys()].sort()
const held = (state: DocumentState) => nameOf(holderOf(state.holding))

/** The fold, after every order in which whole logs may come gave the same. */
function folded({ all }: Pick<LeaseWorld, 'all'>, cuts?: Cuts): DocumentState {
  const logs = [...new Set(all.map(({ log }) => log))]
  const of = (order: readonly LogId[]) =>
    fold(
      order.flatMap((log) => all.filter((each) => each.log === log)),
      cuts,
    )
  const state = of(logs)
  for (let turn = 1; turn < logs.length; turn++) {
    const order = [...logs.slice(turn), ...logs.slice(0, turn)]
    for (const other of [of(order), of([...order].reverse())]) {
      expect(stateDigest(sha256, other)).toEqual(stateDigest(sha256, state))
      expect(other.hidden.length).toBe(state.hidden.length)
    }
  }
  return state
}

/** Nothing that a device wrote from its nth entry on counts: it was removed by who had seen so much. */
const without =
  (name: Name, seen: number): Cuts =>
  (log) =>
    splitLogId(log).device === deviceOf(name) ? { seq: seen, reason: 'revoked' } : undefined

function take(world: LeaseWorld, epoch: number, after: Dep[], vector: ReadonlyMap<LogId, number>) {
  const payload = encodeLease({
    ...{ epoch, how: 'takeover', holder: deviceOf('carol'), request: undefined, vector },
  })
  return world.writers.carol.append(kinds.lease, payload, after)
}

const logOf = (world: LeaseWorld, name: Name) =>
  world.all.find(({ log }) => splitLogId(log).device === deviceOf(name))?.log as LogId

describe('who takes a session by force, and says untruly what it knew', () => {
  it('LE15 that it knew nothing: the words of the last holder stand beside, listed for all', () => {
    const world = createLeaseWorld()
    world.say('alice')
    world.say('alice')
    world.meet()
    take(world, 1, [], new Map())
    world.say('carol')
    world.meet()
    const state = folded(world)
    expect([held(state), ids(state)]).toEqual(['carol', ['carol3']])
    expect(beside(state)).toEqual(['alice1', 'alice2'])
    expect(state.hidden.map(({ reason }) => reason)).toEqual(['split', 'split'])
  })

  it('LE15 that it knew what nobody wrote yet: the last holder speaks on in its epoch, before the liar', () => {
    const world = createLeaseWorld()
    world.say('alice')
    world.meet()
    take(world, 1, [], new Map([[logOf(world, 'alice'), 2 ** 40]]))
    world.say('carol')
    world.say('alice', 0)
    world.meet()
    const state = folded(world)
    expect(ids(state)).toEqual(['alice1', 'alice3', 'carol2'])
    expect([beside(state), state.hidden]).toEqual([[], []])
  })

  it('LE15 of an epoch long past: what came since stands beside, and is back when the liar is removed', () => {
    const world = createLeaseWorld()
    world.say('alice')
    world.meet()
    const ready = world.ready('bob')
    world.meet()
    const lease = world.lease('alice', ready)
    world.meet()
    world.accept('bob', lease)
    world.say('bob')
    world.writers.alice.set(['config', 'a'], value(1))
    world.meet()
    const before = folded(world)
    expect([held(before), ids(before)]).toEqual(['bob', ['alice1', 'bob2']])
    take(world, 1, [], new Map([[logOf(world, 'alice'), 2 ** 40]]))
    world.say('carol')
    world.meet()
    const after = folded(world)
    expect([held(after), ids(after)]).toEqual(['carol', ['alice1', 'carol3']])
    expect(beside(after)).toEqual(['bob2'])
    // Whoever wants it has it again, and whoever removes her has it as it was.
    const removed = folded(world, without('carol', 0))
    expect([held(removed), ids(removed)]).toEqual(['bob', ['alice1', 'bob2']])
    expect([epochOf(removed.holding), beside(removed)]).toEqual([1, []])
  })
})

/** `name` says a message as if it had stood at `place` before, in a log apart. */
function sayAgain(world: LeaseWorld, name: Name, place: Dep, id: string, epoch: number): Placed {
  const payload = encodeMessage({
    ...{ epoch, id, parent: undefined, consumes: undefined, held: value('made up') },
  })
  const said = { kind: kinds.message, seq: 1, stamp: { ms: 5, counter: 0 }, deps: [], payload }
  return world.writers[name].append(kinds.again, encodeAgain([place], said))
}

/** Alice said something and handed the session to bob, who goes on with it. */
function handedOver() {
  const world = createLeaseWorld()
  world.writers.alice.restart()
  world.say('alice')
  const first = world.all.at(-1) as Placed
  world.writers.alice.restart()
  world.meet()
  const ready = world.ready('bob')
  world.meet()
  const lease = world.lease('alice', ready)
  world.meet()
  world.accept('bob', lease)
  world.say('bob')
  world.meet()
  return { world, first }
}

describe('who says again what nobody said', () => {
  it('LE16 at a place of another device that counts: it is hidden, and nobody speaks with its voice', () => {
    const { world, first } = handedOver()
    for (const name of ['carol', 'bob'] as const) sayAgain(world, name, placeOf(first), name, 0)
    world.meet()
    const state = folded(world)
    expect(ids(state)).toEqual(['alice1', 'bob2'])
    expect(state.hidden.map(({ reason }) => reason)).toEqual(['not-hidden', 'not-hidden'])
  })

  it('LE16 at its own place from when it held: in its own name and epoch, never in the line of the holder', () => {
    const { world, first } = handedOver()
    const { alice } = world.writers
    const receipt = spokenUpTo(sha256, folded(world), 0)
    alice.restart()
    sayAgain(world, 'alice', placeOf(first), 'made-up', 0)
    sayAgain(world, 'alice', placeOf(first), 'of-bob', 1)
    const head = {
      ...{ log: first.log, seq: first.entry.seq, hash: new Uint8Array(32) },
      signature: new Uint8Array(64),
    }
    alice.append(kinds.checkpoint, encodeCheckpoint([head]))
    world.meet()
    const state = folded(world)
    expect(held(state)).toBe('bob')
    const made = state.messages.get('made-up')
    expect([nameOf(made?.write.device), made?.epoch]).toEqual(['alice', 0])
    // Under the epoch of another it is as fenced as anything that she says now.
    expect([state.messages.has('of-bob'), beside(state)]).toEqual([false, ['of-bob']])
    expect(mainLine(state.messages, holderOf(state.holding)).map(({ id }) => id)).not.toContain(
      'made-up',
    )
    // The receipt of what went over says how many there were, and a hash of all of them.
    expect(spokenUpTo(sha256, state, 0).digest).not.toEqual(receipt.digest)
  })

  it('LE16 beyond the cut of a device that was removed: as the word of who says it, beside the holder', () => {
    const { world, first } = handedOver()
    const beyond = { ...placeOf(first), seq: first.entry.seq + 7 }
    sayAgain(world, 'carol', beyond, 'made-up', 0)
    world.meet()
    const cuts: Cuts = (log) =>
      log === first.log ? { seq: first.entry.seq, reason: 'revoked' } : undefined
    const state = folded(world, cuts)
    expect(held(state)).toBe('bob')
    const made = state.messages.get('made-up') ?? state.beside.messages.get('made-up')
    expect(nameOf(made?.write.device)).toBe('carol')
    expect(mainLine(state.messages, holderOf(state.holding)).map(({ id }) => id)).toEqual(['bob2'])
  })
})
