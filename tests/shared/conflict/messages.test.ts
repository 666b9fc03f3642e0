/** The message history as a tree, and tool calls. */

import { history } from '@baton/shared/conflict/conflicts'
import { createDocument } from '@baton/shared/conflict/document'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { besides, mainLine, union } from '@baton/shared/conflict/messages'
import { policyPath } from '@baton/shared/conflict/strategy'
import { toolStatuses } from '@baton/shared/model/document-entries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentWorld } from '../../support/document-histories.ts'
import {
  createDocumentWorld,
  deviceOf,
  fold,
  nextOf,
  session,
  value,
} from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const ids = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id).join('')

function parted() {
  const world = createDocumentWorld()
  const { alice, bob } = world.writers
  alice.grant('bob')
  alice.message('1', undefined, value('one'))
  alice.message('2', '1', value('two'))
  bob.pull(alice)
  bob.message('b', '2', value('bob'))
  bob.message('c', 'b', value('bob'))
  alice.message('3', '2', value('three'))
  alice.pull(bob)
  alice.message('4', '3', value('four'))
  return { ...world, alice, bob }
}

describe('the history', () => {
  it('HI1 under merge is everything by id, in the order of stamps', () => {
    const { alice, bob, all } = parted()
    expect(ids(history(fold(all)))).toBe('12bc34')
    const bobs = bob.seen.filter(({ log }) => log !== alice.seen[0]?.log)
    expect(ids(history(fold([...bobs, ...alice.seen])))).toBe('12bc34')
    alice.set(policyPath('strategy', 'history'), value('timestamp'))
    expect(ids(history(fold(all)))).toBe('1234')
  })

  it('HI1 a message that was published again is one, shown where it was first', () => {
    const { alice, bob, all } = parted()
    bob.pull(alice)
    bob.message('3', '2', value('three'))
    const bobs = bob.seen.filter(({ log }) => log !== alice.seen[0]?.log)
    for (const order of [all, [...bobs, ...alice.seen]]) {
      const { messages } = fold(order)
      expect(messages.size).toBe(6)
      expect(messages.get('3')).toMatchObject({
        write: { device: deviceOf('alice') },
        others: [{ log: bobs[0]?.log }],
      })
    }
  })

  it('HI2 shows the holder’s line, and the others whole beside it, from where they leave it', () => {
    const { alice } = parted()
    const line = mainLine(alice.state.messages, deviceOf('alice'))
    expect(ids(line)).toBe('1234')
    const branches = besides(alice.state.messages, line)
    expect(branches.map(({ after, messages }) => [after, ids(messages)])).toEqual([['2', 'bc']])
    expect(ids(mainLine(alice.state.messages, deviceOf('alice'), 'b'))).toBe('12bc')
  })

  it('HI2 the line stays the holder’s when another said more, and each branch is whole', () => {
    const { alice, bob } = parted()
    bob.message('d', 'b', value('bob'))
    bob.message('e', 'd', value('bob'))
    alice.pull(bob)
    const { messages } = alice.state
    const line = mainLine(messages, deviceOf('alice'))
    expect(ids(line)).toBe('1234')
    expect(besides(messages, line).map((each) => [each.after, ids(each.messages)])).toEqual([
      ['2', 'bc'],
      ['2', 'bde'],
    ])
  })

  it('HI2 every message is in the line or in a branch, whatever the parents say', () => {
    fc.assert(
      fc.property(documentWorld, ({ all }) => {
        const { messages } = fold(all)
        const line = mainLine(messages, deviceOf('alice'))
        const shown = [line, ...besides(messages, line).map((each) => each.messages)].flat()
        expect(new Set(shown.map(({ id }) => id))).toEqual(new Set(messages.keys()))
        expect(union(messages)).toHaveLength(messages.size)
      }),
      { numRuns: tries(200) },
    )
  })

  it('HI3 a parent that is not held ends a line; a ring of parents is shown, and ends', () => {
    const { writers } = createDocumentWorld()
    const { alice } = writers
    alice.message('a', 'gone', value(1))
    alice.message('x', 'z', value(1))
    alice.message('y', 'x', value(1))
    alice.message('z', 'y', value(1))
    alice.message('self', 'self', value(1))
    alice.message('b', 'a', value(1))
    const { messages } = alice.state
    const line = mainLine(messages, deviceOf('alice'))
    expect(ids(line)).toBe('ab')
    const beside = besides(messages, line).flatMap((each) => each.messages)
    expect(new Set(ids(beside).match(/self|./g))).toEqual(new Set(['x', 'y', 'z', 'self']))
    for (const tip of ['x', 'self', 'none'])
      expect(mainLine(messages, deviceOf('alice'), tip)).toBeDefined()
  })

  it('HI3 long lines and many branches take no more than their length', () => {
    const { writers } = createDocumentWorld()
    const { alice } = writers
    for (let i = 0; i < 3000; i++) alice.message(`m${i}`, i ? `m${i - 1}` : undefined, value(i))
    const line = mainLine(alice.state.messages, deviceOf('alice'))
    expect(line).toHaveLength(3000)
    expect(besides(alice.state.messages, line)).toEqual([])
  })
})

describe('tool calls', () => {
  it('TC1 in any order of what was told the status is the highest, and an end stays', () => {
    const told = fc.array(fc.constantFrom(...toolStatuses.slice(0, 4)), { minLength: 1 })
    fc.assert(
      fc.property(told, told, (ones, others) => {
        const { writers } = createDocumentWorld()
        const { alice, bob } = writers
        alice.grant('bob')
        for (const status of ones) alice.tool('call', status)
        for (const status of others) bob.tool('call', status)
        const highest = [...ones, ...others].map((each) => toolStatuses.indexOf(each))
        const status = toolStatuses[Math.max(...highest)]
        for (const entries of [
          [...alice.seen, ...bob.seen],
          [...bob.seen, ...alice.seen],
        ]) {
          expect(fold(entries).tools.get('call')?.status).toBe(status)
        }
      }),
      { numRuns: tries(100) },
    )
  })

  it('TC2 two different ends are both kept, the first shown; the same end twice is one', () => {
    const { writers } = createDocumentWorld()
    const { alice, bob } = writers
    alice.grant('bob')
    alice.tool('once', 'ok', value('result'))
    bob.tool('once', 'ok', value('result'))
    alice.tool('twice', 'ok', value('result'))
    bob.tool('twice', 'error', value('failed'))
    bob.tool('twice', 'running')
    alice.tool('other result', 'ok', value('one'))
    bob.tool('other result', 'ok', value('two'))
    for (const entries of [
      [...alice.seen, ...bob.seen],
      [...bob.seen, ...alice.seen],
    ]) {
      const { tools } = fold(entries)
      expect(tools.get('once')?.ends).toHaveLength(1)
      expect(tools.get('other result')?.ends).toHaveLength(2)
      expect(tools.get('twice')).toMatchObject({
        status: 'ok',
        ends: [{ status: 'ok' }, { status: 'error' }],
      })
    }
  })
})

it('HI1 the order is the same whenever it is asked for, and whatever came between', () => {
  fc.assert(
    fc.property(documentWorld, fc.array(fc.nat(40)), ({ all }, asks) => {
      const state = createDocument(session)
      for (const [i, { log, entry }] of all.entries()) {
        foldDocument(state, nodePrimitives.sha256, log, nextOf(entry))
        if (asks.includes(i)) union(state.messages)
      }
      const anew = new Map(state.messages)
      expect(union(state.messages)).toEqual(union(anew))
    }),
    { numRuns: tries(150) },
  )
})

it('HI1 what comes late, or tells of a message as said earlier, stands where it was said', () => {
  const { alice, bob } = parted()
  bob.message('x', 'c', value('bob'))
  alice.message('x', '4', value('bob'))
  const own = alice.seen.filter(({ log }) => log === alice.seen[0]?.log)
  const bobs = bob.seen.filter(({ log }) => log !== alice.seen[0]?.log)
  const state = createDocument(session)
  for (const { log, entry } of [...own, ...bobs]) {
    foldDocument(state, nodePrimitives.sha256, log, nextOf(entry))
    expect(union(state.messages)).toEqual(union(new Map(state.messages)))
  }
  expect(ids(union(state.messages))).toBe('12bc34x')
})
