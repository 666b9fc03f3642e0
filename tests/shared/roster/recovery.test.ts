/** RO16 to RO18: recovery keys, from the set of entries in whatever order they come. */
import { generateKeyPairSync } from 'node:crypto'
import { type DeviceId, parseDeviceId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import type { Role } from '@baton/shared/roster/authority'
import type { Roster } from '@baton/shared/roster/fold'
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
  entry,
  fold,
  foldAll,
  gives,
  gone,
  living,
  logOf,
  mallory,
  namesKey,
  reasons,
  restores,
  revokes,
  roleOf,
} from '../../support/roster-entries.ts'
import { signer } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const [paper, other] = [21, 22].map((seed) => signer(seed).device) as [DeviceId, DeviceId]
const keysOf = ({ recovery }: Roster) => recovery.map(({ key }) => key)
/** Alice named the key on paper. Her log is at 8. */
const keyed = [...base, namesKey(alice, 8, paper)]

describe('naming', () => {
  it('RO16 an admin names a recovery key, which is no device; members, observers and strangers do not', () => {
    const roster = foldAll(keyed)
    expect(roster.recovery).toEqual([
      { key: paper, namedBy: alice, namedAt: 1008, ended: undefined },
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol', 'dave'])
    const others = foldAll([
      ...base,
      gives(alice, 8, bob, 'observer'),
      ...[dave, bob, mallory].map((author) => namesKey(author, 2, paper)),
    ])
    expect(others.recovery).toEqual([])
    expect(reasons(others).toSorted()).toEqual(['not-permitted', 'not-permitted', 'stranger'])
  })

  it('RO16 of keys that two admins name at once that of the senior comes first, whatever the stamps', () => {
    const roster = foldAll([...base, namesKey(carol, 2, other, 1), namesKey(bob, 2, paper, 9000)])
    expect(keysOf(roster)).toEqual([paper, other])
    // And of one admin's the one it named first.
    expect(keysOf(foldAll([...keyed, namesKey(alice, 9, other)]))).toEqual([paper, other])
  })

  it('RO16 a key takes nobody in, a device is no recovery key, and a recovery key no device', () => {
    const roster = foldAll([
      ...keyed,
      namesKey(alice, 9, carol),
      adds(paper, 2, mallory),
      adds(paper, 3, paper),
      adds(bob, 2, paper),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol', 'dave'])
    expect(keysOf(roster)).toEqual([paper])
    expect(reasons(roster)).toEqual(Array(4).fill('not-permitted'))
  })

  it('RO16 there is room for 32 keys, the most senior ones', () => {
    const keys = Array.from({ length: 40 }, () => {
      const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
      return parseDeviceId(x as string)
    })
    const many = keys.map((key, i) => namesKey(bob, 2 + i, key))
    const roster = fold([...keyed, ...many])
    expect(keysOf(roster)).toEqual([paper, ...keys.slice(0, 31)])
    expect(roster.recoveryAuthors.size).toBe(32)
  })

  it('RO6 what names or undoes in another shape is skipped', () => {
    const wrong = [[], [new Uint8Array(31)], ['x'], null]
    const roster = fold([
      ...keyed,
      ...wrong.map((payload, i) => entry(alice, 9 + i, kinds.rosterRecovery, payload)),
      ...[[], [1], [[[1, 2, 3]]]].map((payload, i) =>
        entry(paper, 2 + i, kinds.rosterRestore, payload),
      ),
      entry(alice, 20, kinds.rosterRecovery, [new Uint8Array(32)]),
    ])
    expect(reasons(roster).toSorted()).toEqual([...Array(7).fill('malformed'), 'not-permitted'])
    expect(keysOf(roster)).toEqual([paper])
  })
})

it('RO15 a thousand keys named, or revocations undone, by a member or an admin take no long time', () => {
  for (const author of [dave, bob]) {
    const junk = Array.from({ length: 1200 }, (_, i) => {
      const key = new Uint8Array(32)
      new DataView(key.buffer).setUint32(0, i + 1)
      const removal = revokes(author, 2 + 3 * i, mallory)
      return [
        removal,
        entry(author, 3 + 3 * i, kinds.rosterRecovery, [key]),
        restores(author, 4 + 3 * i, [removal]),
      ]
    })
    const began = performance.now()
    const roster = fold([...keyed, ...junk.flat()])
    expect(performance.now() - began).toBeLessThan(4000)
    expect(keysOf(roster)[0]).toBe(paper)
  }
})

describe('use', () => {
  it('RO17 a thief that removed all others, and the key, goes, and they are back', () => {
    const theft = [
      // The naming is beyond it, what bob stands on is not.
      revokes(bob, 2, alice, cutTo([alice, 7])),
      revokes(bob, 3, carol),
      revokes(bob, 4, dave),
      revokes(bob, 5, paper),
    ]
    const robbed = foldAll([...keyed, ...theft])
    expect(living(robbed)).toEqual(['bob'])
    expect(robbed.recoveryAuthors).toEqual(new Set([paper]))
    const back = [restores(paper, 2, theft), revokes(paper, 3, bob, cutTo([bob, 5]))]
    const roster = foldAll([...keyed, ...theft, ...back])
    expect(living(roster)).toEqual(['alice', 'carol', 'dave'])
    expect(roster.removed.get(bob)?.removedBy).toBe(paper)
    // Whatever it goes on to say.
    const more = [revokes(bob, 6, paper), revokes(bob, 7, alice), namesKey(bob, 8, other, 1)]
    expect(living(foldAll([...keyed, ...theft, ...back, ...more]))).toEqual(living(roster))
  })

  it('RO17 also a thief that holds the device which began the roster and named the key', () => {
    const theft = [revokes(alice, 9, bob), revokes(alice, 10, carol), revokes(alice, 11, paper)]
    expect(living(foldAll([...keyed, ...theft]))).toEqual(['alice', 'dave'])
    const roster = foldAll([
      ...keyed,
      ...theft,
      // Of a key of its own, named behind the one on paper, it has nothing.
      namesKey(alice, 12, other),
      revokes(other, 2, paper),
      revokes(other, 3, bob),
      restores(paper, 2, theft),
      revokes(paper, 3, alice, cutTo([alice, 12])),
      revokes(paper, 4, other),
      gives(paper, 5, bob, 'admin'),
    ])
    expect(living(roster)).toEqual(['bob', 'carol', 'dave'])
    expect(roleOf(roster, bob)).toBe('admin')
  })

  it('RO17 what is undone is a junior’s revocation, and only a recovery key undoes one', () => {
    const removal = revokes(alice, 8, dave)
    const tries = [restores(bob, 3, [removal]), restores(dave, 2, [removal])]
    expect(gone(foldAll([...base, removal, ...tries]))).toEqual(['dave'])
    const byJunior = revokes(carol, 2, dave)
    expect(gone(foldAll([...base, byJunior, restores(bob, 3, [byJunior])]))).toEqual(['dave'])
    // One that bob named is above bob, and not above alice.
    const named = [...base, namesKey(bob, 2, paper)]
    expect(gone(foldAll([...named, removal, restores(paper, 2, [removal])]))).toEqual(['dave'])
    expect(gone(foldAll([...named, byJunior, restores(paper, 2, [byJunior])]))).toEqual([])
    // Its own is for good.
    const own = revokes(paper, 2, dave)
    expect(gone(foldAll([...keyed, own, restores(paper, 3, [own])]))).toEqual(['dave'])
  })

  it('RO17 with no admin left it makes one', () => {
    const left = revokes(alice, 9, alice, cutTo([alice, 9]))
    const members = [...keyed, gives(bob, 2, bob, 'member'), gives(carol, 2, carol, 'member'), left]
    const roster = foldAll(members)
    expect([...roster.devices.values()].some(({ role }) => role === 'admin')).toBe(false)
    expect(roster.recovery[0]?.ended).toBeUndefined()
    const raised = foldAll([...members, gives(paper, 2, dave, 'admin')])
    expect(roleOf(raised, dave)).toBe('admin')
  })

  it('RO17 it cannot remove what it stands on itself', () => {
    const sawn = revokes(paper, 2, alice, cutTo([alice, 7]))
    expect(living(foldAll([...keyed, sawn]))).toContain('alice')
    const kept = revokes(paper, 2, alice, cutTo([alice, 8]))
    expect(living(foldAll([...keyed, kept]))).not.toContain('alice')
  })

  const devices = [alice, bob, carol, dave, mallory]
  const device = fc.constantFrom(...devices, paper, other)
  const one = fc.record({
    what: fc.constantFrom('add', 'role', 'role', 'revoke', 'revoke', 'revoke', 'name', 'restore'),
    author: device,
    on: device,
    role: fc.constantFrom<Role>('admin', 'admin', 'member', 'observer'),
    cut: fc.array(fc.tuple(fc.nat(9), fc.constantFrom(1, 2)), { maxLength: 2 }),
    ms: fc.nat(3),
  })
  const anything = fc.array(one, { minLength: 4, maxLength: 16 }).map((list) => {
    const entries: RosterEntry[] = []
    for (const [i, { what, author, on, role, cut: held, ms }] of list.entries()) {
      const seq = (author === alice ? 9 : 2) + i
      const upTo = cutTo(...held.map(([at, inc]) => [on, at + 1, inc] as const))
      if (what === 'add') entries.push(adds(author, seq, on, {}, ms))
      else if (what === 'role') entries.push(gives(author, seq, on, role, { cut: upTo, ms }))
      else if (what === 'name') entries.push(namesKey(author, seq, on, ms))
      else if (what === 'restore') entries.push(restores(author, seq, entries.slice(-4), ms))
      else entries.push(revokes(author, seq, on, upTo, ms))
    }
    return entries
  })

  it('RO4 with recovery keys too folds to the same in any order, with anything repeated', () => {
    const orders = anything.chain((list) =>
      fc.tuple(
        fc.constant([...keyed, ...list]),
        fc.shuffledSubarray([...keyed, ...list], { minLength: keyed.length + list.length }),
        fc.subarray(list),
      ),
    )
    fc.assert(
      fc.property(orders, ([list, shuffled, again]) => {
        expect(fold([...again, ...shuffled, ...again])).toEqual(fold(list))
      }),
      { numRuns: tries(80) },
    )
  })

  it('RO17 nothing that others write keeps the key of the founder from removing one and saving one', () => {
    const juniors = anything.map((list) =>
      list.filter(({ log }) => ![alice, paper].some((who) => log === logOf(who))),
    )
    fc.assert(
      fc.property(juniors, fc.array(fc.nat(40), { maxLength: 3 }), (list, cuts) => {
        const against = list.filter(({ entry: { kind } }) => kind === kinds.rosterRevoke)
        const roster = fold([
          ...keyed,
          ...list,
          restores(paper, 2, against),
          revokes(paper, 3, bob, cutTo(...cuts.map((seq) => [bob, seq + 1] as const))),
          gives(paper, 4, dave, 'admin'),
        ])
        expect(roster.removed.has(bob)).toBe(true)
        expect(living(roster)).toEqual(expect.arrayContaining(['alice', 'carol', 'dave']))
        expect(roster.recovery[0]).toMatchObject({ key: paper, ended: undefined })
      }),
      { numRuns: tries(150) },
    )
  })
})
