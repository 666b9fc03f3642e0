/** RO18: how a recovery key ends, and RO12: what whoever leaves says behind that. */
import type { DeviceId } from '@baton/shared/ids'
import { describe, expect, it } from 'vitest'
import {
  alice,
  base,
  bob,
  carol,
  cutTo,
  dave,
  foldAll,
  gives,
  gone,
  living,
  logOf,
  namesKey,
  reasons,
  restores,
  revokes,
  roleOf,
} from '../../support/roster-entries.ts'
import { signer } from '../../support/signer.ts'

const [paper, other] = [21, 22].map((seed) => signer(seed).device) as [DeviceId, DeviceId]
/** Alice named the key on paper. Her log is at 8. */
const keyed = [...base, namesKey(alice, 8, paper)]

describe('end', () => {
  it('RO18 an admin ends a key, and the key overrules that while somebody uses it', () => {
    const ending = revokes(carol, 2, paper, cutTo([paper, 1]))
    expect(foldAll([...keyed, ending]).recovery[0]?.ended).toEqual({ by: carol, at: 1002 })
    const used = foldAll([...keyed, ending, restores(paper, 2, [ending]), revokes(paper, 3, carol)])
    expect(gone(used)).toEqual(['carol'])
    expect(used.recovery[0]?.ended).toBeUndefined()
  })

  it('RO18 given up by its own words it is over for who finds the paper; what it did stays', () => {
    const roster = foldAll([
      ...keyed,
      revokes(paper, 2, carol, []),
      namesKey(paper, 3, other),
      revokes(paper, 4, paper, cutTo([paper, 3])),
      // Whoever finds it, in a log of its own and in the same.
      revokes(paper, 5, alice, cutTo([alice, 8])),
      { log: logOf(paper, 2), entry: revokes(paper, 2, bob, [], 1).entry },
      gives(other, 2, dave, 'admin'),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'dave'])
    expect(roleOf(roster, dave)).toBe('admin')
    expect(roster.recovery).toMatchObject([
      { key: paper, ended: { by: paper } },
      { key: other, namedBy: paper, ended: undefined },
    ])
  })

  it('RO18 given up it stays so, whatever else its finder ends it with', () => {
    const up = revokes(paper, 3, paper, cutTo([paper, 2]))
    const given = [...keyed, namesKey(paper, 2, other), up]
    const found = logOf(paper, 2)
    const theirs = [
      { log: found, entry: revokes(paper, 2, bob, []).entry },
      { log: found, entry: { ...revokes(paper, 3, paper, []).entry } },
    ]
    const wide = (seq: number) => [
      ...cutTo([paper, 9]),
      { log: found, seq, hash: new Uint8Array(8) },
    ]
    const late = { log: found, entry: revokes(paper, 4, paper, wide(9)).entry }
    const roster = foldAll([...given, ...theirs.slice(0, 1), late])
    expect(gone(roster)).toEqual([])
    // In the very log, right behind it.
    const behind = revokes(paper, 4, paper, cutTo([paper, 9]))
    expect(gone(foldAll([...given, behind, revokes(paper, 5, bob, [])]))).toEqual([])
    // With a device that may end it, too.
    const helper = { log: logOf(carol), entry: revokes(carol, 2, paper, wide(9)).entry }
    const helped = foldAll([...given, ...theirs.slice(0, 1), helper])
    expect(gone(helped)).toEqual([])
    expect(helped.recovery[0]?.ended?.by).toBe(paper)
    expect(helped.recovery[1]).toMatchObject({ key: other, ended: undefined })
  })

  it('RO18 what an ended key undoes beyond its cut is not undone', () => {
    const removal = revokes(carol, 2, dave)
    const end = revokes(alice, 9, paper, cutTo([paper, 1]))
    const roster = foldAll([...keyed, removal, end, restores(paper, 2, [removal])])
    expect(gone(roster)).toEqual(['dave'])
    expect(reasons(roster)).toEqual(['revoked'])
  })

  it('RO18 the key of an admin that seniors remove with it does nothing more, and what it did stays', () => {
    const roster = foldAll([
      ...base,
      namesKey(bob, 2, paper),
      revokes(paper, 2, dave, []),
      revokes(alice, 8, bob, cutTo([bob, 2])),
      revokes(alice, 9, paper, cutTo([paper, 2])),
      // In the thief's hand, against whoever removed it.
      revokes(paper, 3, alice, cutTo([alice, 7])),
      restores(paper, 4, [revokes(alice, 8, bob), revokes(alice, 9, paper)]),
    ])
    expect(living(roster)).toEqual(['alice', 'carol'])
  })

  it('RO12 whoever leaves says nothing beyond its own cut, as whoever bought the device', () => {
    const roster = foldAll([
      ...base,
      revokes(bob, 2, bob, cutTo([bob, 1])),
      revokes(bob, 3, carol, []),
      { log: logOf(bob, 2), entry: revokes(bob, 2, dave, [], 1).entry },
    ])
    expect(living(roster)).toEqual(['alice', 'carol', 'dave'])
  })
})
