/**
 * ST18: power cuts of a writing process. Its system calls are traced once; files as a disk might hold
 * them at seeded instants are made from the trace and opened. Needs strace, so Linux only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { builtChild } from '../support/built.ts'
import { createDice } from '../support/corpus/dice.ts'
import { type DiskTrace, diskAfter, readDiskTrace, straceOptions } from '../support/disk-trace.ts'
import { lastWholeBatch } from '../support/numbered-batches.ts'
import { tempFolder } from '../support/temp.ts'

const canTrace = process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0
const { BATON_POWER_CUTS = '150' } = process.env
const cuts = Number(BATON_POWER_CUTS)

async function traced(acknowledgements: number): Promise<DiskTrace> {
  const folder = tempFolder('power')
  mkdirSync(join(folder, 'trace'))
  const args = [
    ...straceOptions(join(folder, 'trace', 't')),
    process.execPath,
    builtChild('real/store-child.mts'),
    join(folder, 'store'),
  ]
  const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null)
      process.kill(-(child.pid as number), 9)
  }
  onTestFinished(kill)
  let left = acknowledgements
  child.stdout.on('data', (text: Buffer) => {
    left -= text.toString().split('\n').length - 1
    if (left <= 0) kill()
  })
  await once(child, 'close')
  return readDiskTrace(join(folder, 'trace'), '/store.mdb')
}

/** As after a boot: lmdb takes its last flush, not what the page cache of this boot would hold. */
function asAfterBoot(): void {
  vi.stubEnv('LMDB_RESTORE', 'safe')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
}

it.runIf(canTrace)(
  `ST18 after ${cuts} power cuts every acknowledged flush is there, no batch torn`,
  async () => {
    const trace = await traced(150)
    expect(trace.syncs.length).toBeGreaterThan(100)
    asAfterBoot()
    const dice = createDice(18)
    const acknowledged = trace.lines.map(({ end, text }) => ({
      end,
      head: Number(text.split(' ')[1]),
    }))
    const first = acknowledged[0]?.end ?? 0
    const instants = [...trace.writes, ...trace.syncs, ...trace.lines]
      .map(({ end }) => end)
      .filter((end) => end >= first)
    let beyond = 0
    for (let cut = 0; cut < cuts; cut++) {
      const instant = dice.pick(instants) + dice.pick([1e-6, -1e-6, 5e-5])
      const image = diskAfter(trace, instant, dice.pick([0, 0.2, 0.5, 0.8, 1]), dice)
      const folder = tempFolder('cut')
      writeFileSync(join(folder, 'store.mdb'), image)
      const heads = acknowledged.filter(({ end }) => end <= instant).map(({ head }) => head)
      const head = await lastWholeBatch(folder)
      expect(head).toBeGreaterThanOrEqual(Math.max(0, ...heads))
      beyond += head - Math.max(0, ...heads)
    }
    expect(beyond).toBeGreaterThan(0)
  },
  60_000 + cuts * 500,
)
