/** LG15: what is known of entries that went, by their hashes. */
import { concat } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { joinLogId } from '@baton/shared/ids'
import { maxForkPath } from '@baton/shared/limits'
import { entryHash, type Head, type SignedHead, startHead } from '@baton/shared/log/chain'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import {
  decodeTrail,
  encodeTrail,
  hashAt,
  isTrail,
  joinTrails,
  maxTrailBytes,
  type Trail,
  trailUpTo,
} from '@baton/shared/log/trail'
import { expect, it } from 'vitest'
import { author, written } from '../../support/author.ts'
import { nodePrimitives, session, signer } from '../../support/signer.ts'

const { sha256 } = nodePrimitives

async function trail() {
  const log = author(signer(1), session(1))
  const [begun] = (await written(log, ['a'])) as [VerifiedDelta]
  const [rest] = (await written(log, ['b', 'c'])) as [VerifiedDelta]
  const path = concat(...rest.bodies.map((body) => entryHash(sha256, body)))
  const { seq, hash } = begun.head
  return { from: { seq, hash }, path, head: rest.head }
}

it('LG15 the hashes of entries lead from one place of a log to its head, and to no other', async () => {
  const told = await trail()
  const { from, path, head } = decodeTrail(told.head.log, encodeTrail(told))
  expect({ from, path, head }).toEqual({ ...told, head: { ...told.head } })
  expect(isTrail(sha256, told)).toBe(true)
  expect(hashAt(sha256, told, from.seq)).toEqual(from.hash)
  for (const wrong of [
    { ...told, path: path.slice(0, 32) },
    { ...told, path: concat(path.slice(32), path.slice(0, 32)) },
    { ...told, from: { seq: from.seq, hash: head.hash } },
    { ...told, from: { seq: from.seq + 1, hash: from.hash } },
    { ...told, head: { ...head, hash: from.hash } },
  ]) {
    expect(isTrail(sha256, wrong)).toBe(false)
  }
})

it('LG15 what went at two times is one trail, and leads over each place of it', async () => {
  const log = author(signer(1), session(1))
  const runs: VerifiedDelta[] = []
  for (const each of [['a'], ['b', 'c'], ['d']]) runs.push(...(await written(log, each)))
  const [first, second, third] = runs.map(({ bodies, head }, i) => {
    const from = runs[i - 1]?.head ?? startHead(sha256, head.log)
    return { from, path: concat(...bodies.map((body) => entryHash(sha256, body))), head }
  }) as [Trail, Trail, Trail]
  const both = joinTrails(sha256, first, second)
  expect(isTrail(sha256, both)).toBe(true)
  expect([both.from.seq, both.head]).toEqual([0, second.head])
  const all = joinTrails(sha256, both, third)
  expect(isTrail(sha256, all)).toBe(true)
  for (const { head } of runs) {
    const cut = trailUpTo(sha256, all, head) as Trail
    expect(isTrail(sha256, cut)).toBe(true)
    expect(cut.head).toEqual(head)
  }
  // What begins elsewhere, or elsewhere in another history, is not what goes on.
  expect(joinTrails(sha256, first, third)).toBe(third)
  const other = { ...second, from: { seq: second.from.seq, hash: third.head.hash } }
  expect(joinTrails(sha256, first, other)).toBe(other)
  expect(trailUpTo(sha256, second, first.head)).toEqual({
    ...second,
    path: new Uint8Array(0),
    head: first.head,
  })
  expect(trailUpTo(sha256, third, first.head)).toBeUndefined()
  expect(trailUpTo(sha256, all, { ...first.head, hash: third.head.hash })).toBeUndefined()
})

it('LG15 of a trail that grows too long its last hashes stay', () => {
  const { device } = signer(1)
  const log = joinLogId(session(1), device, new Uint8Array(8))
  const piece = (count: number, at: Head, fill: number): Trail => {
    const path = new Uint8Array(count * 32).fill(fill)
    const head = { seq: at.seq + count, hash: new Uint8Array(0) }
    const hash = hashAt(sha256, { from: at, path, head: {} as SignedHead }, head.seq)
    return {
      from: at,
      path,
      head: { log, seq: head.seq, hash, signature: new Uint8Array(64) },
    }
  }
  const first = piece(maxForkPath - 1, startHead(sha256, log), 1)
  const joined = joinTrails(sha256, first, piece(3, first.head, 2))
  expect([joined.from.seq, joined.path.length]).toEqual([2, maxForkPath * 32])
  expect(isTrail(sha256, joined)).toBe(true)
})

it('LG15 half a hash, too many and what is no trail are refused', async () => {
  const told = await trail()
  const { log } = told.head
  const code = (bytes: Uint8Array) => {
    try {
      decodeTrail(log, bytes)
    } catch (error) {
      return error instanceof BatonError ? error.code : error
    }
    return 'taken'
  }
  const of = (length: number) => encodeTrail({ ...told, path: new Uint8Array(length) })
  expect(code(of(31))).toBe('invalid')
  expect(code(of(maxForkPath * 32))).toBe('taken')
  expect(of(maxForkPath * 32).length).toBeLessThan(maxTrailBytes)
  expect(code(of(maxForkPath * 32 + 32))).toBe('invalid')
  expect(code(new Uint8Array(maxTrailBytes + 1))).toBe('too-large')
  expect(code(Uint8Array.of(0x90))).toBe('invalid')
})
