/** SN1 to SN5, LG13: segments, manifests and the frontier, whoever sent them. */
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import { joinLogId, type LogId, splitLogId } from '@baton/shared/ids'
import { segmentBytes } from '@baton/shared/limits'
import type { Head } from '@baton/shared/log/chain'
import {
  type Delta,
  decodeDelta,
  deltaSize,
  encodeDelta,
  lastSeq,
  type VerifiedDelta,
} from '@baton/shared/log/delta'
import { frontierDigest } from '@baton/shared/log/frontier'
import { segments } from '@baton/shared/log/segment'
import {
  createSnapshotReader,
  decodeManifest,
  encodeManifest,
  type Manifest,
  verifyManifest,
} from '@baton/shared/log/snapshot'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { author, written } from '../../support/author.ts'
import { nodePrimitives, session, signer } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const alice = signer(1)
const bob = signer(2)
const { sha256 } = nodePrimitives
const line = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x61)

/** A session as it stands on a device: many small commits by alice, a few by bob. */
async function session1(commits = 40, size = 4000) {
  const [ofAlice, ofBob] = [author(alice, session(1)), author(bob, session(1))]
  const runsOfAlice: VerifiedDelta[] = []
  const runsOfBob: VerifiedDelta[] = []
  for (let i = 0; i < commits; i++) runsOfAlice.push(...(await written(ofAlice, [line(size), i])))
  for (let i = 0; i < 3; i++) runsOfBob.push(...(await written(ofBob, [`bob ${i}`])))
  const logs = [runsOfAlice, runsOfBob]
  const parts = logs.map((runs) => [...segments(runs)])
  const manifest: Manifest = {
    session: session(1),
    logs: logs.map((runs, i) => ({
      head: last(runs).head,
      bytes: runs.reduce((sum, run) => sum + deltaSize(run), 0),
      entries: lastSeq(last(runs)),
      segments: parts[i]?.length ?? 0,
    })),
    blobs: { count: 2, bytes: 1_000_000 },
  }
  return { runs: logs, parts: parts as Delta[][], manifest }
}

const last = (runs: readonly VerifiedDelta[]): VerifiedDelta => runs.at(-1) as VerifiedDelta

const reader = (manifest: Manifest, held: ReadonlyMap<LogId, Head> = new Map()) =>
  createSnapshotReader(nodePrimitives, manifest, held)

it('SN1 segments hold all entries, end at signatures and stay within 64 KiB', async () => {
  const { runs, parts } = await session1()
  for (const [i, list] of parts.entries()) {
    expect(list.flatMap((segment) => segment.bodies)).toEqual(runs[i]?.flatMap((run) => run.bodies))
    expect(list.every((segment) => deltaSize(segment) <= segmentBytes)).toBe(true)
    const ends = new Set(runs[i]?.map(lastSeq))
    expect(list.every((segment) => ends.has(lastSeq(segment)))).toBe(true)
  }
  expect(parts[0]).toHaveLength(3)
  expect(parts[1]).toHaveLength(1)
})

it('SN2 a manifest reads back and its heads prove themselves', async () => {
  const { manifest } = await session1(2)
  const read = decodeManifest(encodeManifest(manifest))
  expect(read).toEqual(manifest)
  expect(await verifyManifest(nodePrimitives, read)).toBe(true)
})

it('SN2 a manifest with a flipped bit is refused, or tells only other sizes', async () => {
  const { manifest } = await session1(2)
  const bytes = encodeManifest(manifest)
  const told = ({ logs }: Manifest) => logs.map(({ head }) => head)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
    let read: Manifest
    try {
      read = decodeManifest(flipped)
    } catch {
      continue
    }
    if (await verifyManifest(nodePrimitives, read)) expect(told(read)).toEqual(told(manifest))
  }
})

it.each([
  ['a log of another session', (m: Manifest) => ({ ...m, session: session(2) })],
  ['a log twice', (m: Manifest) => ({ ...m, logs: [...m.logs, ...m.logs] })],
])('SN2 refuses a manifest with %s', async (_, change) => {
  const { manifest } = await session1(1)
  expect(() => decodeManifest(encodeManifest(change(manifest)))).toThrow(
    'failed to read a manifest',
  )
})

it('SN2 refuses a manifest with an empty head or more logs than a session has', async () => {
  const { manifest } = await session1(1)
  const value = decode(encodeManifest(manifest)) as Value[]
  const [row] = value[1] as Value[][]
  const empty = [value[0], [[row?.[0], 0, ...(row ?? []).slice(2)]], value[2]] as Value
  expect(() => decodeManifest(encode(empty))).toThrow('not the expected shape')
  const many = [value[0], new Array(4097).fill(row), value[2]] as Value
  expect(() => decodeManifest(encode(many))).toThrow('failed to decode')
})

it('SN3 a snapshot completes from its segments alone, logs in any order', async () => {
  const { parts, manifest } = await session1()
  const snapshot = reader(manifest)
  for (const list of [...parts].reverse()) {
    for (const segment of list) {
      expect(snapshot.done()).toBe(false)
      const read = decodeDelta(encodeDelta(segment))
      expect((await snapshot.take(read)).at).toBe('verified')
    }
  }
  expect(snapshot.done()).toBe(true)
  expect(snapshot.missing()).toEqual([])
})

it('SN4 it goes on at any segment boundary, and with other segments than it began with', async () => {
  const { runs, parts, manifest } = await session1(30, 6000)
  const log = parts[0]?.[0]?.log as LogId
  const all = parts[0] as Delta[]
  await fc.assert(
    fc.asyncProperty(
      fc.nat(all.length - 1),
      fc.integer({ min: 1000, max: 100_000 }),
      async (cut, size) => {
        const before = reader(manifest)
        let head: Head | undefined
        for (const segment of all.slice(0, cut)) {
          const verdict = await before.take(segment)
          if (verdict.at === 'verified') head = verdict.delta.head
        }
        const after = reader(manifest, head ? new Map([[log, head]]) : new Map())
        expect(after.missing()).toEqual(before.missing())
        for (const segment of segments(runs[0] as Delta[], size)) await after.take(segment)
        for (const segment of parts[1] as Delta[]) await after.take(segment)
        expect(after.done()).toBe(true)
      },
    ),
    { numRuns: tries(15) },
  )
})

it('SN3 a segment with any flipped bit, out of order or foreign leaves the reader as it was', async () => {
  const { parts, manifest } = await session1(3, 100)
  const [segment] = parts[1] as [Delta]
  const bytes = encodeDelta(segment)
  const snapshot = reader(manifest)
  const untouched = snapshot.missing()
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
    let read: Delta
    try {
      read = decodeDelta(flipped)
    } catch {
      continue
    }
    expect((await snapshot.take(read)).at).not.toBe('verified')
  }
  expect(snapshot.missing()).toEqual(untouched)
  const elsewhere = joinLogId(session(1), alice.device, new Uint8Array(8).fill(0xcc))
  expect((await snapshot.take({ ...segment, log: elsewhere })).at).toBe('foreign')
  expect((await snapshot.take({ ...segment, after: 2 })).at).toBe('gap')
  expect((await snapshot.take(segment)).at).toBe('verified')
  expect((await snapshot.take(segment)).at).toBe('known')
})

it('SN5 a log that goes past its head in the manifest is taken, one that went elsewhere is a fork', async () => {
  const same = { random: () => new Uint8Array(8).fill(5) }
  const one = author(alice, session(1), undefined, same)
  const two = author(alice, session(1), undefined, same)
  const shared = await written(one, ['a'])
  const short = await written(one, ['b'])
  const manifestOf = (head: VerifiedDelta['head']): Manifest => ({
    session: session(1),
    logs: [{ head, bytes: 0, entries: head.seq, segments: 1 }],
    blobs: { count: 0, bytes: 0 },
  })
  const longer = await written(one, ['c', 'd'])
  const past = reader(manifestOf(last(short).head))
  for (const run of [...segments([...shared, ...short, ...longer])]) {
    expect((await past.take(run)).at).toBe('verified')
  }
  expect(past.done()).toBe(true)

  const other = await written(two, ['a', 'x', 'c', 'd'])
  const forked = reader(manifestOf(last(short).head))
  expect((await forked.take(other[0] as Delta)).at).toBe('forked')
  expect(forked.done()).toBe(false)
})

it('LG13 the frontier digest tells what is held, in any order and without empty logs', async () => {
  const { runs } = await session1(3, 10)
  const heads = runs.map((list) => [last(list).log, last(list).head] as const)
  const digest = frontierDigest(sha256, heads)
  expect(frontierDigest(sha256, [...heads].reverse())).toEqual(digest)
  const empty = [
    joinLogId(session(1), bob.device, new Uint8Array(8)),
    { seq: 0, hash: line(32) },
  ] as const
  expect(frontierDigest(sha256, [empty, ...heads])).toEqual(digest)
  const [first, second] = heads as [(typeof heads)[0], (typeof heads)[0]]
  const changed: [LogId, Head][][] = [
    [[...first]],
    [[first[0], { ...first[1], seq: 1 }], [...second]],
    [[first[0], { ...first[1], hash: line(32) }], [...second]],
    [
      [second[0], first[1]],
      [first[0], second[1]],
    ],
  ]
  for (const other of changed) expect(frontierDigest(sha256, other)).not.toEqual(digest)
  expect(splitLogId(first[0]).device).toBe(alice.device)
})
