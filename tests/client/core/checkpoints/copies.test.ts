/** CX9 and CX10: copies of a device, and stores that came back, where entries went from everyone else. */
import { createMemoryStore, type Row } from '@baton/client/core/memory/store'
import type { Document } from '@baton/client/core/mesh-api'
import { dropKey, under } from '@baton/client/core/repo/keys'
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { decodeTrail, encodeTrail } from '@baton/shared/log/trail'
import { describe, expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import {
  createShared,
  documentOf,
  meetPeers,
  openTwins,
  saidAgain,
} from '../../../support/twins.ts'

const withCheckpoints = () => ({ checkpoints: true })

async function meet(...peers: [TestPeer, TestPeer]): Promise<void> {
  await meetPeers(...peers)
  for (const { checkpoints } of peers) await checkpoints?.settled()
  await meetPeers(...peers)
}

/** Says all again, so that all may go as soon as others have it. */
async function shrink(peer: TestPeer, other: TestPeer): Promise<void> {
  peer.checkpoints?.soon((await documentOf(peer)).session)
  await peer.checkpoints?.settled()
  await meet(peer, other)
}

const gone = ({ repository }: TestPeer) =>
  repository
    .sessions()
    .flatMap(repository.heads)
    .filter(({ log }) => repository.dropped(log))
    .map(({ log }) => log)

const texts = async (document: Document) =>
  (await document.history()).map(({ value }) => value).sort()

async function bothShow(one: TestPeer, other: TestPeer): Promise<Document> {
  const [a, b] = [await documentOf(one), await documentOf(other)]
  expect(await a.digest()).toBe(await b.digest())
  expect(Buffer.from(one.repository.frontier(a.session)).toString('hex')).toBe(
    Buffer.from(other.repository.frontier(b.session)).toString('hex'),
  )
  return a
}

/** Bob knows of a log only that it went, as where others needed the room. */
async function forgetTrail({ store }: TestPeer, log: LogId): Promise<void> {
  const row = (await store.get(dropKey(log))) as Uint8Array
  const [nth, bytes] = decode(row.slice()) as [number, Uint8Array]
  const { head } = decodeTrail(log, bytes)
  const alone = encodeTrail({ head, from: head, path: new Uint8Array(0) })
  await store.write([{ put: dropKey(log), value: encode([nth, alone]) }])
}

describe('a living copy', () => {
  async function copied(more: (document: Document) => Promise<void>) {
    const bob = await openTestPeer({ seed: 2, checkpoints: true })
    const [first, second] = await openTwins(createShared(bob.device), withCheckpoints)
    for (const twin of [first, second]) await (await documentOf(twin)).set(['x'], 'both')
    const here = await documentOf(first)
    await here.say('of the first', { id: 'first' })
    await here.set(['x'], 'first')
    await here.set(['y'], 'first')
    const copy = await documentOf(second)
    await copy.say('of the second', { id: 'second' })
    await copy.set(['x'], 'second')
    await more(copy)
    await meet(first, bob)
    await shrink(first, bob)
    return { bob, first, second }
  }

  const goesOn = async (copy: Document) => {
    for (let i = 0; i < 4; i++) await copy.set(['z'], i)
  }

  it.each([
    ['less of it', async () => {}],
    ['more of it', goesOn],
  ])('CX9 that holds %s than went finds the fork, and all of both counts', async (_, more) => {
    const { bob, first, second } = await copied(more)
    expect(gone(first)).toHaveLength(1)
    expect(gone(bob)).toEqual(gone(first))
    await meet(second, bob)
    const [log] = gone(bob) as [LogId]
    for (const each of [second, bob]) {
      expect(each.repository.forks.of(log)?.after.seq).toBeGreaterThan(1)
    }
    await meet(first, bob)
    await meet(second, bob)
    await bothShow(first, bob)
    const document = await bothShow(second, bob)
    expect(await texts(document)).toEqual(['of the first', 'of the second'])
    expect(await document.get(['y'])).toBe('first')
    const open = (await second.documents.state(document.session)).fields.get('["x"]')
    const values = open?.register.live.map(({ held }) => (held.at === 'value' ? held.value : ''))
    expect(values?.sort()).toEqual(['first', 'second'])
  })

  it('CX10 of which nobody can tell any more says again what it holds before it goes', async () => {
    const { bob, first, second } = await copied(async () => {})
    const [log] = gone(bob) as [LogId]
    await forgetTrail(bob, log)
    await meet(second, bob)
    expect(gone(second)).toContain(log)
    await meet(first, bob)
    await bothShow(first, bob)
    const document = await bothShow(second, bob)
    expect(await texts(document)).toEqual(['of the first', 'of the second'])
    expect(await document.get(['x'])).toBe('first')
  })
})

describe('a store that came back', () => {
  it('CX9 with less than went lets that go, and says nothing again', async () => {
    const bob = await openTestPeer({ seed: 2, checkpoints: true })
    const store = createMemoryStore()
    const alice = await openTestPeer({ seed: 1, checkpoints: true, store })
    await createShared(bob.device)(alice)
    const here = await documentOf(alice)
    await here.say('stays', { id: 'stays' })
    await here.set(['x'], 0)
    const backup: Row[] = []
    for (const letter of 'abBdfFghjkmprwxy') {
      for await (const [key, value] of store.list(under(letter))) {
        backup.push([key.slice(), value.slice()])
      }
    }
    for (let i = 1; i < 5; i++) await here.set(['x'], i)
    await meet(alice, bob)
    await shrink(alice, bob)
    const [log] = gone(bob) as [LogId]
    const rows = createMemoryStore()
    await rows.write(backup.map(([put, value]) => ({ put, value })))
    const again = await openTestPeer({
      ...{ seed: 1, checkpoints: true, store: rows },
      random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    })
    expect(again.repository.head(log)?.seq).toBeLessThan(bob.repository.dropped(log)?.seq ?? 0)
    const before = (await saidAgain(bob)).length
    await meet(again, bob)
    expect(again.repository.dropped(log)?.seq).toBe(bob.repository.dropped(log)?.seq)
    const document = await bothShow(again, bob)
    expect([await document.get(['x']), await texts(document)]).toEqual([4, ['stays']])
    expect(await saidAgain(again)).toHaveLength(before)
    expect(again.repository.forks.all()).toEqual([])
    expect(splitLogId(log).device).toBe(again.device)
  })
})
