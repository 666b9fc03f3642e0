/** A device that ran twice from one copy: what it and everyone else shows, and what it says again. */
import { nameKey } from '@baton/client/core/repo/keys'
import type { SessionId } from '@baton/shared/ids'
import { describe, expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../support/peer.ts'
import {
  createShared,
  documentOf,
  meetAll,
  meetPeers,
  openTwins,
  saidAgain,
} from '../../support/twins.ts'

const held = (value: string) => ({ at: 'value', value }) as const

/** Everything of a document that people see. */
async function shown(peer: TestPeer) {
  const document = await documentOf(peer)
  const state = await peer.documents.state(document.session)
  return {
    digest: await document.digest(),
    fields: await document.entries(),
    messages: (await document.history()).map(({ id, value }) => [id, value]),
    conflicts: (await document.conflicts()).length,
    rows: [...state.rows.values()].map(({ key }) => key).sort(),
    tools: [...state.tools.keys()].sort(),
    inbox: [...state.inbox.keys()].sort(),
    captures: [...state.captures.keys()].sort(),
    waiting: state.waiting.list().length,
  }
}

/** Writes one of everything, all of it named by `mark`. */
async function writeAll(peer: TestPeer, mark: string): Promise<void> {
  const document = await documentOf(peer)
  await document.set(['config', 'one'], `one of ${mark}`)
  await document.set(['config', mark], `${mark}, first`)
  await document.set(['config', mark], `${mark}, again`)
  await document.say(`message of ${mark}`, { id: `message ${mark}` })
  await document.change([
    { kind: 'row', collection: 'tabs', key: `row ${mark}`, held: held(mark) },
    { kind: 'tool', call: `call ${mark}`, status: 'ok', held: held(mark) },
    { kind: 'inbox', id: `inbox ${mark}`, held: held(mark) },
    { kind: 'capture', origin: `https://${mark}.example`, held: held(mark) },
  ])
  await document.set(['large', mark], mark.repeat(20_000))
}

const marks = ['left', 'right'] as const

async function forkedTwins(order: 'left first' | 'right first' = 'left first') {
  const other = await openTestPeer({ seed: 2 })
  const third = await openTestPeer({ seed: 3 })
  const twins = await openTwins(createShared(other.device, third.device))
  for (const [i, twin] of twins.entries()) {
    await (await documentOf(twin)).set(['config', 'shared'], 'before the copy')
    await writeAll(twin, marks[i] as string)
  }
  const peers = [...twins, other, third]
  await meetAll(...(order === 'left first' ? peers : peers.toReversed()))
  return { twins, other, third, peers: peers as TestPeer[] }
}

describe('a device that ran twice from one copy', () => {
  it.each(['left first', 'right first'] as const)(
    'FK7 says again all it wrote in either, once, and all show the same: %s',
    async (order) => {
      const { peers, twins } = await forkedTwins(order)
      const [first, ...others] = await Promise.all(peers.map(shown))
      for (const each of others) expect(each).toEqual(first)
      expect(first?.waiting).toBe(0)
      expect(first?.messages.map(([id]) => id).sort()).toEqual(['message left', 'message right'])
      expect(first?.rows).toEqual(['row left', 'row right'])
      expect(first?.tools).toEqual(['call left', 'call right'])
      expect(first?.inbox).toEqual(['inbox left', 'inbox right'])
      expect(first?.captures).toEqual(['https://left.example', 'https://right.example'])
      const fields = new Map(first?.fields.map(([path, value]) => [path.join('/'), value]))
      expect(fields.get('config/shared')).toBe('before the copy')
      for (const mark of marks) {
        expect(fields.get(`config/${mark}`)).toBe(`${mark}, again`)
        expect(fields.get(`large/${mark}`)).toBe(mark.repeat(20_000))
      }
      // Both wrote it without seeing each other: it is one open choice, as between two devices.
      const state = await peers[2]?.documents.state((await documentOf(peers[2])).session)
      expect(state?.fields.get('["config","one"]')?.register.live).toHaveLength(2)
      expect(state?.fields.get('["config","left"]')?.register.live).toHaveLength(1)
      // Each of them once, over all logs.
      const again = await Promise.all(twins.map(saidAgain))
      for (const places of again) expect(new Set(places).size).toBe(places.length)
    },
  )

  it('FK6 hides what is behind the fork with its reason, and keeps what is before', async () => {
    const { other } = await forkedTwins()
    const { session } = await documentOf(other)
    const [log] = other.repository
      .heads(session)
      .filter(({ log: id }) => other.repository.forks.of(id))
    const after = other.repository.forks.of(log?.log as never)?.after.seq as number
    const { hidden, fields } = await other.documents.state(session)
    expect(after).toBeGreaterThan(3)
    expect(hidden.map(({ seq, reason }) => [seq, reason])).toEqual(
      Array.from({ length: (log?.seq ?? 0) - after }, (_, i) => [after + 1 + i, 'forked']),
    )
    expect(fields.get('["config","shared"]')?.register.live[0]?.seq).toBeLessThanOrEqual(after)
  })

  async function settledValue(...peers: TestPeer[]) {
    return Promise.all(
      peers.map(async (peer) => {
        const { session } = await documentOf(peer)
        const field = (await peer.documents.state(session)).fields.get('["config","x"]')
        return [await (await documentOf(peer)).get(['config', 'x']), field?.register.live.length]
      }),
    )
  }

  it('FK7 brings back nothing that another device, or a later run, had replaced', async () => {
    const other = await openTestPeer({ seed: 2 })
    for (const by of ['other', 'itself'] as const) {
      const writer = by === 'other' ? other : await openTestPeer({ seed: 4 })
      const [left, right] = await openTwins(createShared(writer.device))
      await (await documentOf(left)).set(['config', 'x'], 'first')
      await (await documentOf(left)).set(['config', 'x'], 'old')
      await (await documentOf(right)).say('elsewhere')
      let later = left
      if (by === 'other') await meetPeers(left, writer)
      else {
        const bytes = (length: number) => new Uint8Array(length).fill(77)
        later = await openTestPeer({ seed: 1, store: left.store, random: { bytes } })
      }
      await (await documentOf(by === 'other' ? writer : later)).set(['config', 'x'], 'new')
      await meetAll(later, right, writer)
      expect(await settledValue(later, right, writer)).toEqual(Array(3).fill(['new', 1]))
    }
  })

  it('FK7 what each saw of the other’s is replaced for good, and what neither saw stays beside', async () => {
    const other = await openTestPeer({ seed: 2 })
    const [left, right] = await openTwins(createShared(other.device))
    await (await documentOf(left)).set(['config', 'x'], 'of left')
    await (await documentOf(right)).set(['config', 'x'], 'of right')
    await meetPeers(left, other)
    await (await documentOf(other)).set(['config', 'x'], 'after left')
    await meetAll(left, right, other)
    const values = await settledValue(left, right, other)
    expect(values.map(([, count]) => count)).toEqual([2, 2, 2])
    expect(new Set(values.map(([value]) => value)).size).toBe(1)
  })

  it('FK7 a session that was begun twice goes on, wherever it is held', async () => {
    const [other, third] = [await openTestPeer({ seed: 2 }), await openTestPeer({ seed: 3 })]
    const [left, right] = await openTwins(async () => undefined)
    for (const [peer, title] of [
      [left, 'left'],
      [right, 'right'],
    ] as const) {
      const document = await peer.documents.create('agent', { title })
      await document.share(other.device, { write: true })
      await document.share(third.device, { write: true })
      await document.set(['config', title], title)
    }
    await meetPeers(left, other)
    await meetPeers(right, other)
    await meetPeers(left, other)
    await meetPeers(other, third)
    const [one, two] = await Promise.all([shown(other), shown(third)])
    expect(two).toEqual(one)
    expect(one.fields.map(([path]) => path.join('/'))).toEqual([
      'config/left',
      'config/right',
      'meta/created',
    ])
    await (await documentOf(third)).set(['config', 'third'], 'may write')
    await meetAll(left, right, other, third)
    for (const peer of [left, right]) expect(await shown(peer)).toEqual(await shown(other))
  })

  it('FK7 says nothing twice, over restarts and further meetings', async () => {
    const { peers, twins } = await forkedTwins()
    const before = await Promise.all(twins.map(saidAgain))
    for (const { store, forks, repository } of twins) {
      const [session] = repository.sessions() as [SessionId]
      // As if it had died before it noted that all is said.
      for (const { log } of repository.heads(session)) {
        await store.write([{ delete: nameKey(`again/${log}`) }])
      }
      expect(await forks.republishing.own(session)).toBe(0)
    }
    const again = await openTestPeer({ seed: 1, store: (twins[0] as TestPeer).store })
    await again.forks.settled()
    await meetAll(again, ...peers.slice(1))
    expect(await Promise.all(twins.map(saidAgain))).toEqual(before)
    expect(await saidAgain(again)).toHaveLength((before[0] ?? []).length)
  })

  it('FK9 is told once', async () => {
    const { twins, other } = await forkedTwins()
    for (const twin of twins)
      expect(twin.traced.filter((each) => each === 'forked self')).toHaveLength(1)
    expect(other.traced.filter((each) => each === 'forked other')).toHaveLength(1)
    expect([...other.forks.devices()]).toEqual([(twins[0] as TestPeer).device])
  })
})
