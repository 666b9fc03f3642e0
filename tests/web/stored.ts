/** Inside the page: what its database holds, and who may write it (rules ST9, ST15, WB1, WB2). */
import { type DeclareTest, equal, ok, outcome, rejects } from '@baton/client/testing/check'
import { ascii, collect, put } from '@baton/client/testing/rows'
import { openDatabase } from '@baton/client/web/database'
import { openKeyring } from '@baton/client/web/keyring'
import { createSealing, newSealingKey } from '@baton/client/web/sealing'
import { openPageStore, type PageStore } from '@baton/client/web/store'
import { type Bytes, toHex } from '@baton/shared/bytes'
import { newDatabase } from './page-world.ts'

const secret = ascii('a word that nobody else may read')

export function runStoredTests(test: DeclareTest): void {
  test('WB1 no value stands readable in the database, nor does a secret of the keyring', async () => {
    const database = await newDatabase()
    const { keyring, rows } = await openKeyring(database)
    const store = await openPageStore(database, createSealing(rows))
    await store.write([{ put: ascii('row'), value: secret }])
    await keyring.putSecret('pair', secret)
    const kept = [
      await database.get('rows', ascii('row') as never),
      await database.get('keys', 'secret.pair'),
    ]
    for (const each of kept) {
      ok(each instanceof Uint8Array && each.length === secret.length + 28, 'it is there, sealed')
      ok(!toHex(each).includes(toHex(secret.subarray(0, 8))), 'it cannot be read')
    }
    await store.close()
  })

  test('WB1 a value that was changed, moved or sealed by another key is store-corrupt', async () => {
    const database = await newDatabase()
    const sealing = createSealing(await newSealingKey())
    const store = await openPageStore(database, sealing)
    await store.write([put('a'), put('b'), put('c'), put('d')])
    const raw = async (key: string) => (await database.get('rows', ascii(key) as never)) as Bytes
    const changed = (await raw('a')).slice()
    changed[20] = (changed[20] ?? 0) ^ 1
    const other = await createSealing(await newSealingKey()).seal(ascii('d'), ascii('d'))
    for (const [key, value] of [
      ['a', changed],
      ['b', await raw('c')],
      ['c', (await raw('c')).slice(0, 10)],
      ['d', other],
    ] as const) {
      await database.put('rows', value as never, ascii(key) as never)
      await rejects(store.get(ascii(key)), 'store-corrupt')
    }
    equal(await outcome(collect(store)), 'store-corrupt')
    await store.close()
  })

  test('ST15 a page that lost its place says store-fenced and writes nothing more', async () => {
    const name = 'two-pages'
    const sealing = createSealing(await newSealingKey())
    const opening = async () =>
      await openPageStore(await openDatabase(name, { lost: () => {} }), sealing)
    const first = await opening()
    await first.write([put('a')])
    const second = await opening()
    await rejects(first.write([put('b')]), 'store-fenced')
    await rejects(first.write([put('c')]), 'store-fenced')
    await rejects(first.flush(), 'store-fenced')
    equal(await first.get(ascii('a')), ascii('a'))
    await second.write([put('d')])
    equal((await collect(second)).length, 2)
    await first.close()
    await second.close()
  })

  test('ST9 what is refused takes along what was given after it, and there is no gap', async () => {
    const database = await newDatabase()
    const store = await openPageStore(database, createSealing(await newSealingKey()))
    await store.write([put('a')])
    const fence = (await database.get('meta', 'fence')) as number
    // Another page takes the place between two batches that are both under way.
    const taken = database.put('meta', fence + 1, 'fence')
    const outcomes = ['b', 'c', 'd'].map((key) => outcome(store.write([put(key)])))
    const flushed = outcome(store.flush())
    await taken
    equal(await Promise.all([...outcomes, flushed]), new Array(4).fill('store-fenced'))
    equal((await collect(store)).length, 1)
    await store.close()
  })

  test('WB2 a database that the browser took away is told, and the keys went with it', async () => {
    const name = 'evicted'
    let why = ''
    const open = () =>
      openDatabase(name, {
        lost: (word) => {
          why = word
        },
      })
    const database = await open()
    const before = (await openKeyring(database)).keyring.device
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = resolve
    })
    equal(why, 'superseded')
    const again = await open()
    const { keyring } = await openKeyring(again)
    ok(toHex(keyring.device) !== toHex(before), 'it is a new device')
    again.close()
  })
}

/** The two halves of one test: the runner outside takes the room away between them. */
export function runQuotaTests(test: DeclareTest): void {
  let opening: Promise<PageStore> | undefined
  const open = async () => openPageStore(await newDatabase(), createSealing(await newSealingKey()))
  const opened = () => (opening ??= open())
  const big = crypto.getRandomValues(new Uint8Array(60_000))
  const row = (i: number) => ({ put: ascii(`row ${i}`), value: big })
  const kept = async () => (await collect(await opened())).length
  let held = 0

  test('ST10 full', async () => {
    const store = await opened()
    let said = 'resolved'
    while (said === 'resolved' && held < 1_000) {
      said = await outcome(store.write([row(held)]))
      if (said === 'resolved') held += 1
    }
    equal(said, 'store-full')
    ok(held > 0, 'something fitted')
    equal(await kept(), held)
  })

  test('ST10 room again', async () => {
    const store = await opened()
    await store.write([row(held)])
    await store.flush()
    equal(await kept(), held + 1)
    await store.close()
  })
}
