/** AR1 to AR4: a session as an archive, and what is taken from one. */
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryStore } from '@baton/client/core/memory/store'
import { type Bytes, concat } from '@baton/shared/bytes'
import { deviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import { type ArchiveItem, encodeItem, readItems } from '@baton/shared/log/archive'
import { kinds } from '@baton/shared/log/kinds'
import { encodeManifest, type Manifest } from '@baton/shared/log/snapshot'
import { expect, it } from 'vitest'
import { archivesOf, session, written } from '../../../support/archived.ts'
import { author } from '../../../support/author.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { createMemoryKeyring } from '../../../support/memory-keyring.ts'
import { flipped } from '../../../support/raw-sync.ts'
import { hand, openTestRepo } from '../../../support/repo.ts'
import { nodePrimitives, signer } from '../../../support/signer.ts'

const { sha256 } = nodePrimitives

async function* inPieces(bytes: Bytes, size = 7000): AsyncGenerator<Bytes> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function itemsOf(pieces: AsyncIterable<Bytes>): Promise<ArchiveItem[]> {
  const items: ArchiveItem[] = []
  for await (const item of readItems(pieces)) items.push(item)
  return items
}

/** A device that never met them, and what it does with these items. */
async function stranger(roster?: SessionId) {
  const store = createMemoryStore()
  const repo = await openTestRepo(9, { store })
  const take = (items: readonly ArchiveItem[]) => {
    const bytes = concat(...items.map(encodeItem))
    return archivesOf(repo, roster).take(
      () => inPieces(bytes),
      () => undefined,
    )
  }
  return { store, repo, take }
}

it('AR1 AR2 a device that met none of its authors takes the whole session, once', async () => {
  const { alice, pieces } = await written()
  const items = await itemsOf(pieces())
  const { repo, take } = await stranger()
  const taken = await take(items)
  expect(taken).toMatchObject({ session, fresh: taken.entries, blobs: 2 })
  expect(taken.authors.toSorted()).toEqual(
    alice
      .heads(session)
      .map(({ log }) => splitLogId(log).device)
      .toSorted(),
  )
  expect(repo.frontier(session)).toEqual(alice.frontier(session))
  for (const { log } of repo.heads(session)) {
    expect(repo.lacking(log)).toEqual([])
    expect(repo.durable(log)).toBe(repo.head(log)?.seq)
  }
  const content = new Uint8Array(200_000).fill(5)
  expect(await repo.blobs.whole(sha256(content))).toEqual(content)
  expect(await take(items)).toMatchObject({ fresh: 0 })
  // And gives it on as it is.
  expect(await itemsOf((await archivesOf(repo).read('any')).pieces())).toHaveLength(items.length)
})

it('AR1 what was written while it is read is not in it', async () => {
  const { alice } = await written()
  const archive = await archivesOf(alice).read('any')
  const before = alice.frontier(session)
  await alice.append(session, 'later')
  const { repo, take } = await stranger()
  await take(await itemsOf(archive.pieces()))
  expect(repo.frontier(session)).toEqual(before)
  expect(alice.frontier(session)).not.toEqual(before)
})

it('AR1 a session that is not here whole is not exported', async () => {
  const { alice } = await written()
  const carol = await openTestRepo(3)
  await hand(alice, carol, session)
  await expect(archivesOf(carol).read('any')).rejects.toMatchObject({ code: 'not-found' })
  await expect(archivesOf(await openTestRepo(4)).read('any')).rejects.toMatchObject({
    code: 'not-found',
  })
})

it('AR2 AR3 what was changed in any way is refused, and nothing of it stored', async () => {
  const { pieces } = await written()
  const items = await itemsOf(pieces())
  const manifest = (items[0] as ArchiveItem & { at: 'manifest' }).manifest
  const place = (at: ArchiveItem['at']) => items.findIndex((item) => item.at === at)
  const without = (index: number) => items.toSpliced(index, 1)
  const put = (index: number, item: ArchiveItem) => items.with(index, item)
  const [blob, chunk, run] = [place('blob'), place('chunk'), place('run')]
  const bytes = (items[chunk] as ArchiveItem & { at: 'chunk' }).chunk
  const packed = items[run] as ArchiveItem & { at: 'run' }
  const signedOtherwise: Manifest = {
    ...manifest,
    logs: manifest.logs.map((log) => ({
      ...log,
      head: { ...log.head, signature: flipped(log.head.signature, 9) },
    })),
  }
  const twice = items.slice(
    blob,
    items.findIndex((item, i) => i > blob && item.at !== 'chunk'),
  )
  const cases: Record<string, readonly ArchiveItem[]> = {
    'no beginning': without(0),
    'two beginnings': [items[0] as ArchiveItem, ...items],
    'a blob less': items.toSpliced(blob, twice.length),
    'a blob twice': items.toSpliced(blob, 0, ...twice),
    'a chunk less': without(chunk),
    'a chunk twice': items.toSpliced(chunk, 0, items[chunk] as ArchiveItem),
    'another chunk': put(chunk, { at: 'chunk', chunk: flipped(bytes, 77) }),
    'a chunk alone': items.toSpliced(run, 0, { at: 'chunk', chunk: bytes }),
    'a run less': without(run),
    'the last run less': without(items.length - 2),
    'a run twice': items.toSpliced(run, 0, packed),
    'runs turned round': [...items.slice(0, run), ...items.slice(run, -1).reverse(), { at: 'end' }],
    'another run': put(run, {
      ...packed,
      bytes: flipped(packed.bytes, packed.bytes.length * 8 - 9),
    }),
    'a run that lies about its size': put(run, { ...packed, rawBytes: 200_000 }),
    'other heads': put(0, { at: 'manifest', manifest: signedOtherwise }),
    'a head less': put(0, {
      at: 'manifest',
      manifest: { ...manifest, logs: manifest.logs.slice(1) },
    }),
  }
  for (const [name, changed] of Object.entries(cases)) {
    const { store, take } = await stranger()
    const before = store.rows()
    const code = await take(changed).then(
      () => 'taken',
      (error: { code?: string }) => error.code,
    )
    expect([name, code]).toEqual([
      name,
      expect.stringMatching(/^(invalid|too-large|bad-signature)$/),
    ])
    expect([name, store.rows()]).toEqual([name, before])
  }
})

it('AR3 a history that differs from the one that is held is refused before anything is stored', async () => {
  const { pieces } = await written()
  const items = await itemsOf(pieces())
  const { repo, store, take } = await stranger()
  // The same device and incarnation, restored from a copy, and another line.
  const head = (items[0] as ArchiveItem & { at: 'manifest' }).manifest.logs.find(
    ({ head: { log } }) => splitLogId(log).device === deviceId(createMemoryKeyring(1).device),
  )?.head
  const { incarnation } = splitLogId(head?.log as never)
  const fork = author(signer(1), session, undefined, { random: () => incarnation })
  fork.append(kinds.record, 'another')
  for (const delta of await fork.seal()) expect((await repo.receive(delta)).at).toBe('stored')
  const before = store.rows()
  await expect(take(items)).rejects.toThrow(/another history/)
  expect(store.rows()).toEqual(before)
})

it('AR4 a disk that fills up while it is stored says so, and the same file goes on later', async () => {
  const { alice, pieces } = await written()
  const bytes = concat(...(await itemsOf(pieces())).map(encodeItem))
  for (let room = 0; room < 12; room++) {
    const disk = createFaultyDisk()
    const repo = await openTestRepo(9, { store: await disk.open() })
    disk.fill(room)
    const take = () =>
      archivesOf(repo).take(
        () => inPieces(bytes),
        () => undefined,
      )
    const first = await take().then(
      () => 'taken',
      (error: { code?: string }) => error.code,
    )
    expect(first).toBe(room < 8 ? 'store-full' : first)
    disk.fill(undefined)
    // Until all that stood behind the refusal were told, a store takes nothing (rule ST9).
    await turn()
    await take()
    expect(repo.frontier(session)).toEqual(alice.frontier(session))
  }
})

it('AR3 the roster of this device is taken from nobody', async () => {
  const { pieces } = await written()
  const { store, take } = await stranger(session)
  const before = store.rows()
  const taken = take(await itemsOf(pieces()))
  await expect(taken).rejects.toMatchObject({ code: 'not-permitted' })
  expect(store.rows()).toEqual(before)
})

it('AR2 a stream of items is bounded, and ends once', async () => {
  const end = encodeItem({ at: 'end' })
  const read = (...parts: Bytes[]) => itemsOf(inPieces(concat(...parts)))
  expect(await read(end)).toEqual([{ at: 'end' }])
  const manifest = encodeManifest({ session, logs: [], blobs: { count: 0, bytes: 0 } })
  for (const parts of [
    [],
    [end, end],
    [end, Uint8Array.of(5)],
    [end.subarray(0, 4)],
    [Uint8Array.of(9, 0, 0, 0, 0), end],
    [Uint8Array.of(5, 0, 0, 0, 1, 0)],
    [Uint8Array.of(1, 0, 0, 0, 1, 0xc0), end],
    [Uint8Array.of(1, 0, 16, 0, 1), new Uint8Array(1024 * 1024 + 1), end],
    [Uint8Array.of(1, 0, 0, 0, manifest.length + 1), manifest, Uint8Array.of(0), end],
    [Uint8Array.of(4, 0, 0, 0, 4, 0, 0, 0, 0), end],
  ]) {
    await expect(read(...parts)).rejects.toMatchObject({
      code: expect.stringMatching(/invalid|too-large/),
    })
  }
})
