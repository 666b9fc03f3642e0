/** DX3 to DX5: folded documents in the store. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { documentKey } from '@baton/client/core/repo/keys'
import { expect, it } from 'vitest'
import { openTestPeer } from '../../../support/peer.ts'

type MemoryStore = ReturnType<typeof createMemoryStore>

/** Counts what is read and written of entries and of the cache. */
function counted(store: MemoryStore) {
  const counts = { runs: 0, cached: 0, written: 0 }
  const letter = (key: Uint8Array | undefined) => String.fromCharCode(key?.[0] ?? 0)
  return {
    counts,
    store: {
      ...store,
      async get(key: Uint8Array) {
        if (letter(key) === 'F') counts.cached += 1
        return store.get(key)
      },
      async *list(range: Parameters<typeof store.list>[0]) {
        for await (const row of store.list(range)) {
          if (letter(row[0]) === 'd') counts.runs += 1
          yield row
        }
      },
      async write(rows: Parameters<typeof store.write>[0]) {
        for (const row of rows) if ('put' in row && letter(row.put) === 'F') counts.written += 1
        return store.write(rows)
      },
    },
  }
}

/** A document of `count` messages in a store, kept by a device that stopped. */
async function written(count: number, store = createMemoryStore()) {
  const { documents } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  for (let i = 0; i < count; i += 100) {
    await document.change(
      Array.from({ length: 100 }, (_, k) => ({
        kind: 'message' as const,
        id: `m${i + k}`,
        parent: i + k === 0 ? undefined : `m${i + k - 1}`,
        consumes: undefined,
        held: { at: 'value' as const, value: `text ${i + k}` },
      })),
    )
  }
  const digest = await document.digest()
  await documents.close()
  return { store, session: document.session, digest }
}

it('DX4 the last screen of a document that is opened reads what is on it, and the rest comes behind', async () => {
  const { store, session, digest } = await written(1500)
  const { counts, store: watched } = counted(store)
  const { documents } = await openTestPeer({ seed: 1, store: watched })
  counts.runs = 0
  const document = await documents.open(session)
  const last = await document.history({ last: 50 })
  expect(last.map(({ value }) => value)).toEqual(
    Array.from({ length: 50 }, (_, i) => `text ${1450 + i}`),
  )
  const screen = counts.runs
  expect(await document.digest()).toBe(digest)
  expect((await document.history()).length).toBe(1500)
  expect(counts.cached).toBeGreaterThan(0)
  expect(screen).toBeLessThan(5)
})

it('DX4 what came since the document was kept is on the screen', async () => {
  const { store, session } = await written(1200)
  const first = await openTestPeer({ seed: 1, store })
  const document = await first.documents.open(session)
  const screen = async () => {
    // The other stopped without keeping anything.
    const { documents } = await openTestPeer({ seed: 1, store })
    const last = await (await documents.open(session)).history({ last: 2 })
    return last.map(({ value }) => value)
  }
  await document.say('in a new log')
  expect(await screen()).toEqual(['text 1199', 'in a new log'])
  await first.documents.close()
  await document.say('in the same')
  expect(await screen()).toEqual(['in a new log', 'in the same'])
})

it.each([0, 1, 2])(
  'DX3 with part %i of it damaged or gone the document is what it was',
  async (part) => {
    for (const harm of ['damaged', 'gone'] as const) {
      const { store, session, digest } = await written(1100)
      const key = documentKey(session, part)
      const row = (await store.get(key)) as Uint8Array
      expect(row).toBeDefined()
      const bad = row.slice()
      bad[20] = (bad[20] as number) ^ 1
      await store.write(harm === 'gone' ? [{ delete: key }] : [{ put: key, value: bad }])
      const { documents } = await openTestPeer({ seed: 1, store })
      const document = await documents.open(session)
      expect((await document.history({ last: 1 }))[0]?.value).toBe('text 1099')
      expect(await document.digest()).toBe(digest)
      await documents.close()
      if (part === 1) continue
      // Kept anew.
      expect(await store.get(key)).toEqual(row)
    }
  },
)

it('DX5 a document that grows is kept in writes that are linear in it, and a small one not at all', async () => {
  const { counts, store } = counted(createMemoryStore())
  const { documents } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  for (let i = 0; i < 900; i++) await document.say(`text ${i}`)
  await documents.close()
  expect(counts.written).toBe(0)
  for (let i = 0; i < 1200; i++) await document.say(`text ${i}`)
  const once = counts.written
  expect(once).toBeGreaterThan(0)
  expect(once).toBeLessThanOrEqual(9)
  await documents.close()
  await documents.close()
  // The second time nothing is new.
  expect(counts.written - once).toBeLessThanOrEqual(3)
})

it('DX3 a fold ahead of what is held, as after a backup was brought back, is folded anew', async () => {
  const { store, session } = await written(1100)
  // Entries of the last run are gone, the cache is not.
  const rows = store.rows()
  const older = await written(1000)
  const mixed = createMemoryStore([
    ...older.store.rows().filter(([key]) => key[0] !== 'F'.charCodeAt(0)),
    ...rows.filter(([key]) => key[0] === 'F'.charCodeAt(0)),
  ])
  expect(older.session).toBe(session)
  const { documents } = await openTestPeer({ seed: 1, store: mixed })
  const document = await documents.open(session)
  expect((await document.history()).length).toBe(1000)
  expect(await document.digest()).toBe(older.digest)
})

it('DX5 a fold that is made anew is not written anew for that', async () => {
  const { counts, store } = counted(createMemoryStore())
  const { documents } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  for (let i = 0; i < 1300; i++) await document.say(`text ${i}`, { id: `m${i}` })
  await document.history()
  const once = counts.written
  for (let i = 0; i < 5; i++) {
    await document.retract(`m${i}`)
    expect((await document.history())[i]?.redacted).toBe(true)
  }
  expect(counts.written).toBe(once)
  await documents.close()
  expect(counts.written).toBeGreaterThan(once)
  const again = await openTestPeer({ seed: 1, store })
  const history = await (await again.documents.open(document.session)).history()
  expect(history.filter(({ redacted }) => redacted)).toHaveLength(5)
})
