/** Blobs: named by what they hold, resumed, refused, and never acknowledged before they are whole. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { createBlobs } from '@baton/client/core/repo/blobs'
import { collect } from '@baton/client/testing/rows'
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { blobChunkBytes, maxContentBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { encodeFile, encodeRecord } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { describe, expect, it } from 'vitest'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { pattern } from '../../../support/link-pair.ts'
import { firstLog, hand, openTestRepo } from '../../../support/repo.ts'
import { nodePrimitives, session } from '../../../support/signer.ts'

const { sha256, createHasher } = nodePrimitives
const one = session(1)

function open(store = createMemoryStore()) {
  const done: string[] = []
  const blobs = createBlobs({
    store,
    createHasher,
    completing: () => [],
    completed: (hash) => void done.push(toHex(hash)),
  })
  return { blobs, store, done }
}

async function* pieces(content: Bytes, size: number) {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

const chunksOf = (content: Bytes) =>
  Array.from({ length: Math.ceil(content.length / blobChunkBytes) }, (_, i) =>
    content.subarray(i * blobChunkBytes, (i + 1) * blobChunkBytes),
  )

describe('a blob', () => {
  it.each([1, blobChunkBytes - 1, blobChunkBytes, blobChunkBytes * 20 + 1])(
    'RP5 of %i bytes comes in chunks and is held when its hash was checked',
    async (size) => {
      const { blobs, done } = open()
      const content = pattern(size, 1)
      const hash = sha256(content)
      const chunks = chunksOf(content)
      for (const [i, chunk] of chunks.entries()) {
        expect(await blobs.complete(hash)).toBe(false)
        const last = i === chunks.length - 1
        const result = await blobs.receive(hash, size, i * blobChunkBytes, chunk)
        expect(result).toBe(last ? 'done' : 'more')
      }
      expect(done).toEqual([toHex(hash)])
      expect(equalBytes(await blobs.whole(hash), content)).toBe(true)
      expect(await blobs.receive(hash, size, 0, chunks[0] as Bytes)).toBe('skipped')
    },
  )

  it('RP5 goes on where it stopped, over a restart, and passes over chunks out of place', async () => {
    const { blobs, store } = open()
    const content = pattern(blobChunkBytes * 3 + 5, 2)
    const hash = sha256(content)
    const chunks = chunksOf(content)
    const give = (to: typeof blobs, i: number) =>
      to.receive(hash, content.length, i * blobChunkBytes, chunks[i] as Bytes)
    expect(await give(blobs, 1)).toBe('skipped')
    expect(await give(blobs, 0)).toBe('more')
    expect(await give(blobs, 0)).toBe('skipped')
    expect(await give(blobs, 1)).toBe('more')
    expect(await give(blobs, 3)).toBe('skipped')
    const again = open(store).blobs
    expect(await again.facts(hash)).toEqual({ bytes: content.length, have: 2 * blobChunkBytes })
    expect(await give(again, 2)).toBe('more')
    expect(await give(again, 3)).toBe('done')
    await expect(blobs.whole(sha256(content.slice(1)))).rejects.toMatchObject({ code: 'not-found' })
  })

  it('RP5 with any wrong byte is refused whole, and nothing of it stays', async () => {
    const { blobs, store } = open()
    const content = pattern(blobChunkBytes + 9, 3)
    const hash = sha256(content)
    const [first, second] = chunksOf(content) as [Bytes, Bytes]
    const wrong = second.map((byte, i) => (i === 3 ? byte ^ 1 : byte))
    await blobs.receive(hash, content.length, 0, first)
    await expect(blobs.receive(hash, content.length, blobChunkBytes, wrong)).rejects.toMatchObject({
      code: 'invalid',
    })
    expect(await collect(store)).toEqual([])
  })

  it('RP5 said to be of another size begins again with whoever starts it anew', async () => {
    const { blobs } = open()
    const content = pattern(blobChunkBytes + 9, 4)
    const hash = sha256(content)
    const [first, second] = chunksOf(content) as [Bytes, Bytes]
    await blobs.receive(hash, blobChunkBytes * 9, 0, first)
    expect(await blobs.receive(hash, content.length, blobChunkBytes, second)).toBe('skipped')
    expect(await blobs.receive(hash, content.length, 0, first)).toBe('more')
    expect(await blobs.receive(hash, content.length, blobChunkBytes, second)).toBe('done')
  })

  it('RP5 beyond the bounds is refused', async () => {
    const { blobs } = open()
    const hash = sha256(new Uint8Array(1))
    const over = [
      blobs.receive(hash, maxContentBytes + 1, 0, new Uint8Array(blobChunkBytes)),
      blobs.receive(hash, maxContentBytes, 0, new Uint8Array(blobChunkBytes + 1)),
    ]
    for (const each of over) await expect(each).rejects.toMatchObject({ code: 'too-large' })
    expect(await blobs.receive(hash, 10, 0, new Uint8Array(5))).toBe('skipped')
  })

  it('RP5 sent by two peers at a time, one of whom lies, ends up whole', async () => {
    const { blobs } = open()
    const content = pattern(blobChunkBytes * 4, 5)
    const hash = sha256(content)
    const chunks = chunksOf(content)
    const give = (i: number) =>
      blobs.receive(hash, content.length, i * blobChunkBytes, chunks[i] as Bytes)
    const lie = (i: number) =>
      blobs.receive(hash, content.length, i * blobChunkBytes, new Uint8Array(blobChunkBytes))
    const results = await Promise.allSettled([
      ...[0, 1, 2, 3].flatMap((i) => [give(i), give(i)]),
      lie(3),
    ])
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(equalBytes(await blobs.whole(hash), content)).toBe(true)
    // A liar that is first costs the blob, not its place.
    const other = open().blobs
    const firstLies = await Promise.allSettled(
      [0, 1, 2, 3].map((i) =>
        i === 2
          ? other.receive(hash, content.length, i * blobChunkBytes, new Uint8Array(blobChunkBytes))
          : other.receive(hash, content.length, i * blobChunkBytes, chunks[i] as Bytes),
      ),
    )
    expect(firstLies.map(({ status }) => status).at(-1)).toBe('rejected')
    for (const [i, chunk] of chunks.entries()) {
      await other.receive(hash, content.length, i * blobChunkBytes, chunk)
    }
    expect(equalBytes(await other.whole(hash), content)).toBe(true)
  })
})

describe('local content', () => {
  it('RP5 is read twice, written a few chunks at a time, and read back from any offset', async () => {
    const { blobs, store } = open()
    const content = pattern(blobChunkBytes * 40 + 7, 6)
    let peak = 0
    const { write } = store
    store.write = (batch) => {
      peak = Math.max(peak, batch.length)
      return write(batch)
    }
    const { hash, bytes } = await blobs.add(() => pieces(content, 10_000))
    expect([hash, bytes]).toEqual([sha256(content), content.length])
    expect(peak).toBeLessThanOrEqual(17)
    expect(equalBytes(await blobs.whole(hash), content)).toBe(true)
    for (const from of [0, blobChunkBytes * 7, blobChunkBytes * 7 + 3]) {
      for await (const { offset, chunk } of blobs.read(hash, from)) {
        expect(offset).toBe(from - (from % blobChunkBytes))
        expect(equalBytes(chunk, content.subarray(offset, offset + blobChunkBytes))).toBe(true)
        break
      }
    }
    let reads = 0
    await blobs.add(() => {
      reads += 1
      return pieces(content, 10_000)
    })
    expect(reads).toBe(1)
  })

  it.each([
    ['shorter', (content: Bytes) => content.subarray(1)],
    ['longer', (content: Bytes) => Uint8Array.from([...content, 1])],
    ['other', (content: Bytes) => content.map((byte) => byte ^ 1)],
  ])(
    'RP5 that is %s when it is read again is refused, and nothing stays',
    async (_name, change) => {
      const { blobs, store } = open()
      const content = pattern(blobChunkBytes * 20, 7)
      let reads = 0
      const adding = blobs.add(() => pieces(reads++ === 0 ? content : change(content), 50_000))
      await expect(adding).rejects.toMatchObject({ code: 'source-changed' })
      expect(await collect(store)).toEqual([])
    },
  )

  it('RP5 over the bound is refused before any of it is written', async () => {
    const { blobs, store } = open()
    const part = new Uint8Array(maxContentBytes / 4)
    async function* many() {
      for (let i = 0; i < 5; i++) yield part
    }
    await expect(blobs.add(many)).rejects.toMatchObject({ code: 'too-large' })
    expect(await collect(store)).toEqual([])
  })
})

describe('entries that name blobs', () => {
  const content = pattern(100_000, 8)
  const hash = sha256(content)

  async function author() {
    const repo = await openTestRepo(2)
    await repo.append(one, 'before')
    await repo.write(one, (to) => {
      const blob = { blob: hash, bytes: content.length }
      const line = { epoch: 0, file: mainFile, base: undefined, content: blob }
      to.append(kinds.record, encodeRecord(line))
      to.append(kinds.file, encodeFile({ epoch: 0, file: 'a.txt', content: blob }))
      return repo.blobs.rows(hash, content)
    })
    await repo.append(one, 'after')
    return repo
  }

  it('RP6 are held and not durable until the blobs are, over a restart too', async () => {
    const from = await author()
    const disk = createFaultyDisk()
    const repo = await openTestRepo(1, { store: await disk.open() })
    await hand(from, repo, one)
    await repo.flush()
    const log = firstLog(from)
    expect([repo.head(log)?.seq, repo.durable(log)]).toEqual([5, 2])
    expect(repo.lacking(log)).toEqual([hash])
    const again = await openTestRepo(1, { store: await disk.open() })
    expect([again.durable(log), again.lacking(log)]).toEqual([2, [hash]])
    const told: unknown[] = []
    again.onBlob((name, logs) => told.push([name, logs]))
    for (const [i, chunk] of chunksOf(content).entries()) {
      expect(again.durable(log)).toBe(2)
      await again.blobs.receive(hash, content.length, i * blobChunkBytes, chunk)
    }
    expect(told).toEqual([[hash, [log]]])
    expect([again.durable(log), again.lacking(log)]).toEqual([5, []])
    const last = await openTestRepo(1, { store: await disk.open() })
    expect([last.durable(log), last.lacking(log)]).toEqual([5, []])
  })

  it('RP6 are durable at once where the blob came first, or stands in the same batch', async () => {
    const from = await author()
    expect(from.durable(firstLog(from))).toBe(5)
    const repo = await openTestRepo(1)
    await repo.blobs.add(() => pieces(content, 1000))
    await hand(from, repo, one)
    await repo.flush()
    expect(repo.durable(firstLog(from))).toBe(5)
  })

  it('RP6 and a blob that comes at the same moment leave nothing lacking', async () => {
    const from = await author()
    for (let delay = 0; delay < 60; delay++) {
      const repo = await openTestRepo(1)
      const chunks = chunksOf(content)
      await repo.blobs.receive(hash, content.length, 0, chunks[0] as Bytes)
      const taking = hand(from, repo, one)
      for (let i = 0; i < delay; i++) await Promise.resolve()
      await repo.blobs.receive(hash, content.length, blobChunkBytes, chunks[1] as Bytes)
      await taking
      await repo.flush()
      expect(repo.durable(firstLog(from))).toBe(5)
      expect((await collect(repo.store)).some(([key]) => key[0] === 'w'.charCodeAt(0))).toBe(false)
    }
  })
})
