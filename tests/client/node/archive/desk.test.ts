/** AR4, AR5, AR7: sessions written to sealed files and taken from them. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Task } from '@baton/client/core/mesh-api'
import {
  createArchiveDesk,
  type ExportEvent,
  type ImportEvent,
} from '@baton/client/node/archive/desk'
import { writeArchive } from '@baton/client/node/archive/file'
import { parseHead } from '@baton/client/node/archive/header'
import { createRandom } from '@baton/client/node/platform'
import { concat, utf8Encode } from '@baton/shared/bytes'
import { deviceId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { archivesOf, session, written } from '../../../support/archived.ts'
import { createMemoryKeyring } from '../../../support/memory-keyring.ts'
import { flipped } from '../../../support/raw-sync.ts'
import { openTestRepo, type TestRepo } from '../../../support/repo.ts'
import { tempFolder } from '../../../support/temp.ts'

const words = { passphrase: 'first words' }
const fileChunk = 65_552

const deskOf = (repo: TestRepo, seed: number) =>
  createArchiveDesk({
    mesh: { archives: archivesOf(repo) },
    keyring: createMemoryKeyring(seed),
    random: createRandom(),
    logN: 10,
  })

async function last<E extends ExportEvent | ImportEvent>({ events }: Task<E>) {
  const all: E[] = []
  for await (const event of events) all.push(event)
  return { all, end: all.at(-1) as E }
}

/** A file of the session, and a device that has none of it. */
async function exported() {
  const { alice } = await written()
  const path = join(tempFolder('archive'), 'session.baton')
  const { all, end } = await last(deskOf(alice, 1).export({ ref: 'any', path, to: words }))
  expect(end).toMatchObject({ at: 'done', path, session })
  const store = createMemoryStore()
  const repo = await openTestRepo(9, { store })
  const take = (given = path, passphrase = words.passphrase) =>
    last(deskOf(repo, 9).import({ path: given, passphrase }))
  return { alice, path, all, store, repo, take }
}

it('AR4 AR7 a session goes through a file, which tells how far it is and holds no word of it', async () => {
  const { alice, path, all, repo, take } = await exported()
  expect(all[0]).toMatchObject({ at: 'writing', bytes: 0 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(path, '..'))).toEqual(['session.baton'])
  const file = readFileSync(path)
  for (const text of ['of bob', 'xxxxxxxx', 'first words', 'transcript']) {
    expect(file.includes(text)).toBe(false)
  }
  const taken = await take()
  expect(taken.all.map(({ at }) => at)).toEqual(['checking', 'storing', 'done'])
  expect(taken.end).toMatchObject({ session, blobs: 2 })
  expect(repo.frontier(session)).toEqual(alice.frontier(session))
})

it('AR4 a file that is there already is not written over', async () => {
  const { alice, path } = await exported()
  const before = readFileSync(path)
  const again = await last(deskOf(alice, 1).export({ ref: 'any', path, to: words }))
  expect(again.end).toMatchObject({ at: 'failed', code: 'place-exists' })
  expect(readFileSync(path).equals(before)).toBe(true)
  const nowhere = join(path, '..', 'missing', 'file')
  const lost = await last(deskOf(alice, 1).export({ ref: 'any', path: nowhere, to: words }))
  expect(lost.end).toMatchObject({ at: 'failed', code: 'store-readonly' })
})

it('AR4 a file that appears while another is written stays as it is', async () => {
  const path = join(tempFolder('archive'), 'session.baton')
  async function* pieces() {
    yield utf8Encode('ours')
    writeFileSync(path, 'theirs')
  }
  await expect(writeArchive(path, pieces())).rejects.toMatchObject({ code: 'place-exists' })
  expect(readFileSync(path, 'utf8')).toBe('theirs')
  expect(readdirSync(join(path, '..'))).toEqual(['session.baton'])
})

it('AR4 an export that is cancelled, or of a session that is not whole, leaves nothing', async () => {
  const { alice } = await written()
  const path = join(tempFolder('archive'), 'session.baton')
  const task = deskOf(alice, 1).export({ ref: 'any', path, to: words })
  task.cancel()
  expect((await last(task)).end).toMatchObject({ at: 'failed', code: 'cancelled' })
  const none = deskOf(await openTestRepo(5), 5).export({ ref: 'any', path, to: words })
  expect((await last(none)).end).toMatchObject({ at: 'failed', code: 'not-found' })
  expect(existsSync(path)).toBe(false)
  expect(readdirSync(join(path, '..'))).toEqual([])
})

it('AR5 a file that was cut, changed or put together otherwise is refused, and nothing stored', async () => {
  const { path, store, take } = await exported()
  const file = new Uint8Array(readFileSync(path))
  const head = parseHead(file).bytes.length
  const chunk = (n: number) => file.subarray(head + n * fileChunk, head + (n + 1) * fileChunk)
  const before = store.rows()
  const other = join(path, '..', 'other')
  const cases: [string, Uint8Array, string][] = [
    ['a wrong passphrase', file, 'passphrase-wrong'],
    ['no bytes', file.subarray(0, 0), 'invalid'],
    ['cut in the head', file.subarray(0, 40), 'invalid'],
    ['cut behind the head', file.subarray(0, head), 'invalid'],
    ['cut at a chunk', file.subarray(0, head + fileChunk), 'invalid'],
    ['cut before the end', file.subarray(0, -1), 'invalid'],
    ['a bit of the first chunk', flipped(file, head * 8 + 9), 'invalid'],
    ['a bit of the last tag', flipped(file, file.length * 8 - 1), 'invalid'],
    ['a bit of the nonce', flipped(file, (head - 2) * 8), 'invalid'],
    [
      'chunks turned round',
      concat(file.subarray(0, head), chunk(1), chunk(0), file.subarray(head + 2 * fileChunk)),
      'invalid',
    ],
    ['a chunk twice', concat(file.subarray(0, head), chunk(0), file.subarray(head)), 'invalid'],
    ['more behind the end', concat(file, new Uint8Array(20)), 'invalid'],
    [
      'of a newer version',
      concat(utf8Encode('baton-export 2'), file.subarray(14)),
      'unsupported-version',
    ],
    ['something else', utf8Encode('{"type":"user"}'), 'invalid'],
  ]
  for (const [name, bytes, code] of cases) {
    writeFileSync(other, bytes)
    const passphrase = name === 'a wrong passphrase' ? 'other words' : words.passphrase
    const { end } = await take(other, passphrase)
    expect([name, end]).toEqual([name, expect.objectContaining({ at: 'failed', code })])
    expect([name, store.rows()]).toEqual([name, before])
  }
  for (const gone of [join(path, '..'), '/nonexistent/file']) {
    expect((await take(gone)).end).toMatchObject({ at: 'failed', code: 'not-found' })
  }
  expect((await take()).end).toMatchObject({ at: 'done' })
})

it('AR6 a file sealed to a device opens there without a passphrase, and nowhere else', async () => {
  const { alice } = await written()
  const path = join(tempFolder('archive'), 'session.baton')
  const own = deviceId(createMemoryKeyring(1).device)
  expect(
    (await last(deskOf(alice, 1).export({ ref: 'any', path, to: { device: own } }))).end,
  ).toMatchObject({ at: 'done' })
  expect((await last(deskOf(alice, 1).import({ path }))).end).toMatchObject({
    at: 'done',
    fresh: 0,
  })
  const stranger = await openTestRepo(9)
  const elsewhere = await last(deskOf(stranger, 9).import({ path }))
  expect(elsewhere.end).toMatchObject({ at: 'failed', code: 'not-permitted' })
  const unknown = { device: deviceId(createMemoryKeyring(7).device) }
  const refused = await last(deskOf(alice, 1).export({ ref: 'any', path: `${path}2`, to: unknown }))
  expect(refused.end).toMatchObject({ at: 'failed', code: 'not-paired' })
})

it('AR7 what went wrong in an unexpected way is told without its words', async () => {
  const { alice } = await written()
  const archives = {
    ...archivesOf(alice),
    read: async () => Promise.reject(new Error('secret words')),
  }
  const desk = createArchiveDesk({
    mesh: { archives },
    keyring: createMemoryKeyring(1),
    random: createRandom(),
  })
  const path = join(tempFolder('archive'), 'session.baton')
  const { end } = await last(desk.export({ ref: 'any', path, to: words }))
  expect(end).toEqual({ at: 'failed', code: 'invalid', message: 'an unexpected error' })
})
