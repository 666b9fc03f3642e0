/** The sync machine against another one, in every order of what is delivered, flushed and written. */
import type { LogId } from '@baton/shared/ids'
import { logRef } from '@baton/shared/log/log-ref'
import { encodeSync, parseSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSim, logs, roller, type Side, type Sim, sessions } from '../../support/sync-sim.ts'
import { tries } from '../../support/tries.ts'

const seqs = fc.array(fc.nat(6), { minLength: 6, maxLength: 6 })
const seed = fc.nat()

function fill(side: Side, held: readonly number[], acks: readonly number[]): void {
  for (const [i, log] of logs.entries()) {
    side.held.set(log, held[i] ?? 0)
    side.durable.set(log, held[i] ?? 0)
    if (acks[i]) side.acks.set(log, acks[i] as number)
  }
}

function open({ alice, bob }: Sim): void {
  alice.step({ kind: 'open' })
  bob.step({ kind: 'open' })
}

/** What 15 s without a word do on both sides, as often as there is something to say. */
function idle(sim: Sim, roll: () => number): void {
  for (let i = 0; i < 4; i++) {
    for (const side of [sim.alice, sim.bob]) {
      side.step({ kind: 'idle' })
      sim.settle(roll)
    }
  }
}

const holds = (side: Side) => logs.map((log) => side.held.get(log) ?? 0)
const union = (a: readonly number[], b: readonly number[]) =>
  a.map((seq, i) => Math.max(seq, b[i] ?? 0))

describe('two sides', () => {
  it('SY3 end up with the same whatever each held and believed, in any order of delivery', () => {
    fc.assert(
      fc.property(seqs, seqs, seqs, seqs, seed, (a, b, aAcks, bAcks, from) => {
        const sim = createSim()
        fill(sim.alice, a, aAcks)
        fill(sim.bob, b, bAcks)
        const roll = roller(from)
        open(sim)
        sim.settle(roll)
        idle(sim, roll)
        expect(holds(sim.alice)).toEqual(union(a, b))
        expect(holds(sim.bob)).toEqual(union(a, b))
        expect([sim.alice.settled, sim.bob.settled]).toEqual([true, true])
      }),
      { numRuns: tries(150) },
    )
  })

  it('SY4 say nothing more once they hold the same, however long they wait', () => {
    fc.assert(
      fc.property(seqs, seqs, seqs, seed, fc.boolean(), (a, b, acks, from, refuses) => {
        const sim = createSim()
        fill(sim.alice, a, acks)
        fill(sim.bob, b, acks)
        if (refuses) sim.bob.refuses.add(sessions[1] as (typeof sessions)[number])
        const roll = roller(from)
        open(sim)
        sim.settle(roll)
        idle(sim, roll)
        const said = [sim.alice.said.length, sim.bob.said.length]
        idle(sim, roll)
        expect([sim.alice.said.length, sim.bob.said.length]).toEqual(said)
      }),
      { numRuns: tries(150) },
    )
  })

  it('SY4 that hold the same say HELLO and nothing else', () => {
    fc.assert(
      fc.property(seqs, seed, (held, from) => {
        const sim = createSim()
        fill(sim.alice, held, held)
        fill(sim.bob, held, held)
        open(sim)
        sim.settle(roller(from))
        idle(sim, roller(from))
        expect([sim.alice.said, sim.bob.said]).toEqual([['hello'], ['hello']])
        expect([sim.alice.settled, sim.bob.settled]).toEqual([true, true])
      }),
    )
  })

  it('SY5 give news in one message each way, and the answer is one ACK', () => {
    const sim = createSim()
    const held = [3, 2, 1, 0, 0, 0]
    fill(sim.alice, held.with(0, 4), held)
    fill(sim.bob, held, held)
    open(sim)
    sim.settle()
    idle(sim, roller(1))
    expect(sim.alice.said).toEqual(['hello', 'data'])
    expect(sim.bob.said).toEqual(['hello', 'ack'])
    expect(holds(sim.bob)).toEqual(held.with(0, 4))
  })

  it('SY5 never give back what came from the other side', () => {
    fc.assert(
      fc.property(seqs, seqs, seed, (a, grows, from) => {
        const sim = createSim()
        fill(sim.alice, a, a)
        fill(sim.bob, a, a)
        const roll = roller(from)
        open(sim)
        sim.settle(roll)
        for (const [i, log] of logs.entries()) {
          if (grows[i]) sim.alice.grow(log, grows[i] as number)
          if (roll() % 2) sim.settle(roll)
        }
        sim.settle(roll)
        expect(sim.bob.said.filter((kind) => kind === 'data')).toEqual([])
        expect(holds(sim.bob)).toEqual(holds(sim.alice))
      }),
    )
  })

  it('SY6 believe a peer that lost data, and give it back', () => {
    fc.assert(
      fc.property(seqs, seqs, seed, (held, lost, from) => {
        const sim = createSim()
        fill(sim.alice, held, held)
        const left = held.map((seq, i) => Math.max(0, seq - (lost[i] ?? 0)))
        fill(sim.bob, left, held)
        const roll = roller(from)
        open(sim)
        sim.settle(roll)
        expect(holds(sim.bob)).toEqual(held)
        for (const log of logs) {
          expect(sim.alice.acks.get(log) ?? 0).toBeLessThanOrEqual(sim.bob.durable.get(log) ?? 0)
        }
      }),
      { numRuns: tries(150) },
    )
  })

  it('SY7 do not believe that a peer has what they cannot compare: it may have another history', () => {
    const { alice } = createSim()
    const log = logs[0] as LogId
    fill(alice, [3], [])
    alice.step({ kind: 'open' })
    const ack = (seq: number) => {
      const message = parseSync(encodeSync([syncTypes.ack, [[logRef(log), seq]]]))
      if (message) alice.step({ kind: 'message', message })
    }
    ack(4)
    expect(alice.acks.get(log)).toBe(undefined)
    ack(3)
    expect(alice.acks.get(log)).toBe(3)
  })

  it('SY7 believe only what is acknowledged as durable', () => {
    const check = (side: Side, other: Side) => {
      const believed = (log: LogId) => (side.acks.get(log) ?? 0) > (other.durable.get(log) ?? 0)
      expect(logs.filter(believed)).toEqual([])
    }
    fc.assert(
      fc.property(seqs, seqs, seed, seqs, (a, b, from, grows) => {
        const sim = createSim()
        fill(sim.alice, a, [])
        fill(sim.bob, b, [])
        const roll = roller(from)
        open(sim)
        for (let i = 0; i < 60; i++) {
          const side = roll() % 2 ? sim.alice : sim.bob
          const what = roll() % 6
          if (what === 0) side.flush()
          else if (what === 1) sim.alice.grow(logs[i % 6] as LogId, grows[i % 6] ?? 0)
          else side.take(what % 2 ? 'live' : 'bulk')
          check(sim.alice, sim.bob)
          check(sim.bob, sim.alice)
        }
        sim.settle(roll)
        check(sim.alice, sim.bob)
        check(sim.bob, sim.alice)
      }),
      { numRuns: tries(150) },
    )
  })

  it('SY8 tell nothing about a session that is not shared, whatever is asked', () => {
    const sim = createSim()
    const [, secret] = sessions as [never, (typeof sessions)[number]]
    fill(sim.alice, [1, 1, 5, 5, 1, 1], [])
    fill(sim.bob, [1, 1, 0, 0, 1, 1], [])
    sim.alice.shares.delete(secret)
    open(sim)
    sim.settle()
    const ask = (bytes: Uint8Array) => {
      const message = parseSync(bytes)
      if (message) sim.alice.step({ kind: 'message', message })
    }
    const id = Uint8Array.from(Buffer.from(secret, 'base64url'))
    const log = Uint8Array.from(Buffer.from(logs[2] as string, 'base64url'))
    ask(encodeSync([syncTypes.vector, id, false, []]))
    ask(encodeSync([syncTypes.want, id, [[log, 0]], []]))
    ask(encodeSync([syncTypes.want, new Uint8Array(16), [[log, 0]], []]))
    ask(encodeSync([syncTypes.state, [[id, new Uint8Array(8)]]]))
    sim.settle()
    idle(sim, roller(1))
    expect(holds(sim.bob)).toEqual([1, 1, 0, 0, 1, 1])
    const vectors = sim.alice.out.filter((item) => item.kind === 'data')
    expect(vectors).toEqual([])
  })

  it('SY8 give a session that becomes shared later, as a first time', () => {
    const sim = createSim()
    const [, late] = sessions as [never, (typeof sessions)[number]]
    fill(sim.alice, [1, 1, 5, 5, 1, 1], [1, 1, 0, 0, 1, 1])
    fill(sim.bob, [1, 1, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1])
    sim.alice.shares.delete(late)
    open(sim)
    sim.settle()
    sim.alice.shares.add(late)
    sim.alice.step({ kind: 'grew', session: late })
    sim.settle()
    expect(holds(sim.bob)).toEqual([1, 1, 5, 5, 1, 1])
  })

  it('SY9 a difference that stays is tried a few times and then left alone', () => {
    const sim = createSim()
    fill(sim.alice, [1, 1, 5, 5, 1, 1], [])
    fill(sim.bob, [1, 1, 0, 0, 1, 1], [])
    sim.bob.refuses.add(sessions[1] as (typeof sessions)[number])
    open(sim)
    sim.settle()
    idle(sim, roller(1))
    const data = (side: Side) => side.said.filter((kind) => kind === 'data').length
    const before = data(sim.alice)
    for (let i = 0; i < 40; i++) {
      sim.alice.grow(logs[0] as LogId, 1)
      sim.settle()
      idle(sim, roller(1))
    }
    expect(data(sim.alice) - before).toBeLessThanOrEqual(40 + 2 * 8)
    // Once the other side can take it, it asks itself.
    sim.bob.refuses.clear()
    sim.bob.step({ kind: 'retry', sessions: [sessions[1] as (typeof sessions)[number]] })
    sim.settle()
    expect(holds(sim.bob)).toEqual(holds(sim.alice))
    expect([sim.alice.settled, sim.bob.settled]).toEqual([true, true])
  })

  it('SY9 a hole is asked for, and filled', () => {
    const sim = createSim()
    fill(sim.alice, [9, 0, 0, 0, 0, 0], [])
    fill(sim.bob, [2, 0, 0, 0, 0, 0], [])
    sim.alice.acks.set(logs[0] as LogId, 5)
    open(sim)
    sim.settle()
    expect(holds(sim.bob)).toEqual(holds(sim.alice))
    expect(sim.bob.said).toContain('want')
  })
})
