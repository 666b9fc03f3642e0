import { maxForkPath } from '@baton/shared/limits'
import { startHead } from '@baton/shared/log/chain'
import { decodeDelta, encodeDelta, type VerifiedDelta } from '@baton/shared/log/delta'
import {
  decodeFork,
  encodeFork,
  type ForkProof,
  forkBetween,
  verifyFork,
} from '@baton/shared/log/fork'
import { expect, it } from 'vitest'
import { author, written } from '../../support/author.ts'
import { nodePrimitives, session, signer } from '../../support/signer.ts'

const { sha256 } = nodePrimitives
const alice = signer(1)
const same = { random: () => new Uint8Array(8).fill(5) }
const check = (proof: ForkProof) => verifyFork(nodePrimitives, proof)

/** Two histories of one log, as a restored virtual machine writes them: genesis and 'a' are shared. */
async function forked() {
  const one = author(alice, session(1), undefined, same)
  const two = author(alice, session(1), undefined, same)
  const [common] = await written(one, ['a'])
  await written(two, ['a'])
  const [left] = await written(one, ['b'])
  const [right] = await written(two, ['x', 'y', 'z'])
  return { common, left, right } as {
    common: VerifiedDelta
    left: VerifiedDelta
    right: VerifiedDelta
  }
}

async function proven(): Promise<ForkProof> {
  const { common, left, right } = await forked()
  return forkBetween(sha256, common.head, left, right) as ForkProof
}

it('LG14 two signed histories prove a fork to anyone, and where it begins', async () => {
  const { common, left, right } = await forked()
  const proof = decodeFork(encodeFork(await proven()))
  expect(await check(proof)).toBe(true)
  expect(proof.after).toEqual({ seq: common.head.seq, hash: common.head.hash })
  // The same proof, whoever of the two makes it.
  expect(forkBetween(sha256, common.head, right, left)).toEqual(proof)
  expect(forkBetween(sha256, common.head, left, left)).toBeUndefined()
})

it('LG14 two histories that share nothing fork at their first entry', async () => {
  const [one] = await written(author(alice, session(1), undefined, same), ['a'])
  const other = { predecessor: undefined, descriptor: { kind: 'x' } }
  const [two] = await written(author(alice, session(1), other, same), ['a'])
  const [left, right] = [one, two] as [VerifiedDelta, VerifiedDelta]
  const start = startHead(sha256, left.log)
  const proof = forkBetween(sha256, start, left, right) as ForkProof
  expect(await check(decodeFork(encodeFork(proof)))).toBe(true)
  expect(await check({ ...proof, after: { seq: 0, hash: new Uint8Array(32) } })).toBe(false)
})

it('LG14 nothing honest can be made into a proof', async () => {
  const { common, left, right } = await forked()
  const own = author(alice, session(1))
  const [first] = (await written(own, ['a'])) as [VerifiedDelta]
  const [second] = (await written(own, ['b'])) as [VerifiedDelta]
  const proof = await proven()
  const flip = { ...proof, one: proof.other, other: proof.one }
  const withHead = (head: VerifiedDelta['head']) => ({
    ...proof,
    one: { ...proof.one, head },
  })
  const bad: ForkProof[] = [
    flip,
    { ...proof, one: proof.other },
    { ...proof, other: proof.one },
    { ...proof, log: first.log },
    { ...proof, after: { ...proof.after, seq: proof.after.seq - 1 } },
    { ...proof, after: { ...proof.after, hash: left.head.hash } },
    { ...proof, one: { ...proof.one, path: new Uint8Array(0) } },
    { ...proof, other: { ...proof.other, path: proof.other.path.slice(0, 32) } },
    withHead({ ...proof.one.head, signature: proof.other.head.signature }),
    withHead({ ...proof.one.head, log: first.log }),
    withHead(common.head),
    // One history, told as if it were two.
    forkBetween(sha256, first.head, second, {
      bodies: right.bodies,
      head: second.head,
    }) as ForkProof,
  ]
  for (const [i, other] of bad.entries()) expect(await check(other), `proof ${i}`).toBe(false)
  expect(forkBetween(sha256, common.head, left, first)).toBeUndefined()
})

it('LG14 a proof with any flipped bit is refused', async () => {
  const bytes = encodeFork(await proven())
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
    let read: ForkProof
    try {
      read = decodeFork(flipped)
    } catch {
      continue
    }
    expect(await check(read), `bit ${bit}`).toBe(false)
  }
  expect(() => decodeFork(new Uint8Array(3))).toThrow('failed to decode')
})

it('LG14 a run too long to stand in a proof is refused', async () => {
  const { left } = await forked()
  const of = (count: number) =>
    encodeDelta({ ...left, bodies: Array.from({ length: count }, () => new Uint8Array(1)) })
  expect(decodeDelta(of(maxForkPath)).bodies).toHaveLength(maxForkPath)
  expect(() => decodeDelta(of(maxForkPath + 1))).toThrow('failed to decode')
})
