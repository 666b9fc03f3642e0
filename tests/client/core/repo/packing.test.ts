/** RP10: one form of a run on disk and wire. */
import { createPacking, rawSize } from '@baton/client/core/repo/packing'
import { createDeflate } from '@baton/client/node/platform'
import { maxDeltaBytes, packBytes } from '@baton/shared/limits'
import { type Delta, encodeDelta } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import { expect, it } from 'vitest'
import { author } from '../../../support/author.ts'
import { openTestRepo, recordOf } from '../../../support/repo.ts'
import { session, signer } from '../../../support/signer.ts'

const one = session(1)
const packing = createPacking(createDeflate())

/** A signed run of one log whose lines are as long as asked. */
async function runOf(lines: readonly string[]): Promise<Delta> {
  const writer = author(signer(2), one)
  for (const line of lines) writer.append(kinds.record, recordOf(line))
  return (await writer.seal())[0] as Delta
}

const text = (length: number) => 'the same words again. '.repeat(length / 22 + 1).slice(0, length)
const noise = (length: number) =>
  String.fromCharCode(
    ...Array.from({ length }, (_, i) => 32 + (((i * i * 31 + i * 7919) >> 3) % 95)),
  )

it('RP10 a run opens to what was packed, in fewer bytes where that is possible', async () => {
  for (const length of [1, packBytes, 20_000, 30_000]) {
    const delta = await runOf([text(length)])
    const packed = await packing.pack(delta)
    expect(encodeDelta(await packing.open(packed))).toEqual(encodeDelta(delta))
    expect(rawSize(packed)).toBe(encodeDelta(delta).length)
    if (length > packBytes) expect(packed.bytes.length * 5).toBeLessThan(packed.rawBytes)
    else if (length === 1) expect(packed).toEqual(packing.plain(delta))
  }
})

it('RP10 what does not shrink stays as it is, and is not tried again at once', async () => {
  let tried = 0
  const counting = createPacking({
    deflate: async (bytes) => {
      tried++
      return bytes.slice()
    },
    inflate: async (bytes) => bytes,
  })
  const delta = await runOf([noise(20_000)])
  for (let n = 0; n < 17; n++) expect(await counting.pack(delta)).toEqual(counting.plain(delta))
  expect(tried).toBe(1)
  await counting.pack(delta)
  expect(tried).toBe(2)
})

it('RP10 a run that lies about its size, is cut, or is a bomb is refused', async () => {
  const packed = await packing.pack(await runOf([text(20_000)]))
  const { rawBytes, bytes } = packed
  const wrong = [
    { rawBytes: rawBytes - 1, bytes },
    { rawBytes: rawBytes + 1, bytes },
    { rawBytes: maxDeltaBytes + 1, bytes },
    { rawBytes: 0, bytes },
    { rawBytes, bytes: bytes.subarray(1) },
    { rawBytes, bytes: bytes.subarray(0, -1) },
    { rawBytes, bytes: Uint8Array.of(...bytes, 0) },
  ]
  const { deflate } = createDeflate()
  wrong.push({ rawBytes: maxDeltaBytes, bytes: await deflate(new Uint8Array(32 * 1024 * 1024)) })
  for (const each of wrong) {
    await expect(packing.open(each)).rejects.toMatchObject({ code: /^(invalid|too-large)$/ })
  }
})

it('RP10 a repository keeps and hands on the very bytes a run came in', async () => {
  const [bob, carol] = [await openTestRepo(2), await openTestRepo(3)]
  const delta = await runOf([text(9_000), text(9_000), text(9_000)])
  const packed = await packing.pack(delta)
  expect(await bob.receive(delta, packed)).toEqual({ at: 'stored' })
  for await (const run of bob.runs(delta.log, 0)) {
    expect(run).toMatchObject({ log: delta.log, after: 0, last: 4, packed })
    expect(await carol.receive(await carol.open(run.packed), run.packed)).toEqual({ at: 'stored' })
  }
  expect(await carol.lines(delta.log)).toEqual(await bob.lines(delta.log))
})

it('RP10 a run asked for from its inside, or held in part, is cut and proves itself', async () => {
  const [bob, carol] = [await openTestRepo(2), await openTestRepo(3)]
  const writer = author(signer(2), one)
  writer.append(kinds.record, recordOf(text(9_000)))
  const [first] = await writer.seal()
  const whole = await runOfAll(writer)
  await bob.receive(first as Delta)
  await bob.receive(whole, await packing.pack(whole))
  await carol.receive(first as Delta)
  for (let after = 2; after < 4; after++) {
    for await (const run of bob.runs(whole.log, after)) {
      expect(run.after).toBe(after)
      const delta = await bob.open(run.packed)
      expect(await carol.receive(delta, run.packed)).toEqual(
        after === 2 ? { at: 'stored' } : { at: 'known' },
      )
    }
  }
  expect(await carol.lines(whole.log)).toEqual(await bob.lines(whole.log))
  // One that begins with what is held, as it would come from a device that joined runs.
  const joined = { ...whole, after: 0, bodies: [...(first as Delta).bodies, ...whole.bodies] }
  const dave = await openTestRepo(4)
  await dave.receive(first as Delta)
  expect(await dave.receive(joined, await packing.pack(joined))).toEqual({ at: 'stored' })
  for await (const run of dave.runs(whole.log, 2)) {
    expect((await dave.open(run.packed)).after).toBe(run.after)
  }
  expect(await dave.lines(whole.log)).toEqual(await bob.lines(whole.log))

  /** One signed run of everything behind the first entries. */
  async function runOfAll(of: typeof writer): Promise<Delta> {
    for (let n = 0; n < 2; n++) of.append(kinds.record, recordOf(text(9_000 + n)))
    return (await of.seal())[0] as Delta
  }
})
