import type { SignedHead } from '@baton/shared/log/chain'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import {
  decodeFork,
  encodeFork,
  type ForkProof,
  forkAlong,
  forkOf,
  verifyFork,
} from '@baton/shared/log/fork'
import { expect, it } from 'vitest'
import { author, written } from '../../support/author.ts'
import { nodePrimitives, session, signer } from '../../support/signer.ts'

const alice = signer(1)
const same = { random: () => new Uint8Array(8).fill(5) }
const check = (proof: ForkProof) => verifyFork(nodePrimitives, proof)

/** Two histories of one log, as a restored virtual machine writes them. */
async function forked() {
  const [left] = await written(author(alice, session(1), undefined, same), ['a', 'b'])
  const rightWriter = author(alice, session(1), undefined, same)
  const [right] = await written(rightWriter, ['a', 'x'])
  const [later] = await written(rightWriter, ['y', 'z'])
  return { left, right, later } as {
    left: VerifiedDelta
    right: VerifiedDelta
    later: VerifiedDelta
  }
}

it('LG14 two heads of one seq with two hashes prove a fork to anyone', async () => {
  const { left, right } = await forked()
  const proof = forkOf(left.head, right.head) as ForkProof
  expect(await check(decodeFork(encodeFork(proof)))).toBe(true)
  expect(forkOf(left.head, left.head)).toBeUndefined()
})

it('LG14 a later head proves it too, along its entries', async () => {
  const { left, right, later } = await forked()
  const proof = forkAlong(
    nodePrimitives.sha256,
    left.head,
    right.head.hash,
    later.bodies,
    later.head,
  ) as ForkProof
  expect(await check(decodeFork(encodeFork(proof)))).toBe(true)
  const agreeing = forkAlong(nodePrimitives.sha256, right.head, right.head.hash, [], later.head)
  expect(agreeing).toBeUndefined()
})

it('LG14 nothing honest can be made into a proof', async () => {
  const { left, right, later } = await forked()
  const own = author(alice, session(1))
  const [first] = (await written(own, ['a'])) as [VerifiedDelta]
  const [second] = (await written(own, ['b'])) as [VerifiedDelta]
  const proof = forkOf(left.head, right.head) as ForkProof
  const bad: ForkProof[] = [
    { ...proof, other: left.head, hash: left.head.hash },
    { ...proof, hash: left.head.hash },
    { ...proof, path: new Uint8Array(32) },
    { ...proof, other: { ...right.head, signature: left.head.signature } },
    { ...proof, one: { ...left.head, hash: new Uint8Array(32) } },
    { ...proof, log: first.log },
    { ...proof, one: first.head },
    {
      log: first.log,
      one: first.head,
      other: second.head,
      hash: second.head.hash,
      path: new Uint8Array(),
    },
    {
      log: first.log,
      one: second.head,
      other: first.head,
      hash: first.head.hash,
      path: new Uint8Array(),
    },
    { ...proof, other: later.head, hash: right.head.hash, path: new Uint8Array(64) },
  ]
  for (const [i, other] of bad.entries()) expect(await check(other), `proof ${i}`).toBe(false)
  expect(forkOf(left.head, { ...right.head, log: first.log } as SignedHead)).toBeUndefined()
  expect(forkOf(left.head, later.head)).toBeUndefined()
})

it('LG14 a proof with any flipped bit is refused', async () => {
  const { left, right } = await forked()
  const bytes = encodeFork(forkOf(left.head, right.head) as ForkProof)
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
