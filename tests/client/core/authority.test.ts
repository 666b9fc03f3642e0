/** RS6, RS7: roles and removals as one device writes them. */
import { sessionId, splitLogId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { four, idOf, peerOf, type Side } from '../../support/four-devices.ts'
import { hand } from '../../support/repo.ts'
import { session as sessionOf } from '../../support/signer.ts'

const one = sessionOf(1)

const entriesIn = ({ repo }: Side) =>
  repo
    .sessions()
    .flatMap((id) => repo.heads(id))
    .reduce((sum, { seq }) => sum + seq, 0)

it('RS6 a removal names all that is held of the device, in every session, and is known to all', async () => {
  const { alice, bob, carol, meet } = await four()
  await bob.repo.append(one, 'first', 'second')
  await hand(bob.repo, alice.repo, one)
  const known = bob.repo.heads(one)[0]
  await bob.repo.append(one, 'third')
  await bob.devices.rename(idOf(3), 'not heard of')
  await alice.devices.remove(idOf(2))
  await meet()
  for (const { devices } of [alice, bob, carol]) {
    expect(devices.isMember(idOf(2))).toBe(false)
    expect(devices.isRemoved(idOf(2))).toBe(true)
    const { removed, devices: living } = devices.roster()
    expect(removed.get(idOf(2))?.cut.get(known?.log as never)).toBe(known?.seq)
    expect(living.get(idOf(3))?.name).toBe('device 3')
  }
  await expect(bob.devices.remove(idOf(3))).rejects.toMatchObject({ code: 'revoked' })
  await expect(bob.devices.add(peerOf(7))).rejects.toMatchObject({ code: 'revoked' })
  await expect(alice.devices.add(peerOf(2))).rejects.toMatchObject({ code: 'revoked' })
})

it('RS6 removed again, what else this device holds counts from then on; with nothing new it is silent', async () => {
  const { alice, bob, carol, meet } = await four()
  await alice.devices.setRole(idOf(3), 'admin')
  await bob.repo.append(one, 'only carol has it')
  await hand(bob.repo, carol.repo, one)
  await alice.devices.remove(idOf(2))
  await meet()
  const log = bob.repo.heads(one)[0]?.log as never
  expect(alice.devices.roster().removed.get(idOf(2))?.cut.get(log)).toBeUndefined()
  await carol.devices.remove(idOf(2))
  await meet()
  expect(alice.devices.roster().removed.get(idOf(2))?.cut.get(log)).toBe(2)
  const before = entriesIn(carol)
  await carol.devices.remove(idOf(2))
  expect(entriesIn(carol)).toBe(before)
})

it('RS6 more logs than one entry takes are several, and count as one', async () => {
  const { alice, bob, meet } = await four()
  const many = Array.from({ length: 405 }, (_, i) => {
    const id = new Uint8Array(16)
    new DataView(id.buffer).setUint32(0, i + 1)
    return sessionId(id)
  })
  for (const session of many) {
    await bob.repo.append(session, 'x')
    await hand(bob.repo, alice.repo, session)
  }
  await alice.devices.remove(idOf(2))
  await meet()
  const cut = bob.devices.roster().removed.get(idOf(2))?.cut
  const sessions = new Set([...(cut?.keys() ?? [])].map((log) => splitLogId(log).session))
  expect(many.every((session) => sessions.has(session))).toBe(true)
})

it('RS6 only an admin removes another; any device may leave, but the last admin only alone', async () => {
  const { alice, bob, carol, dave, meet } = await four()
  await expect(bob.devices.remove(idOf(3))).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(alice.devices.remove(idOf(9))).rejects.toMatchObject({ code: 'not-paired' })
  await expect(alice.devices.remove(idOf(1))).rejects.toMatchObject({
    code: 'not-permitted',
    hint: expect.stringContaining('baton role'),
  })
  await dave.devices.remove(idOf(4))
  await meet()
  expect(alice.devices.roster().removed.get(idOf(4))?.removedBy).toBe(idOf(4))
  await alice.devices.setRole(idOf(2), 'admin')
  await alice.devices.remove(idOf(1))
  await meet()
  expect([...carol.devices.roster().devices.keys()].toSorted()).toEqual(
    [idOf(2), idOf(3)].toSorted(),
  )
})

it('RS7 an admin gives roles to its juniors, each word in the place of the one before', async () => {
  const { alice, bob, carol, meet } = await four()
  const roleAt = ({ devices }: Side, seed: number) => devices.roster().devices.get(idOf(seed))?.role
  await expect(bob.devices.setRole(idOf(3), 'admin')).rejects.toMatchObject({
    code: 'not-permitted',
  })
  // A clock far ahead does not make its word the last one for ever.
  await alice.repo.clock.elapse(365 * 24 * 3_600_000)
  await alice.devices.setRole(idOf(2), 'admin')
  await alice.devices.setRole(idOf(3), 'observer')
  await meet()
  await expect(bob.devices.setRole(idOf(1), 'member')).rejects.toMatchObject({
    code: 'not-permitted',
    message: expect.stringContaining('senior'),
  })
  await bob.devices.setRole(idOf(3), 'member')
  await meet()
  expect([roleAt(alice, 2), roleAt(carol, 3)]).toEqual(['admin', 'member'])
  const before = entriesIn(bob)
  await bob.devices.setRole(idOf(3), 'member')
  expect(entriesIn(bob)).toBe(before)
  await carol.devices.setRole(idOf(3), 'observer')
  await expect(carol.devices.add(peerOf(7))).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(carol.devices.setRole(idOf(3), 'admin')).rejects.toMatchObject({
    code: 'not-permitted',
  })
})

it('RS7 the last admin stays one', async () => {
  const { alice, bob, meet } = await four()
  const last = { code: 'not-permitted', message: expect.stringContaining('no admin') }
  await expect(alice.devices.setRole(idOf(1), 'member')).rejects.toMatchObject(last)
  await alice.devices.setRole(idOf(2), 'admin')
  await alice.devices.setRole(idOf(1), 'member')
  await meet()
  expect(bob.devices.roster().devices.get(idOf(1))?.role).toBe('member')
})
