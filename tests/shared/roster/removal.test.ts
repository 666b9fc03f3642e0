/** RO12 to RO15: revocations from the set of entries, whatever order they come in. */
import { generateKeyPairSync } from 'node:crypto'
import { type DeviceId, parseDeviceId } from '@baton/shared/ids'
import type { Role } from '@baton/shared/roster/authority'
import type { RosterEntry } from '@baton/shared/roster/said'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  adds,
  alice,
  base,
  bob,
  carol,
  cutTo,
  dave,
  fold,
  foldAll,
  gives,
  gone,
  living,
  logOf,
  mallory,
  reasons,
  renames,
  revokes,
  roleOf,
} from '../../support/roster-entries.ts'
import { signer } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

describe('revocation', () => {
  it('RO12 what a revoked device said beyond the cut does not count, backdated or in a log unheard of', () => {
    const roster = foldAll([
      ...base,
      adds(bob, 2, mallory),
      revokes(alice, 8, bob, cutTo([bob, 2])),
      adds(bob, 3, signer(9).device, {}, 1),
      renames(bob, 4, dave, 'mine', 9e12),
      { log: logOf(bob, 2), entry: renames(bob, 1, dave, 'mine too', 1).entry },
    ])
    expect(living(roster)).toEqual(['alice', 'carol', 'dave', 'mallory'])
    expect(roster.removed.get(bob)).toMatchObject({
      removedBy: alice,
      removedAt: 1008,
      cut: new Map([[logOf(bob), 2]]),
    })
    expect(roster.devices.get(dave)?.name).toBe('laptop')
    expect(reasons(roster)).toEqual(['revoked', 'revoked', 'revoked'])
  })

  it('RO12 of several revocations of one device each log counts up to the farthest', () => {
    const set = [
      ...base,
      revokes(alice, 8, dave, cutTo([dave, 5], [dave, 3, 2])),
      revokes(bob, 2, dave, cutTo([dave, 7])),
      revokes(bob, 3, dave, cutTo([dave, 1], [dave, 4, 3])),
    ]
    expect(foldAll(set).removed.get(dave)?.cut).toEqual(
      new Map([
        [logOf(dave), 7],
        [logOf(dave, 2), 3],
        [logOf(dave, 3), 4],
      ]),
    )
  })

  it('RO12 a device that leaves cannot say how much of it counts once another removes it', () => {
    const roster = foldAll([
      ...base,
      revokes(dave, 2, dave, cutTo([dave, 999])),
      revokes(alice, 8, dave, cutTo([dave, 2])),
    ])
    expect(roster.removed.get(dave)).toMatchObject({ cut: new Map([[logOf(dave), 2]]) })
  })

  it('RO13 a revoked key is dead for ever, whoever takes it in again', () => {
    const roster = foldAll([
      ...base,
      revokes(alice, 8, dave),
      adds(alice, 9, dave),
      adds(bob, 2, dave, {}, 9e12),
      gives(alice, 10, dave, 'admin'),
    ])
    expect(gone(roster)).toEqual(['dave'])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol'])
  })

  it('RO14 of two that remove each other at once the senior stays', () => {
    const roster = foldAll([
      ...base,
      revokes(carol, 2, bob, [], 1),
      revokes(bob, 2, carol, [], 9000),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'dave'])
    expect(
      living(foldAll([...base, revokes(bob, 2, alice, cutTo([alice, 7])), revokes(alice, 8, bob)])),
    ).toEqual(['alice', 'carol', 'dave'])
  })

  it('RO14 a junior admin removes a senior that does not remove it, and all the senior does later', () => {
    const roster = foldAll([
      ...base,
      revokes(carol, 2, bob, cutTo([bob, 1])),
      // Later, and not knowing of it or not wanting to.
      revokes(bob, 2, alice, cutTo([alice, 7]), 1),
      revokes(bob, 3, dave, [], 1),
    ])
    expect(living(roster)).toEqual(['alice', 'carol', 'dave'])
  })

  it('RO14 a removal that the other had seen is not undone by an answer', () => {
    const roster = foldAll([
      ...base,
      revokes(carol, 2, bob, []),
      revokes(bob, 2, carol, cutTo([carol, 2])),
    ])
    expect(living(roster)).toEqual(['alice', 'carol', 'dave'])
  })

  it('RO14 whom a removed device takes in and makes an admin at once cannot save it', () => {
    const roster = foldAll([
      ...base,
      revokes(alice, 8, bob, []),
      adds(bob, 2, mallory),
      gives(bob, 3, mallory, 'admin'),
      revokes(mallory, 2, alice, cutTo([alice, 7])),
    ])
    expect(living(roster)).toEqual(['alice', 'carol', 'dave'])
    // Taken in before it stays, as what it says does.
    const kept = foldAll([
      ...base,
      revokes(alice, 8, bob, cutTo([bob, 2])),
      adds(bob, 2, mallory),
      gives(bob, 3, mallory, 'admin'),
      revokes(mallory, 2, alice, cutTo([alice, 7])),
    ])
    expect(living(kept)).toEqual(['alice', 'carol', 'dave', 'mallory'])
    expect(roleOf(kept, mallory)).toBe('member')
  })

  it('RO14 three that remove each other in a ring leave whoever the most senior did not remove', () => {
    const roster = foldAll([
      ...base,
      gives(alice, 8, dave, 'admin'),
      revokes(bob, 2, carol, []),
      revokes(carol, 2, dave, []),
      revokes(dave, 2, bob, []),
    ])
    expect(living(roster)).toEqual(['alice', 'dave'])
  })

  it('RO14 a removal that takes away what its own author stands on is void', () => {
    const roster = foldAll([
      ...base,
      revokes(bob, 2, alice, cutTo([alice, 2])),
      revokes(bob, 3, dave, []),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol'])
    // Said in two entries it is one word: what the second names the first does not take away.
    const parts = foldAll([
      ...base,
      revokes(bob, 2, alice, cutTo([alice, 9, 2])),
      revokes(bob, 3, alice, cutTo([alice, 7])),
    ])
    expect(living(parts)).toEqual(['bob', 'carol', 'dave'])
  })

  it('RO14 seniority is who took whom in: a backdated word of its own makes nobody senior', () => {
    const roster = foldAll([
      ...base,
      adds(carol, 2, carol, {}, 1),
      revokes(carol, 3, bob, []),
      revokes(bob, 2, carol, []),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'dave'])
  })

  it('RO12 nobody is left when all are removed, and nothing breaks', () => {
    const roster = foldAll([
      ...base,
      revokes(alice, 8, bob),
      revokes(alice, 9, carol),
      revokes(alice, 10, dave),
      revokes(alice, 11, alice, cutTo([alice, 11])),
    ])
    expect(living(roster)).toEqual([])
    expect(roster.removed.get(alice)?.removedBy).toBe(alice)
  })
})

describe('any set', () => {
  const devices = [alice, bob, carol, dave, mallory]
  const device = fc.constantFrom(...devices)
  const cut = fc.array(fc.tuple(fc.nat(9), fc.constantFrom(1, 2)), { maxLength: 2 })
  const one = fc.record({
    what: fc.constantFrom('add', 'add', 'role', 'role', 'revoke', 'revoke', 'revoke', 'rename'),
    author: device,
    device,
    role: fc.constantFrom<Role>('admin', 'admin', 'member', 'observer'),
    cut,
    ms: fc.nat(3),
  })
  const set = fc.array(one, { minLength: 4, maxLength: 16 }).map((list) => [
    ...base,
    ...list.map(({ what, author, device: on, role, cut: held, ms }, i): RosterEntry => {
      const seq = (author === alice ? 8 : 2) + i
      const upTo = cutTo(...held.map(([at, inc]) => [on, at + 1, inc] as const))
      if (what === 'add') return adds(author, seq, on, {}, ms)
      if (what === 'rename') return renames(author, seq, on, `n${i}`, ms)
      if (what === 'role') return gives(author, seq, on, role, { cut: upTo, ms })
      return revokes(author, seq, on, upTo, ms)
    }),
  ])
  const orders = set.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray(list, { minLength: list.length }),
      fc.subarray(list),
    ),
  )

  it('RO4 with roles and revocations too folds to the same in any order, with anything repeated', () => {
    fc.assert(
      fc.property(orders, ([list, other, again]) => {
        expect(fold([...again, ...other, ...again])).toEqual(fold(list))
      }),
      { numRuns: tries(80) },
    )
  })
})

it('RO15 ten thousand junk entries of a member, or of an admin, cost no quadratic time', () => {
  for (const author of [dave, bob]) {
    const junk: RosterEntry[] = []
    for (let i = 0; i < 2500; i++) {
      const seq = 2 + i * 4
      junk.push(
        adds(author, seq, [alice, bob, carol, dave][i % 4] as DeviceId, {}, i),
        revokes(author, seq + 1, carol, cutTo([carol, 1 + (i % 7)]), i),
        gives(author, seq + 2, carol, i % 2 ? 'admin' : 'member', { ms: i }),
        renames(author, seq + 3, carol, `n${i}`, i),
      )
    }
    const fight = Array.from({ length: 500 }, (_, i) => revokes(carol, 2 + i, author, [], i))
    const began = performance.now()
    const roster = fold([...base, ...junk, ...fight])
    expect(performance.now() - began).toBeLessThan(4000)
    expect(gone(roster)).toEqual([author === dave ? 'dave' : 'carol'])
  }
})

it('RO15 a roster has room for 256 devices, the most senior ones', () => {
  const keys = Array.from({ length: 300 }, () => {
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    return parseDeviceId(x as string)
  })
  const many = keys.map((key, i) => adds(alice, 100 + i, key))
  const roster = fold([...base, ...many])
  expect(roster.devices.size).toBe(256)
  expect(living(roster).filter(Boolean)).toEqual(['alice', 'bob', 'carol', 'dave'])
  expect(reasons(roster)).toEqual(Array(48).fill('not-permitted'))
})
