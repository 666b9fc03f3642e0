import { appendFileSync, mkdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { joinMs, pollMs } from '@baton/client/node/sources/claude-code/watch'
import { expect, it } from 'vitest'
import { findOne, openCorpus, sourceOf } from '../../../../support/claude.ts'
import { put } from '../../../../support/corpus/tree.ts'
import { createManualClock } from '../../../../support/manual-clock.ts'

async function open() {
  const { corpus } = openCorpus({ seed: 51, sessions: 1, plain: true })
  const clock = createManualClock()
  const source = sourceOf(corpus.config, clock)
  const session = await findOne(source, corpus.sessions[0]?.id as string)
  let wakes = 0
  let woken = () => {}
  const stop = source.watch(session, () => {
    wakes++
    woken()
  })
  /** Lets the watch look around: its look ends by arming the next one. */
  const settle = async () => {
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const nextWake = () => new Promise<void>((resolve) => (woken = resolve))
  await settle()
  return { clock, path: session.path, stop, settle, nextWake, wakes: () => wakes }
}

it('SO10 a burst of writes is one wake', async () => {
  const { clock, path, stop, wakes } = await open()
  for (let i = 0; i < 20; i++) appendFileSync(path, 'x\n')
  while (clock.pending < 2) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(joinMs)
  expect(wakes()).toBe(1)
  stop()
})

it('SO10 what the system does not tell is seen by looking', async () => {
  const { clock, path, stop, settle, nextWake, wakes } = await open()
  const fresh = join(path.slice(0, -6), 'subagents/deeper')
  mkdirSync(fresh, { recursive: true })
  const woken = nextWake()
  let done = false
  void woken.then(() => (done = true))
  put(join(fresh, 'agent-1.jsonl'), '{}\n')
  for (let i = 0; i < 100 && !done; i++) {
    await settle()
    clock.advance(pollMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(wakes()).toBeGreaterThan(0)
  stop()
})

it('SO10 a stopped watch wakes nobody and leaves nothing behind', async () => {
  const { clock, path, stop, wakes } = await open()
  appendFileSync(path, 'x\n')
  stop()
  await clock.elapse(10 * pollMs)
  expect(wakes()).toBe(0)
  expect(clock.pending).toBe(0)
})

it('SO10 a watch that is stopped at once, while it looks round, is stopped', async () => {
  const { corpus } = openCorpus({ seed: 52, sessions: 1, plain: true })
  const clock = createManualClock()
  const source = sourceOf(corpus.config, clock)
  const session = await findOne(source, corpus.sessions[0]?.id as string)
  for (let i = 0; i < 20; i++) {
    source.watch(session, () => expect.unreachable())()
    await clock.elapse(pollMs)
  }
  // Its last look goes through the same queue as these, and is shorter.
  for (let i = 0; i < 50; i++) await readdir(corpus.config)
  expect(clock.pending).toBe(0)
})
