import type { Value } from '@baton/shared/encoding/msgpack'
import { idBytes } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import {
  parseRosterRevoke,
  parseRosterRole,
  rosterRevokePayload,
  rosterRolePayload,
} from '@baton/shared/roster/authority'
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
  reasons,
  renames,
  revokes,
  roleOf,
} from '../../support/roster-entries.ts'
import { signer } from '../../support/signer.ts'

describe('what is written', () => {
  it('RO9 a role and a revocation read back, and with more fields than today too', () => {
    const cut = cutTo([bob, 5], [bob, 9, 2])
    const revoke = { device: bob, cut }
    expect(parseRosterRevoke(rosterRevokePayload(revoke))).toEqual(revoke)
    const later = [...(rosterRevokePayload(revoke) as Value[]), 'later']
    expect(parseRosterRevoke(later)).toEqual(revoke)
    const role = { device: bob, role: 'observer', cut } as const
    expect(parseRosterRole(rosterRolePayload(role))).toEqual(role)
  })

  it.each([
    ['no device', [new Uint8Array(31), []]],
    ['no cut', [idBytes(bob)]],
    ['a log of another device', rosterRevokePayload({ device: bob, cut: cutTo([carol, 1]) })],
    [
      'too many logs',
      rosterRevokePayload({ device: bob, cut: Array(401).fill(cutTo([bob, 1])[0]) }),
    ],
    ['seq 0', rosterRevokePayload({ device: bob, cut: cutTo([bob, 0]) })],
  ])('RO9 refuses a revocation with %s', (_, payload) => {
    expect(() => parseRosterRevoke(payload as Value)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
    const roster = fold([...base, entry(alice, 8, kinds.rosterRevoke, payload as Value)])
    expect(gone(roster)).toEqual([])
    expect(reasons(roster)).toEqual(['malformed'])
  })

  it('RO9 refuses a role that is none', () => {
    expect(() => parseRosterRole([idBytes(bob), 'owner', []])).toThrow('wrong shape')
  })
})

describe('roles', () => {
  it('RO10 the founder is an admin, whoever is taken in a member, and admins make others so', () => {
    const roster = foldAll(base)
    expect([alice, bob, carol, dave].map((each) => roleOf(roster, each))).toEqual([
      'admin',
      'admin',
      'admin',
      'member',
    ])
  })

  it.each([
    ['a member', dave],
    ['a stranger', mallory],
  ])('RO10 what %s says of roles or removes counts for nothing', (_, author) => {
    const roster = foldAll([
      ...base,
      gives(author, 2, author, 'admin'),
      gives(author, 3, bob, 'observer'),
      revokes(author, 4, bob, cutTo([bob, 9])),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol', 'dave'])
    expect(roleOf(roster, bob)).toBe('admin')
    expect(new Set(reasons(roster))).toEqual(
      new Set(author === dave ? ['not-permitted'] : ['stranger']),
    )
  })

  it('RO10 an observer takes in, names and removes nobody, but may leave', () => {
    const roster = foldAll([
      ...base,
      gives(alice, 8, dave, 'observer'),
      adds(dave, 2, mallory),
      renames(dave, 3, bob, 'mine'),
      adds(dave, 4, dave, { name: 'daves own' }),
      adds(mallory, 2, signer(9).device),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol', 'dave'])
    expect(roster.devices.get(bob)?.name).toBe('laptop')
    expect(roster.devices.get(dave)?.name).toBe('daves own')
    expect(reasons(roster).sort()).toEqual(['not-permitted', 'not-permitted', 'stranger'])
    const left = fold([...base, gives(alice, 8, dave, 'observer'), revokes(dave, 2, dave)])
    expect(gone(left)).toEqual(['dave'])
  })

  it('RO10 what a device did while it might stays when its role is taken, and what it does then not', () => {
    const taken = gives(alice, 8, bob, 'observer', { cut: cutTo([bob, 3]) })
    const roster = foldAll([
      ...base,
      adds(bob, 2, mallory),
      revokes(bob, 3, dave, []),
      taken,
      revokes(bob, 4, carol, []),
    ])
    expect(living(roster)).toEqual(['alice', 'bob', 'carol', 'mallory'])
    expect(roleOf(roster, bob)).toBe('observer')
  })

  it('RO10 of an observer is told how much of its logs counts, of a member nothing', () => {
    const observer = gives(alice, 8, dave, 'observer', { cut: cutTo([dave, 3]) })
    const silent = foldAll([...base, observer]).devices.get(dave)?.silentFrom
    expect(silent).toEqual(new Map([[logOf(dave), 3]]))
    const saw = [{ log: logOf(alice), seq: 8, hash: new Uint8Array(8) }]
    const again = gives(alice, 9, dave, 'member', { cut: cutTo([dave, 3]), saw })
    expect(foldAll([...base, observer, again]).devices.get(dave)?.silentFrom).toBeUndefined()
  })

  it('RO11 roles come from seniors: two admins cannot take each other’s, and all may step down', () => {
    const roster = foldAll([
      ...base,
      gives(bob, 2, alice, 'observer'),
      gives(alice, 8, bob, 'member', { cut: cutTo([bob, 9]) }),
      gives(carol, 2, carol, 'member', { cut: cutTo([carol, 9]) }),
    ])
    expect(roleOf(roster, alice)).toBe('admin')
    expect(roleOf(roster, bob)).toBe('member')
    expect(roleOf(roster, carol)).toBe('member')
    expect(roleOf(fold([...base, gives(dave, 2, dave, 'admin')]), dave)).toBe('member')
  })

  it('RO11 the last word about a role is the one that saw the others, whatever its stamp', () => {
    const early = gives(alice, 8, dave, 'admin', { ms: 7e12 })
    const saw = [{ log: logOf(alice), seq: 8, hash: new Uint8Array(8) }]
    const late = gives(bob, 2, dave, 'observer', { ms: 3000, saw })
    expect(roleOf(foldAll([...base, early, late]), dave)).toBe('observer')
    // Of two that did not see each other the lesser counts.
    const beside = gives(bob, 2, dave, 'observer', { ms: 3000 })
    expect(roleOf(foldAll([...base, early, beside]), dave)).toBe('observer')
    const other = gives(bob, 2, dave, 'admin', { ms: 9000 })
    const least = gives(alice, 8, dave, 'observer', { ms: 3000 })
    expect(roleOf(foldAll([...base, least, other]), dave)).toBe('observer')
  })
})
