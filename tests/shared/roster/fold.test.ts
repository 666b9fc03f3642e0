/** RO1 to RO6: the roster from a set of entries, in any order. */
import { encode, type Value } from '@baton/shared/encoding/msgpack'
import { type DeviceId, deviceId, idBytes } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import {
  foundsRoster,
  parseRosterAdd,
  parseRosterRename,
  rosterAddPayload,
  rosterRenamePayload,
} from '@baton/shared/roster/entries'
import type { Roster } from '@baton/shared/roster/fold'
import { type DeviceType, deviceRecordPayload } from '@baton/shared/roster/record'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  about,
  adds,
  alice,
  bob,
  carol,
  dave,
  descriptor,
  entry,
  fold,
  genesis,
  logOf,
  mallory,
  members,
  reasons,
  renames,
  session,
} from '../../support/roster-entries.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives

it('RO1 an entry reads back, and one with more fields than today too', () => {
  const add = about(bob)
  expect(parseRosterAdd(rosterAddPayload(add))).toEqual(add)
  expect(parseRosterAdd([...(rosterAddPayload(add) as Value[]), { later: 1 }])).toEqual(add)
})

it.each([
  ['a short device', [new Uint8Array(31), new Uint8Array(32), 'n', 'p', 0, new Uint8Array(32)]],
  ['a name that is none', [new Uint8Array(32), new Uint8Array(32), 1, 'p', 0, new Uint8Array(32)]],
  [
    'a long name',
    [new Uint8Array(32), new Uint8Array(32), 'n'.repeat(257), 'p', 0, new Uint8Array(32)],
  ],
  ['no pairing', [new Uint8Array(32), new Uint8Array(32), 'n', 'p', 0]],
] as [string, Value][])('RO1 refuses %s', (_, payload) => {
  expect(() => parseRosterAdd(payload)).toThrow('wrong shape')
  expect(
    reasons(fold([genesis(alice, descriptor), entry(alice, 2, kinds.rosterAdd, payload)])),
  ).toEqual(['malformed'])
})

it('RO2 the founder is the device the id of the roster commits to', () => {
  expect(foundsRoster(sha256, session, alice, descriptor)).toBe(true)
  expect(foundsRoster(sha256, session, mallory, descriptor)).toBe(false)
  expect(foundsRoster(sha256, session, alice, { ...descriptor, kind: 'agent' })).toBe(false)
  const claim = genesis(mallory, descriptor)
  expect(fold([claim]).founder).toBeUndefined()
  expect(fold([claim, genesis(alice, descriptor)]).founder).toBe(alice)
  expect(encode(descriptor).length).toBeLessThan(100)
})

it('RO3 a device counts when one that counts adds it, over any distance', () => {
  const set = [
    genesis(alice, descriptor),
    adds(alice, 2, alice),
    adds(alice, 3, bob),
    adds(bob, 1, carol),
    adds(carol, 1, dave),
    adds(mallory, 1, mallory),
    adds(mallory, 2, alice),
  ]
  const roster = fold(set)
  expect(new Set(members(roster))).toEqual(new Set([alice, bob, carol, dave]))
  expect(roster.devices.get(dave)?.addedBy).toBe(carol)
  expect(roster.devices.get(alice)?.addedBy).toBe(alice)
  expect(reasons(roster)).toEqual(['stranger', 'stranger'])
})

it('RO3 two strangers that add each other stay strangers', () => {
  const set = [genesis(alice, descriptor), adds(mallory, 1, dave), adds(dave, 1, mallory)]
  expect(members(fold(set))).toEqual([])
  expect(members(fold(set.slice(1)))).toEqual([])
})

it('RO4 the same set gives the same roster in any order, with anything repeated', () => {
  const devices = fc.constantFrom(alice, bob, carol, dave, mallory)
  const one = fc.record({
    author: devices,
    device: devices,
    ms: fc.nat(3),
    name: fc.constantFrom('laptop', 'phone', 'laptop 2'),
    kind: fc.constantFrom<number>(kinds.rosterAdd, kinds.rosterAdd, kinds.rosterRevoke),
  })
  const set = fc
    .array(one, { maxLength: 12 })
    .map((list) => [
      genesis(alice, descriptor),
      ...list.map(({ author, device, ms, name, kind }, i) =>
        entry(author, i + 2, kind, rosterAddPayload(about(device, { name, addedAt: i })), ms),
      ),
    ])
  const shuffled = set.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray(list, { minLength: list.length }),
      fc.subarray(list),
    ),
  )
  fc.assert(
    fc.property(shuffled, ([list, other, again]) => {
      const roster = fold(list)
      const same = fold([...again, ...other, ...again])
      expect(same).toEqual(roster)
      expect(members(same)).toEqual(members(roster))
      // Adding entries never takes a device away.
      for (const device of members(fold(again))) expect(members(roster)).toContain(device)
    }),
    { numRuns: tries(60) },
  )
})

it('RO5 what a device says of itself stands before what others say, early stamps or not', () => {
  const set = [
    genesis(alice, descriptor),
    adds(alice, 2, bob, { name: 'guessed', addedAt: 70 }, 50),
    adds(bob, 1, bob, { name: 'own', exchange: new Uint8Array(32).fill(9), addedAt: 90 }, 60),
    adds(bob, 2, carol, {}, 61),
    adds(carol, 1, bob, { name: 'planted', exchange: new Uint8Array(32).fill(6), addedAt: 1 }, 70),
  ]
  const known = fold(set).devices.get(bob)
  expect(known).toMatchObject({ name: 'own', addedBy: alice, addedAt: 70 })
  expect(known?.exchange).toEqual(new Uint8Array(32).fill(9))
  const early = fold([...set, adds(bob, 3, bob, { name: 'own', addedAt: 1 }, 2)]).devices.get(bob)
  expect(early).toMatchObject({ addedBy: alice, addedAt: 70 })
  const unsaid = fold(set.filter(({ log }) => log !== logOf(bob))).devices.get(bob)
  expect(unsaid).toMatchObject({ name: 'guessed', addedBy: alice })
})

it('RO5 equal names are numbered in the order of adding, for display only', () => {
  const set = [
    genesis(alice, descriptor),
    adds(alice, 2, alice, { name: 'laptop' }, 1),
    adds(alice, 3, bob, { name: 'laptop' }, 2),
    adds(alice, 4, carol, { name: 'laptop 2' }, 3),
    adds(alice, 5, dave, { name: 'laptop' }, 4),
  ]
  const roster = fold(set.reverse())
  expect([...roster.devices.values()].map(({ shown }) => shown)).toEqual([
    'laptop',
    'laptop 2',
    'laptop 2 2',
    'laptop 3',
  ])
  expect(roster.devices.get(bob)?.name).toBe('laptop')
})

it('RO6 kinds of a later version and broken entries are skipped, told and harmless', () => {
  const roster = fold([
    genesis(alice, descriptor),
    adds(alice, 2, bob),
    entry(alice, 3, 79, [idBytes(bob)]),
    entry(alice, 4, 5000, { anything: 1 }),
    entry(alice, 5, kinds.rosterAdd, null),
    entry(bob, 1, kinds.genesis, 'broken'),
  ])
  expect(members(roster)).toEqual([bob])
  expect(reasons(roster).sort()).toEqual(['malformed', 'malformed', 'unknown-kind', 'unknown-kind'])
})

it('RO6 a key no device can have is not taken in', () => {
  const identity = deviceId(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)))
  const roster = fold([
    genesis(alice, descriptor),
    adds(alice, 2, identity),
    adds(identity, 1, bob),
  ])
  expect(members(roster)).toEqual([])
  expect(new Set(reasons(roster))).toEqual(new Set(['bad-key', 'stranger']))
})

it('RO7 the last word of any member says what a device is called, in any order', () => {
  const set = [
    genesis(alice, descriptor),
    adds(alice, 2, alice, { name: 'desk' }),
    // Said before it was added, and before another said something later.
    renames(alice, 3, bob, 'first', 2000),
    renames(bob, 4, bob, 'second', 3000),
    renames(mallory, 2, bob, 'third', 9000),
    adds(alice, 5, bob, { name: 'laptop' }, 4000),
    renames(alice, 6, carol, 'nobody', 5000),
    adds(alice, 7, dave, { name: 'second' }, 6000),
  ]
  const shown = (roster: Roster) =>
    [...roster.devices].map(([, { shown: name, renamed }]) => [name, renamed])
  for (const entries of [set, set.toReversed(), [...set, ...set]]) {
    expect(shown(fold(entries))).toEqual([
      ['desk', false],
      ['second', true],
      ['second 2', false],
    ])
  }
  expect(reasons(fold(set))).toEqual(['stranger'])
})

it('RO7 a name that is empty, too long or no text is no name', () => {
  for (const payload of [
    [idBytes(bob), ''],
    [idBytes(bob), 'x'.repeat(257)],
    [idBytes(bob), 7],
    [idBytes(bob)],
    'x',
  ]) {
    expect(() => parseRosterRename(payload as Value)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
  }
  const payload = rosterRenamePayload({ device: bob, name: 'x'.repeat(300) })
  expect(parseRosterRename(payload).name).toHaveLength(256)
})

it('RO8 what a device is and can do is its own last word; other shapes are skipped', () => {
  const record = (type: DeviceType, name = 'webrtc') => ({
    type,
    capabilities: [{ name, version: '1', supported: true }],
  })
  const says = (author: DeviceId, seq: number, payload: Value, ms?: number) =>
    entry(author, seq, kinds.row, payload, ms)
  const set = [
    genesis(alice, descriptor),
    adds(alice, 2, alice),
    adds(alice, 3, bob),
    says(bob, 1, deviceRecordPayload(record('desktop')), 9000),
    says(bob, 2, deviceRecordPayload(record('server')), 8000),
    says(mallory, 1, deviceRecordPayload(record('mobile'))),
    says(alice, 4, ['device', 'self', { type: 'toaster', capabilities: [] }]),
    says(alice, 5, ['device', 'self', { type: 'server', capabilities: Array(65).fill(0) }]),
    says(alice, 6, ['device', 'other', record('mobile') as never]),
    says(alice, 7, 'nonsense'),
  ]
  for (const entries of [set, set.toReversed(), [...set, ...set]]) {
    const roster = fold(entries)
    expect(roster.devices.get(bob)?.record).toEqual(record('desktop'))
    expect(roster.devices.get(alice)?.record).toBeUndefined()
    expect(reasons(roster).toSorted()).toEqual([...Array(4).fill('malformed'), 'stranger'])
  }
})
