/**
 * ST17: kill -9 of a writing process at seeded points: everything acknowledged is there, batches are
 * whole and in order. `BATON_KILLS=1000` for the long run.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { createDice } from '../support/corpus/dice.ts'
import { lastWholeBatch } from '../support/numbered-batches.ts'
import { tempFolder } from '../support/temp.ts'

const { BATON_KILLS = '40' } = process.env
const kills = Number(BATON_KILLS)
let child = ''
beforeAll(() => {
  child = builtChild('real/store-child.mts')
})

interface Report {
  readonly at: 'open' | 'durable'
  readonly head: number
}

/** Starts the writer, kills it, and returns the last flush it reported. */
async function killed(folder: string, acknowledgements: number, ms: number): Promise<number> {
  const process = fork(child, [folder], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let last = 0
  let left = acknowledgements
  let armed = false
  const arm = () => {
    if (!armed) setTimeout(() => process.kill('SIGKILL'), ms)
    armed = true
  }
  process.on('message', ({ head }: Report) => {
    last = head
    if (--left <= 0) arm()
  })
  // A negative number counts from the start: it dies while opening, too.
  if (acknowledgements < 0) arm()
  await ended(process)
  return last
}

async function ended(process: ChildProcess): Promise<void> {
  const [, signal] = (await once(process, 'close')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
}

it(
  `ST17 ${kills} kills lose nothing acknowledged and tear no batch`,
  async () => {
    const dice = createDice(17)
    let folder = tempFolder('kill')
    let before = 0
    let unflushed = 0
    for (let kill = 0; kill < kills; kill++) {
      if (kill % 25 === 24) {
        folder = tempFolder('kill')
        before = 0
      }
      const early = dice.chance(0.2)
      const acknowledgements = early ? -1 : 1 + dice.int(30)
      const last = await killed(folder, acknowledgements, dice.int(early ? 120 : 6))
      const head = await lastWholeBatch(folder)
      expect(head).toBeGreaterThanOrEqual(Math.max(last, before))
      unflushed += head - Math.max(last, before)
      before = head
    }
    // The kills did fall between writing and acknowledging, or the test shows little.
    expect(unflushed).toBeGreaterThan(0)
  },
  40_000 + kills * 2_000,
)
