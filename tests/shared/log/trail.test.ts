/** LG15: what is known of entries that went, by their hashes. */
import { concat } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxForkPath } from '@baton/shared/limits'
import { entryHash } from '@baton/shared/log/chain'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import { decodeTrail, encodeTrail, hashAt, isTrail, maxTrailBytes } from '@baton/shared/log/trail'
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
