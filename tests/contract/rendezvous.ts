/**
 * The Rendezvous port's meaning (RZ1 to RZ11), for every implementation and the fake. `setup` gives
 * a fresh service; `client` one more device's client of it.
 */
import type { Rendezvous, Slot, SlotEvent } from '@baton/client/core/ports/rendezvous'
import { maxBlobBytes, maxQueueMessages, slotClaims } from '@baton/shared/limits'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createInbox, type Inbox } from '../support/inbox.ts'
import { listenKey } from '../support/listen-key.ts'

export interface Service {
  client(): Rendezvous
  /** Forgets everything, as a restart does. */
  restart(): Promise<void>
  close(): Promise<void>
}

const sid = new Uint8Array(16).fill(7)
const blob = (fill: number, length = 1024) => new Uint8Array(length).fill(fill)

function eventsOf(slot: Slot): Inbox<SlotEvent> {
  const inbox = createInbox<SlotEvent>()
  slot.onEvent(inbox.put)
  return inbox
}

export function rendezvousContract(name: string, setup: () => Promise<Service>): void {
  describe(name, () => {
    let service: Service
    let alice: Rendezvous
    let bob: Rendezvous
    let carol: Rendezvous

    beforeEach(async () => {
      service = await setup()
      alice = service.client()
      bob = service.client()
      carol = service.client()
    })

    afterEach(async () => {
      await Promise.all([alice.close(), bob.close(), carol.close()])
      await service.close()
    })

    async function pair() {
      const inviter = await alice.open(sid)
      const atInviter = eventsOf(inviter)
      const joiner = await bob.claim(inviter.nameplate)
      const atJoiner = eventsOf(joiner)
      expect(await atInviter.next()).toEqual({ kind: 'claimed' })
      return { inviter, atInviter, joiner, atJoiner }
    }

    it('RZ1 a claim by nameplate hands over the sid and carries messages both ways, in order', async () => {
      const { inviter, atInviter, joiner, atJoiner } = await pair()
      expect(inviter.nameplate).toMatch(/^[1-9]\d{2,}$/)
      expect(joiner.nameplate).toBe(inviter.nameplate)
      expect([inviter.sid, joiner.sid]).toEqual([sid, sid])
      const sends = [1, 2, 3].flatMap((n) => [joiner.send(blob(n)), inviter.send(blob(10 + n))])
      for (const n of [1, 2, 3]) {
        expect(await atInviter.next()).toEqual({ kind: 'message', blob: blob(n) })
        expect(await atJoiner.next()).toEqual({ kind: 'message', blob: blob(10 + n) })
      }
      await Promise.all(sends)
    })

    it('RZ2 events before the first handler are kept for it', async () => {
      const inviter = await alice.open(sid)
      const joiner = await bob.claim(inviter.nameplate)
      await joiner.send(blob(1))
      const atInviter = eventsOf(inviter)
      expect(await atInviter.next()).toEqual({ kind: 'claimed' })
      expect(await atInviter.next()).toEqual({ kind: 'message', blob: blob(1) })
    })

    it('RZ3 a second claimer is told busy, both sides are told crowded, and the pair goes on', async () => {
      const { inviter, atInviter, joiner, atJoiner } = await pair()
      await expect(carol.claim(inviter.nameplate)).rejects.toMatchObject({ code: 'code-busy' })
      expect(await atInviter.next()).toEqual({ kind: 'crowded' })
      expect(await atJoiner.next()).toEqual({ kind: 'crowded' })
      await joiner.send(blob(1))
      expect(await atInviter.next()).toEqual({ kind: 'message', blob: blob(1) })
    })

    it('RZ4 a released place is free for the next joiner, who hears nothing meant for the last', async () => {
      const { inviter, atInviter, atJoiner } = await pair()
      await inviter.send(blob(1))
      expect((await atJoiner.next()).kind).toBe('message')
      await inviter.release()
      expect(await atJoiner.next()).toEqual({ kind: 'ended', reason: 'closed' })
      expect(await atInviter.next()).toEqual({ kind: 'released' })
      await inviter.send(blob(2))
      const second = await carol.claim(inviter.nameplate)
      const atSecond = eventsOf(second)
      expect(await atInviter.next()).toEqual({ kind: 'claimed' })
      await inviter.send(blob(3))
      expect(await atSecond.next()).toEqual({ kind: 'message', blob: blob(3) })
    })

    it('RZ5 a joiner that leaves frees its place; an inviter that leaves ends the slot', async () => {
      const { inviter, atInviter, joiner } = await pair()
      await joiner.close()
      expect(await atInviter.next()).toEqual({ kind: 'released' })
      const second = await carol.claim(inviter.nameplate)
      const atSecond = eventsOf(second)
      expect(await atInviter.next()).toEqual({ kind: 'claimed' })
      await inviter.close()
      expect(await atSecond.next()).toEqual({ kind: 'ended', reason: 'closed' })
      await expect(second.send(blob(1))).rejects.toMatchObject({ code: 'signaling-lost' })
      await expect(bob.claim(inviter.nameplate)).rejects.toMatchObject({ code: 'code-expired' })
    })

    it('RZ6 an unknown nameplate is code-unknown', async () => {
      await expect(bob.claim('987')).rejects.toMatchObject({ code: 'code-unknown' })
    })

    it('RZ7 the 21st claim is refused and ends the slot', async () => {
      const inviter = await alice.open(sid)
      const atInviter = eventsOf(inviter)
      for (let n = 0; n < slotClaims; n++) await (await bob.claim(inviter.nameplate)).close()
      await expect(bob.claim(inviter.nameplate)).rejects.toMatchObject({ code: 'code-expired' })
      const kinds: string[] = []
      for (let n = 0; n < 2 * slotClaims; n++) kinds.push((await atInviter.next()).kind)
      expect(kinds).toEqual(Array(slotClaims).fill(['claimed', 'released']).flat())
      expect(await atInviter.next()).toEqual({ kind: 'ended', reason: 'expired' })
    })

    it('RZ8 a blob above 32 KiB and a 65th message are refused', async () => {
      const { joiner, atInviter } = await pair()
      await expect(joiner.send(blob(1, maxBlobBytes + 1))).rejects.toMatchObject({
        code: 'too-large',
      })
      for (let n = 0; n < maxQueueMessages; n++) await joiner.send(blob(n, 32))
      await expect(joiner.send(blob(99, 32))).rejects.toMatchObject({ code: 'signaling-full' })
      for (let n = 0; n < maxQueueMessages; n++) {
        expect(await atInviter.next()).toEqual({ kind: 'message', blob: blob(n, 32) })
      }
    })

    it('RZ9 what is posted reaches the listener; a post to nobody resolves too', async () => {
      const key = listenKey(1)
      const inbox = createInbox<Uint8Array>()
      await bob.post(key.mailbox, blob(1))
      const listening = alice.listen(key, inbox.put)
      await posted(bob, key.mailbox, blob(2), inbox)
      listening.close()
    })

    it('RZ9 once a listener is ready nothing that is posted is lost', async () => {
      const key = listenKey(3)
      const inbox = createInbox<Uint8Array>()
      const listening = alice.listen(key, inbox.put)
      await listening.ready
      await bob.post(key.mailbox, blob(4))
      expect((await inbox.next())[0]).toBe(4)
      listening.close()
      const closed = alice.listen(key, inbox.put)
      closed.close()
      await closed.ready
    })

    it('RZ10 a listener without the key hears nothing', async () => {
      const key = listenKey(1)
      const atMallory = createInbox<Uint8Array>()
      const atAlice = createInbox<Uint8Array>()
      carol.listen({ ...listenKey(2), mailbox: key.mailbox }, atMallory.put)
      carol.listen({ ...key, sign: listenKey(2).sign }, atMallory.put)
      alice.listen(key, atAlice.put)
      await posted(bob, key.mailbox, blob(2), atAlice)
      expect(atMallory.waiting).toEqual([])
    })

    it('RZ11 a newer listener with the same key replaces the older', async () => {
      const key = listenKey(1)
      const atOlder = createInbox<Uint8Array>()
      const atNewer = createInbox<Uint8Array>()
      alice.listen(key, atOlder.put)
      await posted(bob, key.mailbox, blob(1), atOlder)
      carol.listen(key, atNewer.put)
      await posted(bob, key.mailbox, blob(2), atNewer)
      const before = atOlder.waiting.length
      await bob.post(key.mailbox, blob(3))
      while ((await atNewer.next())[0] !== 3);
      expect(atOlder.waiting).toHaveLength(before)
    })

    it('RZ12 a restart of the service ends slots as lost, and listeners come back', async () => {
      const key = listenKey(1)
      const inbox = createInbox<Uint8Array>()
      alice.listen(key, inbox.put)
      await posted(bob, key.mailbox, blob(1), inbox)
      const { atInviter, atJoiner, joiner } = await pair()
      await service.restart()
      expect(await atInviter.next()).toEqual({ kind: 'ended', reason: 'lost' })
      expect(await atJoiner.next()).toEqual({ kind: 'ended', reason: 'lost' })
      await expect(joiner.send(blob(1))).rejects.toMatchObject({ code: 'signaling-lost' })
      await posted(bob, key.mailbox, blob(2), inbox)
    })

    it('RZ13 the state and the server time follow the answers', async () => {
      const states = createInbox<string>()
      expect(alice.serverTime()).toBeUndefined()
      alice.onState(states.put)
      await alice.open(sid)
      expect(await states.next()).toBe('up')
      expect(Math.abs((alice.serverTime() ?? 0) - Date.now())).toBeLessThan(5000)
    })
  })
}

/** Posts until the inbox has it: the listener may still be on its way. */
async function posted(
  from: Rendezvous,
  mailbox: Uint8Array,
  message: Uint8Array,
  inbox: Inbox<Uint8Array>,
): Promise<void> {
  let heard = false
  const hearing = (async () => {
    while (Buffer.compare(await inbox.next(), message) !== 0);
    heard = true
  })()
  while (!heard) {
    await from.post(mailbox, message).catch(() => {})
    await Promise.race([hearing, new Promise((resolve) => setTimeout(resolve, 20))])
  }
}
