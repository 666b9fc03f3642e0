/** SO2, PL10: a long transcript is read and placed in memory that does not grow with it. */
import { mkdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { CarriedFile, Cursor } from '@baton/client/core/ports/source'
import { readLines } from '@baton/client/node/sources/claude-code/lines'
import { expect, it } from 'vitest'
import { placing } from '../support/carried.ts'
import { findOne, sourceOf } from '../support/claude.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { tempFolder } from '../support/temp.ts'

const MiB = 1024 * 1024
const extra = 160 * MiB

/** Runs and returns its time in seconds and the most memory it held beyond the start. */
async function measure(run: (look: () => void) => Promise<void>) {
  const before = process.memoryUsage.rss()
  let most = before
  const started = performance.now()
  await run(() => {
    most = Math.max(most, process.memoryUsage.rss())
  })
  return { seconds: (performance.now() - started) / 1000, memory: most - before }
}

it('SO2 a transcript of 400 MiB with lines of 12 MB is read and placed in bounded memory', async () => {
  const dir = tempFolder('large')
  const { config, sessions } = writeCorpus(dir, {
    seed: 81,
    sessions: 1,
    bytes: 400 * MiB,
    hugeLineBytes: 12_000_000,
    plain: true,
  })
  const [written] = sessions
  const path = written?.path ?? ''
  const size = statSync(path).size
  const session = await findOne(sourceOf(config), written?.id ?? '')

  let cursor: Cursor | undefined
  let longest = 0
  const state = { cursors: new Map(), versions: new Map(), has: async () => false }
  const reading = await measure(async (look) => {
    for await (const item of sourceOf(config).read(session, state)) {
      look()
      if (item.kind !== 'records') continue
      cursor = item.cursor
      for (const line of item.lines) longest = Math.max(longest, line.length)
    }
  })
  expect(cursor).toMatchObject({ bytes: size, records: written?.files[0]?.records })
  expect(longest).toBeGreaterThan(11_000_000)
  expect(reading.memory).toBeLessThan(extra)

  const there = join(dir, 'there')
  mkdirSync(there)
  let looks = () => {}
  const main: CarriedFile = {
    file: 'transcript.jsonl',
    kind: 'records',
    records: cursor?.records ?? 0,
    bytes: size,
    digest: cursor?.record ?? new Uint8Array(),
    async *read() {
      const handle = await open(path)
      for await (const { lines } of readLines(handle, 0, size)) {
        looks()
        yield lines
      }
      await handle.close()
    },
  }
  const { agent, agentSession, project, repository } = session
  const placed = await measure(async (look) => {
    looks = look
    await sourceOf(join(dir, 'other/.claude')).place(
      { agent, agentSession, project, repository, files: [main] },
      placing({ project: there }),
    )
  })
  expect(placed.memory).toBeLessThan(extra)
  const rate = (seconds: number) => `${(size / MiB / seconds).toFixed(0)} MiB/s`
  process.stdout.write(
    `read with ids ${rate(reading.seconds)}, +${(reading.memory / MiB).toFixed(0)} MiB; ` +
      `placed ${rate(placed.seconds)}, +${(placed.memory / MiB).toFixed(0)} MiB\n`,
  )
})
