/** One message more in a saved document, durable each time: what it takes, and what the disk gets. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { quantile } from '../measure.ts'
import { keeperOf } from './keepers.ts'
import { messages } from './messages.ts'
import type { Prepare } from './task.ts'

const rounds = 40

export const appendTask: Prepare = async ({ who, folder }) => {
  const keeper = await keeperOf(who)
  // Beside the saved one, which stays as it is.
  const copy = mkdtempSync(`${folder}-`)
  cpSync(folder, copy, { recursive: true })
  const { load, append } = await keeper.open(copy)
  await load()
  const [first, ...rest] = messages(rounds + 1, 3)
  const grownFrom = sizeOf(copy)
  const writtenFrom = writtenBytes()
  return {
    async run() {
      const begun = performance.now()
      if (first) await append(first)
      const firstMs = performance.now() - begun
      const times: number[] = []
      for (const message of rest) {
        const started = performance.now()
        await append(message)
        times.push(performance.now() - started)
      }
      return { firstMs, ms: quantile(times, 0.5) }
    },
    async after() {
      const count = rounds + 1
      const bytes = (writtenBytes() - writtenFrom) / count
      const grown = (sizeOf(copy) - grownFrom) / count
      rmSync(copy, { recursive: true })
      return { bytes, grown }
    },
  }
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)

/** What this process made dirty in files so far (Linux). */
function writtenBytes(): number {
  const path = '/proc/self/io'
  if (!existsSync(path)) return Number.NaN
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(path, 'latin1'))?.[1] ?? Number.NaN)
}
