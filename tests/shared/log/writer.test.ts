/** LG11, LG12: what an author signs, how often, and never twice. */
import { splitLogId } from '@baton/shared/ids'
import { segmentBytes, segmentEntries } from '@baton/shared/limits'
import type { Head } from '@baton/shared/log/chain'
import { deltaSize, lastSeq, verifyDelta } from '@baton/shared/log/delta'
import { decodeEntry } from '@baton/shared/log/entry'
import { parseGenesis } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { author, written } from '../../support/author.ts'
import { nodePrimitives, session, signer } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const alice = signer(1)

it('LG11 the log begins at the first write, with a genesis', async () => {
  let asked = 0
  const genesis = {
    predecessor: { incarnation: new Uint8Array(8).fill(9), seq: 3, hash: new Uint8Array(32) },
    descriptor: { kind: 'agent' },
  }
  const writer = author(alice, session(1), genesis, {
    random: (length) => {
      asked += 1
      return new Uint8Array(length).fill(0xab)
    },
  })
  expect(writer.log()).toBeUndefined()
  expect(await writer.seal()).toEqual([])
  expect(asked).toBe(0)
  const at = writer.append(kinds.record, 'first')
  writer.append(kinds.record, 'second', [{ log: at.log, seq: at.seq, hash: at.hash.slice(0, 8) }])
  const [delta] = await writer.seal()
  expect(asked).toBe(1)
  expect(at.seq).toBe(2)
  expect(writer.log()).toBe(delta?.log)
  const { session: of, device, incarnation } = splitLogId(at.log)
  expect([of, device]).toEqual([session(1), alice.device])
  const entries = (delta?.bodies ?? []).map((body, i) => decodeEntry(body, i + 1))
  expect(entries.map(({ kind }) => kind)).toEqual([kinds.genesis, kinds.record, kinds.record])
  expect(parseGenesis(entries[0]?.payload ?? null, incarnation)).toEqual(genesis)
  expect(entries[2]?.deps[0]?.hash).toEqual(delta?.hashes.subarray(32, 40))
})

it('LG11 signs at least every 64 KiB and every 256 entries', async () => {
  const many = await written(author(alice, session(1)), new Array(1000).fill('x'))
  expect(many.map(({ bodies }) => bodies.length)).toEqual([256, 256, 256, 233])
  const large = await written(
    author(alice, session(1)),
    Array.from({ length: 20 }, () => new Uint8Array(20_000)),
  )
  expect(large.every((delta) => deltaSize(delta) <= segmentBytes)).toBe(true)
  expect(large.length).toBe(7)
  let held: Head | undefined
  for (const delta of large) {
    const verdict = await verifyDelta(nodePrimitives, held, delta)
    expect(verdict.at).toBe('verified')
    held = delta.head
  }
  expect(many[0]?.bodies.length).toBe(segmentEntries)
})

it('LG12 no seq is signed with two hashes, whatever is interleaved or fails', async () => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('append'), n: fc.integer({ min: 1, max: 300 }) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('seal'), n: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail'), n: fc.constant(0) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const signed = new Map<string, string>()
      let fail = false
      let incarnation = 0
      const fresh = () =>
        author(alice, session(1), undefined, {
          random: (length) => new Uint8Array(length).fill(++incarnation),
          sign: async (message) => {
            const at = Buffer.from(message.subarray(3, 67)).toString('hex')
            const hash = Buffer.from(message.subarray(67)).toString('hex')
            expect(signed.get(at) ?? hash).toBe(hash)
            expect(signed.has(at)).toBe(false)
            signed.set(at, hash)
            await Promise.resolve()
            if (fail) throw new Error('keyring is gone')
            return alice.sign(message)
          },
        })
      let writer = fresh()
      const sealing: Promise<unknown>[] = []
      for (const { do: what, n } of steps) {
        if (what === 'append') for (let i = 0; i < n; i++) writer.append(kinds.record, i)
        else if (what === 'seal') sealing.push(writer.seal().catch(() => undefined))
        else {
          fail = true
          writer.append(kinds.record, 'lost')
          await Promise.allSettled(sealing)
          await expect(writer.seal()).rejects.toThrow()
          fail = false
          // The same writer signs nothing more; a new one is another incarnation.
          expect(() => writer.append(kinds.record, 'late')).toThrow('signing failed')
          await expect(writer.seal()).rejects.toThrow('signing failed')
          writer = fresh()
        }
      }
      await Promise.allSettled(sealing)
      await writer.seal()
    }),
    { numRuns: tries(40) },
  )
})

it('LG12 seals that overlap give runs that follow each other', async () => {
  const signings: (() => void)[] = []
  const writer = author(alice, session(1), undefined, {
    sign: async (message) => {
      await new Promise<void>((resolve) => signings.push(resolve))
      return alice.sign(message)
    },
  })
  const seals = []
  for (let i = 0; i < 4; i++) {
    for (let n = 0; n < 300; n++) writer.append(kinds.record, n)
    seals.push(writer.seal())
    await settle()
  }
  for (let open = signings.shift(); open; open = signings.shift()) {
    expect(signings).toHaveLength(0)
    open()
    await settle()
  }
  const runs = (await Promise.all(seals)).flat()
  runs.reduce((seq, run) => {
    expect(run.after).toBe(seq)
    return lastSeq(run)
  }, 0)
  expect(runs.at(-1)?.head.seq).toBe(1201)
})

/** Lets everything that waits for nothing but promises run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}
