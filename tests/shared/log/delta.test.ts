/** LG5 to LG9: chains, deltas, who signed, and every single bit of them. */
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { idBytes, joinLogId, splitLogId } from '@baton/shared/ids'
import { segmentBytes, segmentEntries } from '@baton/shared/limits'
import { type Head, headMessage, nextHash, startHead } from '@baton/shared/log/chain'
import {
  type Delta,
  decodeDelta,
  decodeRun,
  encodeDelta,
  encodeRun,
  lastSeq,
  sameRun,
  sliceDelta,
  type VerifiedDelta,
  verifyDelta,
} from '@baton/shared/log/delta'
import { createRecordChain, noRecord, recordId } from '@baton/shared/log/record'
import { segments } from '@baton/shared/log/segment'
import { pureSha256 } from '@baton/shared/primitives'
import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { author, written } from '../../support/author.ts'
import { nodePrimitives, session, signer } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const alice = signer(1)
const bob = signer(2)
const check = (held: Head | undefined, delta: Delta) => verifyDelta(nodePrimitives, held, delta)
const sha256 = nodePrimitives.sha256
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

async function one(payloads: number, from = author(alice, session(1))): Promise<VerifiedDelta> {
  const list = Array.from({ length: payloads }, (_, i) => `message ${i}`)
  const [delta] = await written(from, list)
  return delta as VerifiedDelta
}

async function accepted(held: Head | undefined, delta: Delta): Promise<VerifiedDelta> {
  const verdict = await check(held, delta)
  if (verdict.at !== 'verified') throw new Error(verdict.at)
  return verdict.delta
}

describe('chain', () => {
  it('LG5 the hashes are those of the design, natively and in TypeScript', () => {
    const log = joinLogId(session(1), alice.device, new Uint8Array(8))
    const ascii = (text: string) => Buffer.from(text, 'ascii')
    const h0 = sha256(Buffer.concat([ascii('log\0'), idBytes(log)]))
    const entry = sha256(Buffer.concat([ascii('ent\0'), ascii('body')]))
    const h1 = sha256(Buffer.concat([ascii('chn\0'), h0, entry]))
    for (const hash of [sha256, pureSha256]) {
      expect(startHead(hash, log)).toEqual({ seq: 0, hash: h0 })
      expect(nextHash(hash, h0, ascii('body'))).toEqual(h1)
    }
    const seq = Buffer.from('0000000001020304', 'hex')
    expect(headMessage(log, { seq: 0x01020304, hash: h1 })).toEqual(
      new Uint8Array(Buffer.concat([ascii('hd\0'), idBytes(log), seq, h1])),
    )
  })
})

describe('delta', () => {
  it('LG6 verifies from nothing, and from where it stopped', async () => {
    const writer = author(alice, session(1))
    const first = await one(3, writer)
    const second = await one(2, writer)
    const held = await accepted(undefined, decodeDelta(encodeDelta(first)))
    expect(held.head).toEqual(first.head)
    expect(held.hashes).toEqual(first.hashes)
    expect((await accepted(held.head, second)).head).toEqual(second.head)
    expect(await check(undefined, second)).toEqual({ at: 'gap' })
    expect(await check(second.head, first)).toEqual({ at: 'known' })
  })

  it('LG6 bytes are kept and hashed as they arrived', async () => {
    const delta = await one(4)
    const read = decodeDelta(encodeDelta(delta))
    expect(sameRun(read, delta)).toBe(true)
    expect(decodeRun(delta.log, encodeRun(delta))).toEqual(read)
  })

  it('LG6 a delta wrapped by another encoder is the same delta', async () => {
    const delta = await one(2)
    const foreign = new Packr({ useRecords: false, variableMapSize: true })
    const loose = new Uint8Array(foreign.pack(decode(encodeDelta(delta))))
    expect((await accepted(undefined, decodeDelta(loose))).head).toEqual(delta.head)
  })

  it('LG6 an entry re-encoded with the same meaning is refused, the original accepted', async () => {
    const delta = await one(2)
    const body = delta.bodies[1] as Uint8Array
    // The same list with a 16-bit length in front.
    const loose = new Uint8Array([0xdc, 0, 5, ...body.subarray(1)])
    expect(decode(loose)).toEqual(decode(body))
    const bodies = [delta.bodies[0] as Uint8Array, loose, ...delta.bodies.slice(2)]
    expect(await check(undefined, { ...delta, bodies })).toEqual({ at: 'refused' })
    expect((await check(undefined, delta)).at).toBe('verified')
  })

  it('LG7 any single flipped bit is refused', async () => {
    const delta = await one(3)
    const bytes = encodeDelta(delta)
    let refused = 0
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      let read: Delta
      try {
        read = decodeDelta(flipped)
      } catch {
        refused += 1
        continue
      }
      const verdict = await check(undefined, read)
      if (verdict.at !== 'verified') refused += 1
      else expect(sameRun(read, delta), `bit ${bit}`).toBe(true)
    }
    expect(refused).toBe(bytes.length * 8)
  })

  it('LG7 a run without its covering signature is not accepted, nor with one of another seq', async () => {
    const writer = author(alice, session(1))
    const first = await one(2, writer)
    const second = await one(2, writer)
    const both = { ...first, bodies: [...first.bodies, ...second.bodies] }
    expect(await check(undefined, { ...both, signature: new Uint8Array(64) })).toEqual({
      at: 'refused',
    })
    expect((await check(undefined, both)).at).toBe('refused')
    expect((await check(undefined, { ...both, signature: second.signature })).at).toBe('verified')
    expect((await check(first.head, { ...second, bodies: second.bodies.slice(0, 1) })).at).toBe(
      'refused',
    )
  })

  it('LG7 entries in another order, left out or repeated are refused', async () => {
    const delta = await one(3)
    const [a, b, c, d] = delta.bodies as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    for (const bodies of [
      [a, c, b, d],
      [a, b, d],
      [a, b, b, c, d],
      [b, c, d],
    ]) {
      expect((await check(undefined, { ...delta, bodies })).at).toBe('refused')
    }
  })

  it('LG8 the author is the device of the log id, whoever carried it', async () => {
    const delta = await one(1)
    const { session: of, device, incarnation } = splitLogId(delta.log)
    expect(device).toBe(alice.device)
    const moved = [
      joinLogId(session(9), device, incarnation),
      joinLogId(of, bob.device, incarnation),
      joinLogId(of, device, new Uint8Array(8).fill(0xee)),
    ]
    for (const log of moved) expect((await check(undefined, { ...delta, log })).at).toBe('refused')
    // Nor does a signature by whoever relays it help.
    const signature = await bob.sign(headMessage(delta.log, delta.head))
    expect((await check(undefined, { ...delta, signature })).at).toBe('refused')
  })

  it('LG8 a signature under another label does not sign a head', async () => {
    const delta = await one(1)
    const message = headMessage(delta.log, delta.head)
    for (const other of ['ent\0', 'chn\0', 'fr\0', 'hd']) {
      const body = Buffer.concat([Buffer.from(other), message.subarray(3)])
      expect((await check(undefined, { ...delta, signature: await alice.sign(body) })).at).toBe(
        'refused',
      )
    }
  })

  it.each([
    ['no body', (d: Delta) => [idBytes(d.log), 0, [], d.signature]],
    ['a short signature', (d: Delta) => [idBytes(d.log), 0, d.bodies, d.signature.subarray(1)]],
    ['a negative start', (d: Delta) => [idBytes(d.log), -1, d.bodies, d.signature]],
    [
      'a body over its size',
      (d: Delta) => [idBytes(d.log), 0, [new Uint8Array(40_000)], d.signature],
    ],
    ['a start beyond counting', (d: Delta) => [idBytes(d.log), 2 ** 53 - 1, d.bodies, d.signature]],
  ])('LG7 refuses to read a delta with %s', async (_, change) => {
    const delta = await one(1)
    expect(() => decodeDelta(encode(change(delta) as never))).toThrow('failed to decode')
  })

  it('LG6 a delta is cut where it is held up to, inside a run too', async () => {
    const delta = await one(9)
    for (let after = 1; after < 10; after++) {
      const bodies = delta.bodies.slice(0, after)
      const held = bodies.reduce<Head>(
        (head, body) => ({ seq: head.seq + 1, hash: nextHash(sha256, head.hash, body) }),
        startHead(sha256, delta.log),
      )
      const rest = await accepted(held, delta)
      expect([rest.after, rest.bodies.length]).toEqual([after, 10 - after])
      expect(rest.head).toEqual(delta.head)
      expect(sliceDelta(delta, after).bodies).toEqual(rest.bodies)
    }
    expect(() => sliceDelta(delta, 10)).toThrow('not inside')
  })

  it('LG6 runs join up to the bounds of a segment and verify as one', async () => {
    const writer = author(alice, session(1))
    const runs: VerifiedDelta[] = []
    for (let i = 0; i < 40; i++) runs.push(...(await written(writer, ['x'.repeat(i * 5)])))
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 50 }),
        async (bytes, entries) => {
          const joined = [...segments(runs, bytes, entries)]
          let held: Head | undefined
          for (const delta of joined) held = (await accepted(held, delta)).head
          expect(held).toEqual(runs.at(-1)?.head)
          expect(joined.every((d) => d.bodies.length <= Math.max(entries, 2))).toBe(true)
        },
      ),
      { numRuns: tries(20) },
    )
    expect([...segments(runs, segmentBytes, segmentEntries)]).toHaveLength(1)
    const apart = [runs[0], runs[2]] as VerifiedDelta[]
    expect([...segments(apart, segmentBytes, segmentEntries)].map(lastSeq)).toEqual([2, 4])
  })
})

describe('record', () => {
  it('LG9 an id covers every line before it', () => {
    const lines = ['a', 'b', '', 'c'].map((line) => Buffer.from(line))
    const chain = createRecordChain(sha256)
    expect(chain.id()).toEqual(noRecord())
    const ids = lines.map((line) => hexOf(chain.next(line)))
    expect(chain.count()).toBe(4)
    expect(new Set(ids).size).toBe(4)
    const inner = sha256(Buffer.from('a'))
    const first = sha256(Buffer.concat([Buffer.from('rec\0'), noRecord(), inner]))
    expect(ids[0]).toBe(hexOf(first))
    expect(recordId(pureSha256, noRecord(), Buffer.from('a'))).toEqual(first)
    const resumed = createRecordChain(sha256, Buffer.from(ids[1] as string, 'hex'))
    expect(lines.slice(2).map((line) => hexOf(resumed.next(line)))).toEqual(ids.slice(2))
    const other = createRecordChain(sha256)
    expect(['b', 'a', '', 'c'].map((line) => hexOf(other.next(Buffer.from(line))))[3]).not.toBe(
      ids[3],
    )
  })
})
