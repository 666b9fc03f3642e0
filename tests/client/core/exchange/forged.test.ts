/** Nothing is believed because of who brought it: forgers, relays, strangers, and who may not. */
import type { Bytes } from '@baton/shared/bytes'
import { joinLogId, splitLogId } from '@baton/shared/ids'
import { maxRefusedLogs } from '@baton/shared/limits'
import { type Delta, encodeDelta } from '@baton/shared/log/delta'
import { encodeManifest } from '@baton/shared/log/snapshot'
import { parseSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { author, written } from '../../../support/author.ts'
import {
  appendNoise,
  checkAcked,
  checkSame,
  link,
  one,
  openSide,
  rawPeer,
  said,
  two,
} from '../../../support/exchange-pair.ts'
import { batchOf, deltaOf, flipped, folded, runOf } from '../../../support/raw-sync.ts'
import { signer } from '../../../support/signer.ts'

const honest = signer(7)
const forger = signer(8)

async function runs(who = honest, id = one): Promise<[Delta, Delta]> {
  const writer = author(who, id)
  return [...(await written(writer, ['a', 'b'])), ...(await written(writer, ['c']))] as never
}

/** As the mesh would hear it: as it is, in a batch, or packed. */
const ways = {
  delta: deltaOf,
  batch: (delta: Delta) => batchOf(folded([delta])),
  run: (delta: Delta) => runOf(encodeDelta(delta)),
}

describe('what a third device relays', () => {
  it('XC5 is taken on its author’s word, snapshot and all', async () => {
    const [alice, relay, carol] = [await openSide(1), await openSide(2), await openSide(3)]
    await appendNoise(alice, one, 30_000, 20_000)
    const first = await link(alice, relay)
    await first.flush()
    first.pair.cut()
    const on = await link(relay, carol)
    await on.flush()
    checkSame(alice, carol)
    checkAcked(relay, carol)
    expect(said(on.wire, 'alice')).toContain('snapshot bulk')
    expect(carol.repo.heads(one).map(({ log }) => splitLogId(log).device)).toEqual([alice.device])
  })

  it('XC5 with one byte of any run changed is left out whole, and the link goes on', async () => {
    const law = fc.asyncProperty(
      fc.nat(),
      fc.constantFrom(...Object.values(ways)),
      async (roll, way) => {
        const bob = await openSide(2)
        const peer = await rawPeer(bob, forger.device)
        const [first, second] = await runs()
        const body = first.bodies[1] as Bytes
        const forged = {
          ...first,
          bodies: [first.bodies[0] as Bytes, flipped(body, roll), ...first.bodies.slice(2)],
        }
        peer.say(way(forged), 'bulk')
        await peer.flush()
        // The log is left alone on this link; the others are taken.
        peer.say(deltaOf(first), 'bulk')
        peer.say(deltaOf(second), 'bulk')
        const [other] = await runs(signer(9))
        peer.say(deltaOf(other), 'bulk')
        await peer.flush()
        expect(bob.repo.heads(one).map(({ log }) => log)).toEqual([other.log])
        expect(bob.traced).toEqual(['exchange.refused bad-signature'])
        expect(peer.end).toBe(undefined)
      },
    )
    await fc.assert(law, { numRuns: 30, seed: 5, endOnFailure: true })
  })

  it.each<[string, (delta: Delta, other: Delta) => Delta]>([
    ['signed with another key', (delta, other) => ({ ...delta, signature: other.signature })],
    ['with a bit of its signature changed', (d) => ({ ...d, signature: flipped(d.signature, 99) })],
    ['without its last entry', (d) => ({ ...d, bodies: d.bodies.slice(0, -1) })],
    ['without its first entry', (d) => ({ ...d, bodies: d.bodies.slice(1) })],
    ['with its entries exchanged', (d) => ({ ...d, bodies: [...d.bodies].reverse() })],
    [
      'as if another device had written it',
      (d) => {
        const { session, incarnation } = splitLogId(d.log)
        return { ...d, log: joinLogId(session, forger.device, incarnation) }
      },
    ],
    [
      'moved to another session',
      (d) => {
        const { device, incarnation } = splitLogId(d.log)
        return { ...d, log: joinLogId(two, device, incarnation) }
      },
    ],
  ])('XC5 a run %s is not stored', async (_name, forge) => {
    const bob = await openSide(2)
    const peer = await rawPeer(bob, forger.device)
    const [first] = await runs()
    const [other] = await runs(forger)
    peer.say(deltaOf(forge(first, other)), 'bulk')
    await peer.flush()
    expect([...bob.repo.heads(one), ...bob.repo.heads(two)]).toEqual([])
    expect(peer.heard.map(({ kind }) => kind)).toEqual(['hello'])
    expect(peer.end).toBe(undefined)
  })

  it('XC5 ends the link once more than 8 logs of it do not verify', async () => {
    const bob = await openSide(2)
    const peer = await rawPeer(bob, forger.device)
    for (let i = 0; i <= maxRefusedLogs; i++) {
      expect(peer.end).toBe(undefined)
      const [first] = await runs()
      peer.say(deltaOf({ ...first, signature: new Uint8Array(64) }))
      await peer.flush()
    }
    expect(peer.end).toBeDefined()
    expect(bob.traced.at(-1)).toBe('exchange.failed bad-signature')
  })

  it('XC5 under a snapshot whose heads are not their authors’ ends the link', async () => {
    const alice = await openSide(1)
    await alice.repo.append(one, 'a')
    const [head] = alice.repo.heads(one)
    if (!head) throw new Error('no head')
    const manifest = (seq: number) =>
      encodeManifest({
        session: one,
        logs: [{ head: { ...head, seq }, bytes: 1, entries: 1, segments: 1 }],
        blobs: { count: 0, bytes: 0 },
      })
    const bob = await openSide(2)
    const peer = await rawPeer(bob, forger.device)
    peer.say([syncTypes.snapshot, manifest(head.seq)], 'bulk')
    await peer.flush()
    expect(peer.end).toBe(undefined)
    peer.say([syncTypes.snapshot, manifest(head.seq + 1)], 'bulk')
    await peer.flush()
    expect(peer.end).toBeDefined()
    expect(bob.traced).toEqual(['exchange.failed bad-signature'])
  })
})

describe('who may write and bring', () => {
  it('XC7 what an unknown device wrote is passed over, and asked for once it is known', async () => {
    const [alice, bob, carol] = [await openSide(1), await openSide(2), await openSide(3)]
    await carol.repo.append(one, 'from carol')
    const first = await link(carol, alice)
    await first.flush()
    await alice.repo.append(one, 'from alice')
    bob.knows = (device) => device !== carol.device
    const { flush, wire } = await link(alice, bob)
    await flush()
    expect(await bob.repo.all(one)).toEqual(['from alice'])
    await alice.repo.append(one, 'more')
    await flush()
    expect(await bob.repo.all(one)).toEqual(['from alice', 'more'])
    expect(wire.length).toBeLessThan(30)
    bob.knows = () => true
    for (const exchange of bob.exchanges) exchange.reconsider()
    await flush()
    checkSame(alice, bob)
    checkAcked(alice, bob)
  })

  it('XC7 what a peer may not bring is passed over, in a batch with what it may', async () => {
    const [alice, bob, carol] = [await openSide(1), await openSide(2), await openSide(3)]
    await carol.repo.append(one, 'from carol')
    await carol.repo.append(two, 'from carol too')
    const first = await link(carol, alice)
    await first.flush()
    await alice.repo.append(one, 'from alice')
    bob.accepts = (id, author) => id !== one || author === alice.device
    const linked = await link(alice, bob)
    await linked.flush()
    expect(await bob.repo.all(one)).toEqual(['from alice'])
    expect(await bob.repo.all(two)).toEqual(['from carol too'])
    expect(linked.end).toBe(undefined)
    bob.accepts = () => true
    for (const exchange of bob.exchanges) exchange.reconsider()
    await linked.flush()
    checkSame(alice, bob)
  })

  it('XC7 with nothing passed over there is nothing to ask for', async () => {
    const [alice, bob] = [await openSide(1), await openSide(2)]
    await alice.repo.append(one, 'a')
    const { flush, wire } = await link(alice, bob)
    await flush()
    const before = wire.length
    for (const exchange of [...alice.exchanges, ...bob.exchanges]) exchange.reconsider()
    await flush()
    expect(wire.slice(before).map(({ bytes }) => parseSync(bytes)?.kind)).toEqual([])
  })
})
