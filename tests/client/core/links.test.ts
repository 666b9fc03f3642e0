/** Who is connected, over what, and who lacks what: contacts and channels are the test's. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Channel } from '@baton/client/core/ports/channel'
import type { Store } from '@baton/client/core/ports/store'
import { BatonError } from '@baton/shared/errors'
import { describe, expect, it } from 'vitest'
import { one, startSide, two } from '../../support/exchange-pair.ts'
import {
  type FakeContact,
  linkOf,
  openLinks,
  openPair,
  recordOf,
} from '../../support/links-world.ts'

describe('contacts and channels', () => {
  it('LK1 a pairing has one contact; one that was paired anew has the new one alone', async () => {
    const { bob, links, contacts } = await openLinks()
    links.keep(recordOf(bob.device))
    links.keep(recordOf(bob.device))
    expect(contacts).toHaveLength(1)
    links.keep(recordOf(bob.device, 'anew'))
    expect(contacts.map(({ closed }) => closed)).toEqual([true, false])
    links.wake(bob.device)
    expect(contacts.map(({ woken }) => woken)).toEqual([0, 1])
  })

  it('LK1 each channel has an exchange that ends with it; a new channel takes over at once', async () => {
    const { alice, bob, links, connect } = await openLinks()
    links.keep(recordOf(bob.device))
    await alice.repo.append(one, 'first')
    const old = await connect()
    expect(await bob.repo.all(one)).toEqual(['first'])
    const before = links.reach(bob.device)?.exchange
    const next = await connect()
    expect(links.reach(bob.device)?.exchange).not.toBe(before)
    await alice.repo.append(one, 'second')
    expect(old.waiting('bob')).toBe(0)
    await next.flush()
    expect(await bob.repo.all(one)).toEqual(['first', 'second'])
    // The end of the one that was replaced is no end of the link.
    old.cut()
    expect(links.state(bob.device)).toBe('connected')
    next.cut()
    expect(links.state(bob.device)).toBe('offline')
    expect(links.reach(bob.device)).toBe(undefined)
  })

  it('LK5 nothing to a removed device is kept or taken: not its link, its contact, nor a guest', async () => {
    const { bob, links, contacts, connect, bound, removed, changes } = await openLinks()
    links.keep(recordOf(bob.device))
    const pair = await connect()
    expect(links.state(bob.device)).toBe('connected')
    removed.add(bob.device)
    changes.length = 0
    links.forget(bob.device)
    expect(links.state(bob.device)).toBe('offline')
    expect(links.reach(bob.device)).toBeUndefined()
    expect(new Set(changes)).toEqual(new Set([bob.device]))
    await pair.flush()
    await turn()
    expect(contacts[0]?.closed).toBe(true)
    links.keep(recordOf(bob.device, 'anew'))
    expect(contacts).toHaveLength(1)
    const late = openPair()
    contacts[0]?.hooks.connected(bound(late))
    const guest = openPair()
    links.guest(linkOf(bound(guest)))
    for (const each of [late, guest]) await each.flush()
    expect(links.state(bob.device)).toBe('offline')
    expect(links.connected()).toEqual([])
  })

  it('LK1 a link that cannot begin is closed, and is no link', async () => {
    const broken = (inner: Store): Store => ({
      ...inner,
      list: () => {
        throw new BatonError('store-corrupt', 'failed')
      },
    })
    const { bob, links, contacts, alice, bound } = await openLinks(broken)
    links.keep(recordOf(bob.device))
    const pair = openPair()
    contacts[0]?.hooks.connected(bound(pair))
    await pair.flush()
    expect(links.state(bob.device)).toBe('offline')
    expect(links.connected()).toEqual([])
    expect(alice.traced).toEqual(['exchange.failed'])
    await expect(pair.bob.send('live', new Uint8Array(1))).rejects.toMatchObject({
      code: 'link-closed',
    })
  })

  it('LK1 a channel that closes before its exchange begins leaves nothing behind', async () => {
    const { alice, bob, links, contacts, bound } = await openLinks()
    links.keep(recordOf(bob.device))
    const pair = openPair()
    contacts[0]?.hooks.connected(bound(pair))
    pair.cut()
    await pair.flush()
    expect(links.state(bob.device)).toBe('offline')
    expect(links.reach(bob.device)).toBe(undefined)
    expect(alice.clock.pending).toBe(0)
  })

  it('LK1 a channel that is replaced before its exchange begins says nothing', async () => {
    const { alice, bob, links, contacts, bound } = await openLinks()
    links.keep(recordOf(bob.device))
    const [old, next] = [openPair(), openPair()]
    for (const pair of [old, next]) contacts[0]?.hooks.connected(bound(pair))
    await startSide(bob, alice.device, next.bob)
    await next.flush()
    await alice.repo.append(one, 'over the new one')
    await next.flush()
    expect(await bob.repo.all(one)).toEqual(['over the new one'])
    expect(old.waiting('bob')).toBe(0)
  })

  it('LK1 closing closes every contact and channel', async () => {
    const { bob, links, contacts, connect, alice } = await openLinks()
    links.keep(recordOf(bob.device))
    const pair = await connect()
    await links.close()
    expect(contacts[0]?.closed).toBe(true)
    await expect((pair.bob as Channel).send('live', new Uint8Array(1))).rejects.toMatchObject({
      code: 'link-closed',
    })
    expect(alice.clock.pending).toBe(0)
  })
})

describe('what is told of a device', () => {
  it('XC9 room is told by what is stored next when the link closed while the disk was full', async () => {
    const { alice, bob, links, troubles, connect } = await openLinks()
    links.keep(recordOf(bob.device))
    const pair = await connect()
    alice.disk.fill(0)
    await bob.repo.append(one, 'missed')
    await pair.flush()
    expect(troubles).toEqual(['store-full'])
    pair.cut()
    const again = await connect()
    await again.flush()
    expect(troubles).toEqual(['store-full'])
    again.cut()
    alice.disk.fill(undefined)
    await connect()
    expect(await alice.repo.all(one)).toEqual(['missed'])
    expect(troubles).toEqual(['store-full', undefined])
    await links.close()
    expect(alice.clock.pending).toBe(0)
  })

  it('LK2 its state, why it is not connected, and when it last was; each change is told', async () => {
    const { alice, bob, links, contacts, changes, connect } = await openLinks()
    expect([links.state(bob.device), links.lastSeen(bob.device)]).toEqual(['offline', undefined])
    links.keep(recordOf(bob.device))
    const [contact] = contacts as [FakeContact]
    contact.state = 'connecting'
    expect(links.state(bob.device)).toBe('connecting')
    contact.hooks.trouble({ code: 'no-path', message: 'none', hint: undefined })
    expect(links.trouble(bob.device)?.code).toBe('no-path')
    expect(new Set(changes)).toEqual(new Set([bob.device]))
    const pair = await connect()
    expect([links.state(bob.device), links.trouble(bob.device)]).toEqual(['connected', undefined])
    expect(links.connected()).toEqual([bob.device])
    expect(links.reach(bob.device)?.facts()).toMatchObject({ path: 'direct' })
    alice.clock.advance(5000)
    expect(links.lastSeen(bob.device)).toBe(alice.clock.now())
    const told = changes.length
    pair.cut()
    const seen = alice.clock.now()
    alice.clock.advance(5000)
    expect(links.lastSeen(bob.device)).toBe(seen)
    expect(changes.length).toBeGreaterThan(told)
    contact.state = 'waiting'
    expect(links.state(bob.device)).toBe('offline')
  })

  it('LK2 its disk, as long as the link that said it; the own one is told to the mesh', async () => {
    const { alice, bob, links, troubles, connect } = await openLinks()
    links.keep(recordOf(bob.device))
    const pair = await connect()
    bob.disk.fill(0)
    await alice.repo.append(one, 'too much')
    await pair.flush()
    expect(links.reach(bob.device)?.diskTrouble()).toBe('store-full')
    pair.cut()
    bob.disk.fill(undefined)
    const next = await connect()
    expect(links.reach(bob.device)?.diskTrouble()).toBe(undefined)
    await bob.repo.append(two, 'fits there')
    alice.disk.fill(0)
    await next.flush()
    expect(troubles).toEqual(['store-full'])
  })

  it('LK3 a session is acknowledged with its last entry on the other disk, and in part before', async () => {
    const { alice, bob, links, connect } = await openLinks()
    links.keep(recordOf(bob.device))
    await alice.repo.append(one, 'a')
    expect([links.acked(bob.device, one), links.ackedBytes(bob.device, one)]).toEqual([false, 0])
    const hold = bob.disk.holdFlushes()
    const pair = await connect()
    expect([links.acked(bob.device, one), links.ackedBytes(bob.device, one)]).toEqual([false, 0])
    hold.release()
    await pair.flush()
    const bytes = alice.repo.heads(one)[0]?.bytes
    expect([links.acked(bob.device, one), links.ackedBytes(bob.device, one)]).toEqual([true, bytes])
    await alice.repo.append(one, 'b'.repeat(1000))
    expect(links.acked(bob.device, one)).toBe(false)
    const part = links.ackedBytes(bob.device, one)
    expect(part).toBeGreaterThan(0)
    expect(part).toBeLessThan(alice.repo.heads(one)[0]?.bytes ?? 0)
    await pair.flush()
    expect(links.acked(bob.device, one)).toBe(true)
    // Still known when the link is gone.
    pair.cut()
    expect(links.acked(bob.device, one)).toBe(true)
  })

  it('LK3 every open exchange hears of what grew, and asks again when others become known', async () => {
    const { alice, bob, links, connect } = await openLinks()
    links.keep(recordOf(bob.device))
    alice.knows = (device) => device !== bob.device
    const pair = await connect()
    await bob.repo.append(two, 'from bob')
    await pair.flush()
    expect(await alice.repo.all(two)).toEqual([])
    alice.knows = () => true
    links.reconsider()
    await pair.flush()
    expect(await alice.repo.all(two)).toEqual(['from bob'])
  })
})

describe('a guest', () => {
  it('LK4 is reached while its channel is open, and forgotten then', async () => {
    const { bob, alice, links, contacts, bound } = await openLinks()
    const pair = openPair()
    links.guest(linkOf(bound(pair)))
    await startSide(bob, alice.device, pair.bob)
    await pair.flush()
    expect(links.state(bob.device)).toBe('connected')
    await alice.repo.append(one, 'for the guest')
    await pair.flush()
    expect(await bob.repo.all(one)).toEqual(['for the guest'])
    pair.cut()
    expect(links.state(bob.device)).toBe('offline')
    expect([links.lastSeen(bob.device), links.acked(bob.device, one)]).toEqual([undefined, false])
    expect(contacts).toEqual([])
    expect(alice.clock.pending).toBe(0)
  })

  it('LK4 that was paired meanwhile, or before, is kept', async () => {
    const { bob, links, contacts, bound, connect } = await openLinks()
    const visit = openPair()
    links.guest(linkOf(bound(visit)))
    links.keep(recordOf(bob.device))
    await connect()
    visit.cut()
    expect(links.state(bob.device)).toBe('connected')
    const again = openPair()
    links.guest(linkOf(bound(again)))
    await again.flush()
    again.cut()
    links.wake(bob.device)
    expect(contacts[0]?.woken).toBe(1)
  })

  it('LK4 that comes again before it was gone is reached over the new channel', async () => {
    const { bob, links, bound } = await openLinks()
    const [old, next] = [openPair(), openPair()]
    links.guest(linkOf(bound(old)))
    await old.flush()
    links.guest(linkOf(bound(next)))
    await next.flush()
    old.cut()
    expect(links.state(bob.device)).toBe('connected')
    expect(links.reach(bob.device)).toBeDefined()
    next.cut()
    expect(links.lastSeen(bob.device)).toBe(undefined)
  })
})
