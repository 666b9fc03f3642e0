/** RS12, RS15: a recovery key as one device names, uses and ends it. */

import type { RecoveryUse } from '@baton/client/core/mesh-api'
import { createRecovery } from '@baton/client/core/recovery'
import { entriesOf } from '@baton/client/core/repo/rows'
import { type DeviceId, deviceId } from '@baton/shared/ids'
import {
  recoveryKeyOf,
  recoveryLinkOf,
  recoveryWordsOf,
} from '@baton/shared/keyexchange/recovery-words'
import { describe, expect, it } from 'vitest'
import { four, idOf, peerOf, type Side, side } from '../../support/four-devices.ts'
import { hand } from '../../support/repo.ts'
import { nodePrimitives } from '../../support/signer.ts'

const { sha256 } = nodePrimitives
const paper = (seed: number) => {
  const secret = new Uint8Array(16).fill(seed)
  const words = recoveryWordsOf(sha256, secret).join(' ')
  return { words, link: recoveryLinkOf(secret), key: deviceId(recoveryKeyOf(secret).key) }
}
const [first, second] = [paper(1), paper(2)]
const recoveryOf = ({ devices, repo }: Side) =>
  createRecovery({ self: repo.device, devices, repository: repo, sha256 })
const use = (secret: string, more: Partial<RecoveryUse> = {}): RecoveryUse => ({
  secret,
  raise: true,
  remove: [],
  back: [],
  end: false,
  ...more,
})
const living = ({ devices }: Side) => [...devices.roster().devices.keys()].toSorted()
const sorted = (...seeds: number[]) => seeds.map(idOf).toSorted()
const keysAt = ({ devices }: Side) => devices.roster().recovery.map(({ key }) => key)
const roleAt = ({ devices }: Side, seed: number) => devices.roster().devices.get(idOf(seed))?.role

/** All that is on the device's disk. */
async function disk({ repo }: Side): Promise<string> {
  const bytes: Buffer[] = []
  for (const session of repo.sessions()) {
    for (const { log } of repo.heads(session)) {
      for await (const delta of repo.read(log, 0)) {
        for (const { body } of entriesOf(delta)) bytes.push(Buffer.from(body))
      }
    }
  }
  return Buffer.concat(bytes).toString('latin1')
}

describe('naming', () => {
  it('RS15 an admin names one; a second only beside one that a junior named; its end needs no words', async () => {
    const { alice, bob, carol, meet } = await four()
    const refused = { code: 'not-permitted' }
    await expect(recoveryOf(bob).name(first.key)).rejects.toMatchObject(refused)
    await alice.devices.setRole(idOf(2), 'admin')
    await meet()
    await recoveryOf(bob).name(first.key)
    await meet()
    await expect(recoveryOf(bob).name(second.key)).rejects.toMatchObject({
      ...refused,
      hint: expect.stringContaining('baton recovery replace'),
    })
    await recoveryOf(alice).name(second.key)
    await expect(recoveryOf(alice).name(idOf(4))).rejects.toMatchObject(refused)
    await meet()
    expect(keysAt(carol)).toEqual([second.key, first.key])
    await expect(recoveryOf(carol).end(first.key)).rejects.toMatchObject(refused)
    await recoveryOf(bob).end(first.key)
    await expect(recoveryOf(bob).end(first.key)).rejects.toMatchObject({ code: 'not-found' })
    await meet()
    expect(carol.devices.roster().recovery[1]?.ended?.by).toBe(idOf(2))
  })

  it('RS15 with one set the last admin may leave or step down, and the words make another', async () => {
    const { alice, bob, carol, meet } = await four()
    await expect(alice.devices.remove(idOf(1))).rejects.toMatchObject({ code: 'not-permitted' })
    await recoveryOf(alice).name(first.key)
    await alice.devices.setRole(idOf(1), 'member')
    await alice.devices.remove(idOf(1))
    await meet()
    expect(living(bob)).toEqual(sorted(2, 3, 4))
    await expect(bob.devices.setRole(idOf(3), 'admin')).rejects.toMatchObject({
      code: 'not-permitted',
    })
    await recoveryOf(bob).use(use(first.link))
    await meet()
    expect(roleAt(carol, 2)).toBe('admin')
    await bob.devices.setRole(idOf(3), 'admin')
    await meet()
    expect(roleAt(carol, 3)).toBe('admin')
  })

  it('RS15 whoever is removed or made less loses the keys it named, not what they did', async () => {
    for (const how of ['remove', 'demote']) {
      const { alice, bob, carol, dave, meet } = await four()
      await alice.devices.setRole(idOf(2), 'admin')
      await meet()
      await recoveryOf(bob).name(first.key)
      await recoveryOf(bob).use(use(first.words, { remove: [idOf(4)] }))
      await recoveryOf(bob).use(use(first.words, { raise: false, successor: second.key }))
      await meet()
      expect(living(alice)).toEqual(sorted(1, 2, 3))
      if (how === 'remove') await alice.devices.remove(idOf(2))
      else await alice.devices.setRole(idOf(2), 'observer')
      await meet()
      // Neither its own words nor those of the key help it.
      for (const { words } of [first, second]) {
        const asked = use(words, { raise: false, remove: [idOf(3)] })
        await expect(recoveryOf(bob).use(asked)).rejects.toMatchObject({ code: 'not-permitted' })
      }
      expect(living(carol)).toEqual(how === 'remove' ? sorted(1, 3) : sorted(1, 2, 3))
      expect(dave.devices.isRemoved(idOf(4))).toBe(true)
    }
  })
})

describe('use', () => {
  /** Device 2 is an admin in a thief's hands, and removed everybody, and the key. */
  async function robbed() {
    const sides = await four()
    const { alice, bob, meet } = sides
    await alice.devices.setRole(idOf(2), 'admin')
    await recoveryOf(alice).name(first.key)
    await meet()
    await recoveryOf(bob).end(first.key)
    for (const seed of [1, 3, 4]) await bob.devices.remove(idOf(seed))
    await recoveryOf(bob).name(second.key)
    await meet()
    return sides
  }

  it('RS12 on one of the removed devices the words undo what a thief did, and remove it', async () => {
    const { alice, bob, carol, dave, meet } = await robbed()
    for (const side of [alice, bob, carol, dave]) expect(living(side)).toEqual(sorted(2))
    const asked = use(first.words, { remove: [idOf(2)], back: [idOf(1)] })
    await recoveryOf(carol).use(asked)
    await meet()
    for (const side of [alice, carol, dave]) {
      expect(living(side)).toEqual(sorted(1, 3))
      expect(roleAt(side, 3)).toBe('admin')
      expect(side.devices.roster().recovery).toMatchObject([
        { key: first.key, ended: undefined },
        { key: second.key, ended: { by: first.key } },
      ])
    }
    // Whoever was not named is not back, and can be later.
    await recoveryOf(alice).use(use(first.words, { raise: false, back: [idOf(4)] }))
    await meet()
    for (const side of [alice, carol, dave]) expect(living(side)).toEqual(sorted(1, 3, 4))
  })

  it('RS12 said on two devices that do not hear of each other it comes to the same', async () => {
    const { alice, carol, dave, meet } = await robbed()
    await recoveryOf(carol).use(use(first.words, { remove: [idOf(2)] }))
    await recoveryOf(alice).use(use(first.words, { remove: [idOf(2)], back: [idOf(4)] }))
    await meet()
    for (const side of [alice, carol, dave]) {
      expect(living(side)).toEqual(sorted(1, 3, 4))
      expect([1, 3].map((seed) => roleAt(side, seed))).toEqual(['admin', 'admin'])
    }
  })

  it('RS12 also against the device that began the roster, and against what it says meanwhile', async () => {
    const { alice, bob, carol, dave, meet } = await four()
    await recoveryOf(alice).name(first.key)
    await meet()
    await alice.devices.remove(idOf(2))
    const session = alice.devices.session() as never
    await hand(alice.repo, bob.repo, session)
    await bob.devices.refresh()
    // Not heard of by bob: another removal, and the key's.
    await alice.devices.remove(idOf(3))
    await recoveryOf(alice).end(first.key)
    await recoveryOf(bob).use(use(first.words, { remove: [idOf(1)] }))
    await meet()
    for (const side of [bob, carol, dave]) expect(living(side)).toEqual(sorted(2, 3, 4))
  })

  it('RS12 the device that made it, removed by one that had not heard of it, is back or goes: a person says', async () => {
    const { alice, bob, carol, dave, meet } = await four()
    await alice.devices.setRole(idOf(2), 'admin')
    await meet()
    // Neither hears of the other.
    await bob.devices.remove(idOf(1))
    await recoveryOf(alice).name(first.key)
    await meet()
    expect(keysAt(carol)).toEqual([])
    const asked = use(first.words, { remove: [idOf(2)] })
    await expect(recoveryOf(carol).use(asked)).rejects.toMatchObject({ code: 'ambiguous' })
    await recoveryOf(carol).use({ ...asked, back: [idOf(1)] })
    await meet()
    for (const side of [alice, carol, dave]) expect(living(side)).toEqual(sorted(1, 3, 4))
    await recoveryOf(dave).use(use(first.words, { remove: [idOf(1)] }))
    await meet()
    for (const side of [carol, dave]) expect(living(side)).toEqual(sorted(3, 4))
    expect(keysAt(carol)).toEqual([first.key])
  })

  it('RS12 what it does not reach, and what makes no sense, is refused before anything is said', async () => {
    const { alice, bob, carol, meet } = await four()
    await alice.devices.setRole(idOf(2), 'admin')
    await meet()
    await recoveryOf(bob).name(first.key)
    await alice.devices.remove(idOf(3))
    await meet()
    const before = bob.repo.heads(bob.devices.session() as never).length
    const fails = async (asked: RecoveryUse, code: string) =>
      expect(recoveryOf(bob).use(asked)).rejects.toMatchObject({ code })
    // The removal is a senior's, and bob is not above alice.
    await fails(use(first.words, { back: [idOf(3)] }), 'not-permitted')
    await fails(use(second.words), 'not-found')
    await fails(use('ability ability'), 'code-format')
    await fails(use(first.words, { remove: [idOf(2)] }), 'invalid')
    await fails(use(first.words, { remove: [idOf(9)] }), 'not-paired')
    expect(bob.repo.heads(bob.devices.session() as never)).toHaveLength(before)
    expect(carol.devices.isRemoved(idOf(3))).toBe(true)
  })

  it('RS12 nothing of the words is kept, nor the key they make', async () => {
    const { alice } = await four()
    await recoveryOf(alice).name(first.key)
    await recoveryOf(alice).use(use(first.words, { remove: [idOf(2)] }))
    const { seed } = recoveryKeyOf(new Uint8Array(16).fill(1))
    const held = await disk(alice)
    for (const secret of [seed, new Uint8Array(16).fill(1)]) {
      expect(held).not.toContain(Buffer.from(secret).toString('latin1'))
    }
    expect(held).not.toContain(first.words.split(' ')[0])
  })

  it('RS12 a key is replaced by its words, and given up by them for good', async () => {
    const { alice, bob, carol, meet } = await four()
    await recoveryOf(alice).name(first.key)
    await meet()
    await recoveryOf(bob).use(use(first.words, { raise: false, successor: second.key, end: true }))
    await meet()
    expect(roleAt(carol, 2)).toBe('member')
    expect(carol.devices.roster().recovery).toMatchObject([
      { key: first.key, ended: { by: first.key } },
      { key: second.key, namedBy: first.key, ended: undefined },
    ])
    await expect(recoveryOf(carol).use(use(first.words))).rejects.toMatchObject({ code: 'revoked' })
    await recoveryOf(carol).use(use(second.words, { remove: [idOf(1)] }))
    await meet()
    expect(living(bob)).toEqual(sorted(2, 3, 4))
    await recoveryOf(bob).use(use(second.words, { raise: false, end: true }))
    expect(bob.devices.roster().recovery.every(({ ended }) => ended)).toBe(true)
  })
})

it('RS12 a device that pairs with one that is left becomes an admin by the words', async () => {
  const { alice, bob, carol, meet } = await four()
  await recoveryOf(alice).name(first.key)
  await meet()
  await alice.devices.remove(idOf(4))
  await alice.devices.remove(idOf(1))
  await meet()
  await bob.devices.add(peerOf(7))
  await meet()
  const fresh: DeviceId = idOf(7)
  expect(carol.devices.roster().devices.get(fresh)?.role).toBe('member')
  const seventh = await side(7)
  await seventh.devices.adopt(bob.devices.facts().id)
  await hand(bob.repo, seventh.repo, bob.devices.session() as never)
  await hand(carol.repo, seventh.repo, bob.devices.session() as never)
  await hand(alice.repo, seventh.repo, bob.devices.session() as never)
  await seventh.devices.refresh()
  await recoveryOf(seventh).use(use(first.words))
  expect(roleAt(seventh, 7)).toBe('admin')
})
