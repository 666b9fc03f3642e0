/** SO3, SO12: how much of a file is read when it changed a little, or only seemed to. */
import { appendFileSync, utimesSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { findOne, openCorpus, sourceOf } from '../../../../support/claude.ts'
import { createManualClock } from '../../../../support/manual-clock.ts'
import { createTaker } from '../../../../support/taken.ts'

/** Bytes that `run` reads through file handles. */
async function bytesRead(path: string, run: () => Promise<unknown>): Promise<number> {
  const handle = await open(path)
  const reading = vi.spyOn(Object.getPrototypeOf(handle), 'read')
  await handle.close()
  onTestFinished(() => reading.mockRestore())
  await run()
  const results = await Promise.all(reading.mock.results.map(({ value }) => value))
  reading.mockRestore()
  return results.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
}

/** One session of 2 MiB that was taken, by a source whose clock is an hour ahead of the file. */
async function taken() {
  const { corpus } = openCorpus({ seed: 5, sessions: 1, bytes: 2_000_000, plain: true })
  const source = sourceOf(corpus.config, createManualClock(Date.now() + 3_600_000))
  const [{ id, path } = { id: '', path: '' }] = corpus.sessions
  const taker = createTaker(source, await findOne(source, id))
  await taker.take()
  return { taker, path }
}

it('SO3 an append has the appended bytes and a few before them read, not the file', async () => {
  const { taker, path } = await taken()
  expect(await bytesRead(path, () => taker.take())).toBeLessThan(100_000)
  appendFileSync(path, '{"a":1}\n')
  expect(await bytesRead(path, () => taker.take())).toBeLessThan(100_000)
})

it('SO3 a touched file and a thorough read have it read once more, and then not again', async () => {
  const { taker, path } = await taken()
  utimesSync(path, 1, 1)
  expect(await bytesRead(path, () => taker.take())).toBeGreaterThan(2_000_000)
  expect(await bytesRead(path, () => taker.take())).toBeLessThan(100_000)
  appendFileSync(path, '{"a":1}\n')
  await taker.take()
  expect(await bytesRead(path, () => taker.take({ thorough: true }))).toBeGreaterThan(2_000_000)
  expect(await bytesRead(path, () => taker.take({ thorough: true }))).toBeLessThan(100_000)
})

it('SO3 a file that changed a moment ago is not believed by its times', async () => {
  const { corpus } = openCorpus({ seed: 5, sessions: 1, bytes: 2_000_000, plain: true })
  const source = sourceOf(corpus.config)
  const [{ id, path } = { id: '', path: '' }] = corpus.sessions
  const taker = createTaker(source, await findOne(source, id))
  await taker.take()
  for (let round = 0; round < 2; round++) {
    const read = await bytesRead(path, () => taker.take({ thorough: true }))
    expect(read).toBeGreaterThan(2_000_000)
  }
})
