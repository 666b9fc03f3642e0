/** SW7, SW9: a writer on its own, with a disk that answers when it is told to. */
import { createStreamWriter } from '@baton/client/core/documents/stream-writer'
import { maxContentBytes, streamPieceBytes } from '@baton/shared/limits'
import type { StreamPiece } from '@baton/shared/model/stream-entries'
import { expect, it } from 'vitest'
import { createManualClock } from '../../../support/manual-clock.ts'
import { nodePrimitives } from '../../../support/signer.ts'

function held() {
  const disk: StreamPiece[] = []
  const waiting: (() => void)[] = []
  const writer = createStreamWriter({
    ...{ id: 'a', epoch: 0, clock: createManualClock() },
    before: { bytes: 0, hasher: nodePrimitives.createHasher() },
    ahead: {
      said: () => undefined,
      signing: () => undefined,
      signed: () => undefined,
      over: () => undefined,
    },
    append: (pieces) =>
      new Promise((done) => {
        waiting.push(() => {
          disk.push(...pieces)
          done()
        })
      }),
    over: () => undefined,
  })
  return { writer, disk, answer: () => waiting.shift()?.() }
}

it.each(Array.from({ length: 12 }, (_, i) => i))(
  'SW7 a flush, or an end, that comes %i steps after a batch was written has its own on disk',
  async (steps) => {
    for (const at of ['flush', 'end'] as const) {
      const { writer, disk, answer } = held()
      await writer.write('x'.repeat(streamPieceBytes + 1))
      answer()
      for (let i = 0; i < steps; i++) await Promise.resolve()
      let over = false
      const done = writer[at]().then(() => {
        over = true
      })
      for (let i = 0; i < 30; i++) await Promise.resolve()
      expect(over && disk.length < 2).toBe(false)
      answer()
      await done
      expect(disk.map(({ text }) => text.length)).toEqual([streamPieceBytes, 1])
    }
  },
)

it('SW8 half a pair counts as what it becomes: no text is taken that none would read', async () => {
  const { writer, disk, answer } = held()
  const most = 'x'.repeat(maxContentBytes - 3)
  const turns = async () => {
    for (let i = 0; i < 60; i++) await Promise.resolve()
    answer()
  }
  const wrote = writer.write(most)
  await turns()
  await wrote
  const half = writer.write('\ud83d')
  for (let i = 0; i < 9; i++) await turns()
  await half
  const more = writer.write('abc').then(
    () => 'taken',
    ({ code }: { code: string }) => code,
  )
  for (let i = 0; i < 9; i++) await turns()
  expect(await more).toBe('too-large')
  const end = writer.end()
  for (let i = 0; i < 9; i++) await turns()
  await end
  const last = disk.at(-1) as StreamPiece
  expect(last.offset + Buffer.byteLength(last.text)).toBe(maxContentBytes)
})
