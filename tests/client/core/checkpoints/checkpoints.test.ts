/** CX: a device says its own logs of a document again, and what was replaced goes from every disk. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { under } from '@baton/client/core/repo/keys'
import { idBytes, splitLogId } from '@baton/shared/ids'
import { describe, expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'
import { link } from '../../../support/two-peers.ts'

/** Bytes of the runs that a device keeps of a session. */
async function bytesOf({ store }: TestPeer, session: Parameters<typeof idBytes>[0]) {
  let bytes = 0
  for await (const [, row] of store.list(under('d', idBytes(session)))) bytes += row.length
  return bytes
}

async function kept({ store }: TestPeer): Promise<string> {
  let text = ''
  for await (const [, row] of store.list(under('d'))) text += Buffer.from(row).toString('latin1')
  return text
}

const settle = async (...peers: TestPeer[]) => {
  for (const { checkpoints } of peers) await checkpoints?.settled()
}

const noise = (i: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(1500))).toString('hex') + i

describe('what is volatile', () => {
  it('CX1 does not grow a log for ever: what was replaced goes from both disks, and both show the same', async () => {
    const two = await twoDocuments({ checkpoints: true })
    const { here, there, alice, bob } = two
    await there.set(['theirs'], 1)
    await here.say('stays')
    for (let i = 0; i < 90; i++) await here.set(['scratch'], noise(i))
    await here.set(['scratch'], 'last')
    await two.meet()
    await settle(alice, bob)
    await two.meet()
    await settle(alice, bob)
    for (const peer of [alice, bob]) {
      expect(await bytesOf(peer, here.session)).toBeLessThan(150_000)
    }
    for (const document of [here, there]) {
      expect(await document.get(['scratch'])).toBe('last')
      expect(await document.get(['theirs'])).toBe(1)
      expect((await document.history()).map(({ value }) => value)).toEqual(['stays'])
      expect(await document.conflicts()).toEqual([])
    }
    expect(await there.digest()).toBe(await here.digest())
  })

  it('CX4 nothing goes before every device that shares the session has what is said again', async () => {
    const two = await twoDocuments({ checkpoints: true })
    const { here, alice, bob } = two
    two.part()
    for (let i = 0; i < 40; i++) await here.set(['scratch'], noise(i))
    await settle(alice)
    const dropped = () =>
      alice.repository.heads(here.session).filter(({ log }) => alice.repository.dropped(log))
    expect(dropped()).toEqual([])
    await two.meet()
    await settle(alice, bob)
    expect(dropped().length).toBeGreaterThan(0)
  })
})

describe('a device that was away', () => {
  it('CX11 is waited for 30 days, once, and all that it wrote meanwhile still counts', async () => {
    const two = await twoDocuments({ checkpoints: true })
    const { here, there, alice, bob } = two
    await here.say('stays')
    await here.set(['scratch'], 'seen')
    await two.meet()
    two.part()
    await there.set(['scratch'], 'of bob')
    await there.say('said alone')
    for (let i = 0; i < 40; i++) await here.set(['scratch'], noise(i))
    await settle(alice)
    const dropped = () =>
      alice.repository.heads(here.session).filter(({ log }) => alice.repository.dropped(log))
    const shrunkAfter = async (days: number) => {
      for (const { clock } of [alice, bob]) clock.sleep(days * 86_400_000)
      await here.set(['tick'], days)
      alice.checkpoints?.soon(here.session)
      await settle(alice)
      return dropped().length
    }
    expect(await shrunkAfter(29)).toBe(0)
    const first = await shrunkAfter(1)
    expect(first).toBeGreaterThan(0)
    // Still away: nobody waits as long again.
    expect(await shrunkAfter(0)).toBeGreaterThan(first)
    await two.meet()
    await settle(alice, bob)
    await two.meet()
    expect(await there.digest()).toBe(await here.digest())
    const state = await alice.documents.state(here.session)
    expect(state.fields.get('["scratch"]')?.register.live).toHaveLength(2)
    const said = (await here.history()).map(({ value }) => value).sort()
    expect(said).toEqual(['said alone', 'stays'])
    expect(bob.repository.heads(here.session).some(({ log }) => bob.repository.dropped(log))).toBe(
      true,
    )
    // It was heard of, and is waited for again.
    await shrunkAfter(0)
    two.part()
    await shrunkAfter(0)
    const last = dropped().length
    expect(await shrunkAfter(0)).toBe(last)
  })
})

describe('a third device', () => {
  it('CX7 that never held the old log holds the same without it', async () => {
    const two = await twoDocuments({ checkpoints: true })
    const { here, alice, bob } = two
    await here.say('kept')
    for (let i = 0; i < 40; i++) await here.set(['scratch'], noise(i))
    await settle(alice, bob)
    await two.meet()
    await settle(alice, bob)
    const carol = await openTestPeer({ checkpoints: true, seed: 3 })
    await here.share(carol.device, { write: true })
    const pair = await link(alice, carol, false)
    await pair.flush()
    await settle(alice, carol)
    await pair.flush()
    const theirs = await carol.documents.open(here.session)
    expect(await theirs.digest()).toBe(await here.digest())
    expect(Buffer.from(carol.repository.frontier(here.session)).toString('hex')).toBe(
      Buffer.from(alice.repository.frontier(here.session)).toString('hex'),
    )
  })
})

it('CX12 a blob that nobody names any more goes at the next start, one that someone names stays', async () => {
  const stores = [createMemoryStore(), createMemoryStore()] as const
  const two = await twoDocuments({ checkpoints: true, bobStore: stores[1] })
  const { here, alice, bob } = two
  const long = (fill: string) => fill.repeat(50_000)
  await here.set(['x'], long('a'))
  await here.set(['y'], long('b'))
  await here.set(['z'], long('a'))
  await here.set(['x'], long('c'))
  await here.set(['z'], 'short')
  const blobs = async ({ store }: TestPeer) => {
    const found: string[] = []
    for await (const [, row] of store.list(under('b'))) {
      found.push(String.fromCharCode(row.at(-1) ?? 0))
    }
    return found.sort()
  }
  await two.meet()
  alice.checkpoints?.soon(here.session)
  await settle(alice, bob)
  await two.meet()
  await settle(alice, bob)
  expect(await blobs(bob)).toEqual(['a', 'b', 'c'])
  for (const { store } of [alice, bob]) {
    const again = await openTestPeer({ seed: 9, store })
    expect(await blobs(again)).toEqual(['b', 'c'])
    const anew = await again.documents.open(here.session)
    expect([await anew.get(['x']), await anew.get(['y'])]).toEqual([long('c'), long('b')])
  }
})

it('CX8 what was taken back is on no disk any more', async () => {
  const two = await twoDocuments({ checkpoints: true })
  const { here, there, alice, bob } = two
  const id = await here.say('a secret that was said')
  await there.say('an answer')
  await two.meet()
  await here.retract(id)
  await settle(alice, bob)
  await two.meet()
  await settle(alice, bob)
  await two.meet()
  for (const peer of [alice, bob]) expect(await kept(peer)).not.toContain('a secret that was said')
  for (const document of [here, there]) {
    const said = (await document.history()).map(({ value, redacted }) => redacted ?? value)
    expect(said).toEqual([true, 'an answer'])
  }
  expect(splitLogId(alice.repository.heads(here.session)[0]?.log as never).session).toBe(
    here.session,
  )
})
