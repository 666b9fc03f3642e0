/** Blobs on their way: before their entries, resumed, refused, passed on. */
import { deflateRawSync } from 'node:zlib'
import { blobChunkBytes, maxContentBytes } from '@baton/shared/limits'
import { parseSync, type SyncForm, syncTypes } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import {
  appendBlob,
  checkAcked,
  checkSame,
  type Linked,
  link,
  one,
  openSide,
  type Passed,
  rawPeer,
  type Side,
  said,
} from '../../../support/exchange-pair.ts'
import { hand } from '../../../support/repo.ts'

const offsetsOf = (wire: readonly Passed[]) =>
  wire.flatMap(({ bytes }) => {
    const message = parseSync(bytes)
    return message?.kind === 'blob' ? [message.form[3] / blobChunkBytes] : []
  })

const wants = (wire: readonly Passed[]) => wire.filter(({ kind }) => kind === 'want').length

async function expectHeld(
  side: Side,
  { hash, content }: { hash: Uint8Array; content: Uint8Array },
) {
  expect(Buffer.from(content).equals(await side.repo.blobs.whole(hash))).toBe(true)
}

async function flushAll(...links: Linked[]): Promise<void> {
  for (let i = 0; i < 2; i++) for (const { flush } of links) await flush()
}

it('XC3 goes before the entries that name it, once, and nobody has to ask', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const blob = await appendBlob(alice, one, blobChunkBytes * 2 + 5)
  const { wire, flush } = await link(alice, bob)
  await flush()
  await alice.repo.append(one, 'later')
  await flush()
  await expectHeld(bob, blob)
  checkAcked(alice, bob)
  expect(offsetsOf(wire)).toEqual([0, 1, 2])
  const order = said(wire, 'alice')
  expect(order.lastIndexOf('blob bulk')).toBeLessThan(order.indexOf('batch bulk'))
  expect(wants(wire)).toBe(0)
})

it('XC3 goes on from where a lost link stopped', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const blob = await appendBlob(alice, one, blobChunkBytes * 40)
  let passed = 0
  const broken = await link(alice, bob, {
    alter: ({ kind, bytes }) => (kind === 'blob' && passed++ >= 28 ? undefined : bytes),
  })
  while (broken.pair.step('bob') || broken.pair.step('alice') || passed < 28)
    await Promise.resolve()
  broken.pair.cut()
  const have = ((await bob.repo.blobs.facts(blob.hash))?.have ?? 0) / blobChunkBytes
  expect(have).toBeGreaterThan(9)
  const { wire, flush } = await link(alice, bob)
  await flush()
  await expectHeld(bob, blob)
  checkAcked(alice, bob)
  // What was on its way before the word came back may be there twice.
  const again = offsetsOf(wire).filter((chunk) => chunk < have)
  expect(again.length).toBeLessThan(have)
  expect(new Set(offsetsOf(wire)).has(39)).toBe(true)
})

it('XC3 with a wrong byte ends the link, leaves nothing behind, and comes whole the next time', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const blob = await appendBlob(alice, one, blobChunkBytes + 100)
  const forged = await link(alice, bob, {
    alter({ kind, bytes }) {
      if (kind !== 'blob') return bytes
      const wrong = bytes.slice()
      wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1
      return wrong
    },
  })
  await forged.flush()
  expect(forged.end).toBeDefined()
  expect(bob.traced).toContain('exchange.failed invalid')
  expect(await bob.repo.blobs.facts(blob.hash)).toBe(undefined)
  const { flush } = await link(alice, bob)
  await flush()
  await expectHeld(bob, blob)
  checkSame(alice, bob)
})

it.each<[string, (form: SyncForm<'blob'>) => SyncForm<'blob'>]>([
  ['out of place', ([t, hash, total, at, d, chunk]) => [t, hash, total, at + 1, d, chunk]],
  ['behind a hole', ([t, hash, total, at, d, chunk]) => [t, hash, total, at + 65_536, d, chunk]],
  ['short', ([t, hash, total, at, , chunk]) => [t, hash, total, at, false, chunk.subarray(0, 9)]],
  ['of another size', ([t, hash, total, at, d, chunk]) => [t, hash, total + 1, at, d, chunk]],
])('XC3 a chunk that is %s is not taken, and the blob comes anyway', async (_name, bend) => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const blob = await appendBlob(alice, one, blobChunkBytes * 3)
  const peer = await rawPeer(bob, alice.device)
  const content = blob.content.subarray(0, blobChunkBytes)
  peer.say(bend([syncTypes.blob, blob.hash, blob.content.length, 0, false, content]), 'bulk')
  await peer.flush()
  expect(((await bob.repo.blobs.facts(blob.hash))?.have ?? 0) % blobChunkBytes).toBe(0)
  peer.pair.cut()
  const { flush } = await link(alice, bob)
  await flush()
  await expectHeld(bob, blob)
  checkAcked(alice, bob)
})

it.each<[string, (hash: Uint8Array) => SyncForm<'blob'>]>([
  [
    'over the limit',
    (hash) => [syncTypes.blob, hash, maxContentBytes + 1, 0, false, new Uint8Array(65_536)],
  ],
  [
    'that unfolds to more than a chunk',
    (hash) => [syncTypes.blob, hash, 65_536, 0, true, deflateRawSync(new Uint8Array(1 << 22))],
  ],
  [
    'that is no deflated bytes',
    (hash) => [syncTypes.blob, hash, 9, 0, true, new Uint8Array(9).fill(7)],
  ],
])('XC3 a chunk %s ends the link and leaves nothing', async (_name, make) => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  const peer = await rawPeer(bob, alice.device)
  const hash = new Uint8Array(32).fill(3)
  peer.say(make(hash), 'bulk')
  await peer.flush()
  expect(peer.end).toBeDefined()
  expect(await bob.repo.blobs.facts(hash)).toBe(undefined)
})

it('XC3 only what was named to the peer on this link is given to it, whatever it asks for', async () => {
  const [alice, bob] = [await openSide(1), await openSide(2)]
  alice.shares = () => false
  const secret = await appendBlob(alice, one, 1000)
  const peer = await rawPeer(alice, bob.device)
  peer.say([syncTypes.want, new Uint8Array(16), [], [[secret.hash, 0]]])
  await peer.flush()
  expect(peer.heard.map(({ kind }) => kind)).toEqual(['hello'])
})

it('XC3 one that a relay has not yet goes on as soon as it has, and is asked for once', async () => {
  const [alice, relay, carol] = [await openSide(1), await openSide(2), await openSide(3)]
  const blob = await appendBlob(alice, one, blobChunkBytes * 2)
  // The relay was given the entries alone.
  await hand(alice.repo, relay.repo, one)
  const on = await link(relay, carol)
  await on.flush()
  checkSame(relay, carol)
  expect(await carol.repo.blobs.complete(blob.hash)).toBe(false)
  const from = await link(alice, relay)
  await flushAll(from, on)
  await expectHeld(relay, blob)
  await expectHeld(carol, blob)
  checkAcked(relay, carol)
  expect(wants(on.wire)).toBe(1)
  expect(offsetsOf(on.wire)).toEqual([0, 1])
})

it('XC3 one that two peers send at a time is taken whole, each chunk once', async () => {
  const [alice, carol, bob] = [await openSide(1), await openSide(3), await openSide(2)]
  const blob = await appendBlob(alice, one, blobChunkBytes * 12)
  const first = await link(alice, carol)
  await first.flush()
  const links = [await link(alice, bob), await link(carol, bob)] as const
  for (let i = 0; i < 40; i++) {
    links[i % 2 === 0 ? 0 : 1].pair.step('bob')
    await Promise.resolve()
    links[i % 2 === 0 ? 0 : 1].pair.step('alice')
  }
  await flushAll(...links)
  await expectHeld(bob, blob)
  checkAcked(alice, bob)
  checkAcked(carol, bob)
})
