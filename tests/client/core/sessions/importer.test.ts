/** IM3 to IM6: what an agent writes gets into the log once, whatever happens on the way. */
import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { FoundSession, Source } from '@baton/client/core/ports/source'
import type { Store } from '@baton/client/core/ports/store'
import { entriesOf } from '@baton/client/core/repo/rows'
import { concat } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { parseRecord } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { expect, it } from 'vitest'
import { openCorpus } from '../../../support/claude.ts'
import { agentAppends } from '../../../support/corpus/append.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { eventually } from '../../../support/mesh-world.ts'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

const newline = new Uint8Array([10])

/** The main file as the log has it. */
async function carried(peer: TestPeer, session: SessionId): Promise<Buffer> {
  const history = (await peer.transcripts.main(session)).get('transcript.jsonl')
  const parts: Uint8Array[] = []
  if (history) {
    for await (const lines of peer.transcripts.lines(history)) {
      for (const line of lines) parts.push(line, newline)
    }
  }
  return Buffer.from(concat(...parts))
}

/** How many lines of the main file are in the log, doubled ones counted twice. */
async function recordsIn({ repository }: TestPeer, session: SessionId): Promise<number> {
  let count = 0
  for (const { log } of repository.heads(session)) {
    for await (const delta of repository.read(log, 0)) {
      for (const { entry } of entriesOf(delta)) {
        if (entry?.kind !== kinds.record) continue
        if (parseRecord(entry.payload)?.file === mainFile) count += 1
      }
    }
  }
  return count
}

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').length - 1

/** A session of several read buffers, and devices that take it into a store. */
function bigSession(bytes = 2_500_000) {
  const { corpus, source } = openCorpus({ seed: 3, sessions: 1, bytes, plain: true })
  const { id, path } = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const open = (store: Store, from: Source = source, seed = 1) =>
    openTestPeer({ seed, source: from, store })
  return { id, path, source, open }
}

it('IM3 a disk that is full at any batch takes nothing half, and a later run goes on', async () => {
  const { id, path, open } = bigSession()
  for (let room = 0; room < 7; room += 2) {
    const disk = createFaultyDisk()
    const peer = await open(await disk.open())
    disk.fill(room)
    const failed = await peer.taking.ref(id).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failed !== undefined) expect(failed).toMatchObject({ code: 'store-full' })
    disk.fill(undefined)
    const session = await peer.taking.ref(id)
    expect(Buffer.compare(await carried(peer, session), readFileSync(path))).toBe(0)
    expect(await recordsIn(peer, session)).toBe(linesOf(path))
    expect(peer.repository.sessions()).toHaveLength(1)
  }
})

it('IM3 one batch that is refused takes those behind it along, though there is room for them', async () => {
  const { id, path, open } = bigSession()
  for (const refused of [2, 3]) {
    const inner = await createFaultyDisk().open()
    let writes = 0
    const peer = await open({
      ...inner,
      write(batch) {
        writes += 1
        if (writes !== refused) return inner.write(batch)
        return Promise.reject(new BatonError('store-full', 'for a moment'))
      },
    })
    await expect(peer.taking.ref(id)).rejects.toMatchObject({ code: 'store-full' })
    const session = await peer.taking.ref(id)
    expect(Buffer.compare(await carried(peer, session), readFileSync(path))).toBe(0)
    expect(await recordsIn(peer, session)).toBe(linesOf(path))
  }
})

it('IM3 a process that dies at any batch loses no line and doubles none', async () => {
  const { id, path, open } = bigSession()
  for (const [room, kept] of [
    [1, 0.99],
    [3, 0],
    [4, 0.5],
  ] as const) {
    const disk = createFaultyDisk(() => kept)
    const peer = await open(await disk.open())
    disk.fill(room)
    await peer.taking.ref(id).catch(() => undefined)
    disk.crash()
    disk.fill(undefined)
    const again = await open(await disk.open())
    agentAppends(path, 3, room)
    const session = await again.taking.ref(id)
    expect(Buffer.compare(await carried(again, session), readFileSync(path))).toBe(0)
    expect(await recordsIn(again, session)).toBe(linesOf(path))
    expect(again.repository.sessions()).toHaveLength(1)
  }
})

it('IM3 a read that fails while a batch is being written has that batch taken once', async () => {
  const { id, path, source, open } = bigSession()
  let failing = true
  let ended = false
  const broken: Source = {
    ...source,
    async *read(found, state) {
      try {
        for await (const item of source.read(found, state)) {
          yield item
          if (failing) throw new BatonError('too-large', 'a line of 64 MiB')
        }
      } finally {
        // Its file is closed by now, which takes as long as it takes.
        ended = true
      }
    },
  }
  const disk = createFaultyDisk()
  const peer = await open(await disk.open(), broken)
  const held = disk.holdFlushes()
  const session = (await source.find()[Symbol.asyncIterator]().next()).value as FoundSession
  const first = peer.taking.file({ source: broken, found: session })
  let over = false
  const failed = expect(first).rejects.toMatchObject({ code: 'too-large' })
  void first
    .catch(() => undefined)
    .finally(() => {
      over = true
    })
  await eventually(async () => (ended && disk.unflushed() > 0 ? true : undefined))
  await turns(200)
  expect(over).toBe(false)
  held.release()
  await failed
  failing = false
  const id2 = await peer.taking.ref(id)
  expect(Buffer.compare(await carried(peer, id2), readFileSync(path))).toBe(0)
  expect(await recordsIn(peer, id2)).toBe(linesOf(path))
})

it('IM4 a file that grows while it is read is taken whole in the end, by any number of runs', async () => {
  const { id, path, open } = bigSession()
  const peer = await open(await createFaultyDisk().open())
  let grown = 0
  const progress = () => {
    if (grown++ < 5) appendFileSync(path, `{"grown":${grown}}\n{"torn":`)
  }
  const runs = [1, 2, 3].map(() => peer.taking.ref(id, { progress }))
  const [session, ...others] = await Promise.all(runs)
  // Two sessions of one file would be two histories.
  expect(new Set(others)).toEqual(new Set([session]))
  appendFileSync(path, 'end\n')
  await peer.taking.ref(id)
  expect(Buffer.compare(await carried(peer, session as SessionId), readFileSync(path))).toBe(0)
  expect(await recordsIn(peer, session as SessionId)).toBe(linesOf(path))
  expect(grown).toBeGreaterThan(5)
})

it('IM5 reading waits for the disk: at most two batches are written while the next is held', async () => {
  const { id, path, source, open } = bigSession(4_000_000)
  let read = 0
  const counted: Source = {
    ...source,
    async *read(found, state) {
      for await (const item of source.read(found, state)) {
        read += 1
        yield item
      }
    },
  }
  const disk = createFaultyDisk()
  const peer = await open(await disk.open(), counted)
  const held = disk.holdFlushes()
  const taking = peer.taking.ref(id)
  await eventually(async () => (disk.unflushed() > 0 && read > 2 ? true : undefined))
  await turns(200)
  expect(read).toBe(3)
  held.release()
  const session = await taking
  expect(read).toBeGreaterThan(5)
  expect(Buffer.compare(await carried(peer, session), readFileSync(path))).toBe(0)
})

it('IM5 a line of megabytes is carried byte for byte', async () => {
  const { id, path, open } = bigSession(20_000)
  const peer = await open(await createFaultyDisk().open())
  appendFileSync(path, `{"type":"x","huge":"${'h'.repeat(5_000_000)}"}\n{"after":1}\n`)
  const session = await peer.taking.ref(id)
  expect(Buffer.compare(await carried(peer, session), readFileSync(path))).toBe(0)
})

it('IM6 a file that stands for a session is never another one: at home, placed, after a restart', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const { receipt, placed } = await sent(alice, found.id, options)
  agentAppends(placed?.path as string, 2, 1)
  for (const peer of [alice, bob]) {
    expect(await peer.taking.ref(found.id)).toBe(receipt.session)
    expect(await peer.taking.ref(found.id)).toBe(receipt.session)
    expect(peer.repository.sessions()).toEqual([receipt.session])
    expect(await peer.library.rows()).toHaveLength(1)
  }
})

it('SO3 an early edit behind an append is what the next send carries', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  await sent(alice, found.id, options)
  const bytes = readFileSync(found.path)
  const at = bytes.indexOf(10) + 3
  const file = openSync(found.path, 'r+')
  writeSync(file, Buffer.from([(bytes[at] as number) ^ 1]), 0, 1, at)
  closeSync(file)
  agentAppends(found.path, 2, 1)
  await alice.taking.ref(found.id)
  alice.clock.advance(1000)
  const end = await sent(alice, found.id, { ...options, carryOnly: true })
  expect(end.digest.there).toBe(end.digest.here)
  const history = await carried(bob, end.receipt.session)
  expect(Buffer.compare(history, readFileSync(found.path))).toBe(0)
})
