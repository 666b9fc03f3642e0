/**
 * How fast a received session is proven: entries of `bytes` in deltas as their author signs them,
 * from wire bytes to verified. `primitives` decide whether that is native or pure.
 */
import { createVerifier } from '@baton/shared/keyexchange/signature'
import type { Head } from '@baton/shared/log/chain'
import { decodeDelta, encodeDelta, verifyDelta } from '@baton/shared/log/delta'
import { decodeEntry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { createPureHasher, type Primitives, pureSha256 } from '@baton/shared/primitives'
import { author } from '../support/author.ts'
import { nodePrimitives, session, signer } from '../support/signer.ts'

export interface VerifyRun {
  readonly primitives: 'native' | 'pure'
  readonly entries: number
  readonly wireBytes: number
  readonly deltas: number
  /** Append, chain and sign all of it. */
  readonly writeMs: number
  /** Decode and verify every delta. */
  readonly verifyMs: number
  /** Decode every entry. */
  readonly readMs: number
}

export async function benchVerify(
  which: 'native' | 'pure',
  entries = 100_000,
  bytes = 1000,
): Promise<VerifyRun> {
  const primitives: Primitives =
    which === 'native'
      ? nodePrimitives
      : {
          sha256: pureSha256,
          createHasher: createPureHasher,
          verify: (await createVerifier([])).verify,
        }
  const writer = author(signer(1), session(1), undefined, { sha256: primitives.sha256 })
  const line = new Uint8Array(bytes).fill(0x61)
  const wire: Uint8Array[] = []
  const writing = performance.now()
  for (let i = 0; i < entries; i += 1000) {
    for (let n = 0; n < Math.min(1000, entries - i); n++) {
      writer.append(kinds.record, ['transcript.jsonl', line])
    }
    for (const delta of await writer.seal()) wire.push(encodeDelta(delta))
  }
  const writeMs = performance.now() - writing

  let head: Head | undefined
  const bodies: Uint8Array[] = []
  const verifying = performance.now()
  for (const message of wire) {
    const verdict = await verifyDelta(primitives, head, decodeDelta(message))
    if (verdict.at !== 'verified') throw new Error(verdict.at)
    head = verdict.delta.head
    bodies.push(...verdict.delta.bodies)
  }
  const verifyMs = performance.now() - verifying

  const reading = performance.now()
  for (const [i, body] of bodies.entries()) decodeEntry(body, i + 1)
  const readMs = performance.now() - reading
  const wireBytes = wire.reduce((sum, message) => sum + message.length, 0)
  return { primitives: which, entries, wireBytes, deltas: wire.length, writeMs, verifyMs, readMs }
}
