/**
 * One process on one store (rule ST11), by claims: every opener writes a file of its own and goes
 * on only when no other living process has one. Nobody ever removes a name a living process may
 * hold, so taking over from a dead one has no race. Node has no flock to do this with.
 *
 * Limits: a process in another container is not visible and counts as living; elsewhere than on
 * Linux a reused process id does, too. The hint says what to remove then.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BatonError } from '@baton/shared/errors'
import { bootOf, isRunning, spaceOf, startOf } from './process.ts'

/** Written to the claim; `start` and `boot` are empty where the system does not tell them. */
interface Claim {
  readonly pid: number
  readonly start: string
  readonly boot: string
  readonly space: string
}

const claimName = /^lock-(\d+)-[0-9a-f]{16}\.(want|held)$/
/** Two that start at once see each other: the greater name steps back, the smaller looks again. */
const looks = 12
const lookMs = 20

/** Resolves with how to let go. Rejects with `store-locked`. */
export async function lockStore(folder: string): Promise<() => void> {
  for (let round = 0; ; round++) {
    const id = `lock-${process.pid}-${randomBytes(8).toString('hex')}`
    const want = join(folder, `${id}.want`)
    const held = join(folder, `${id}.held`)
    writeFileSync(want, JSON.stringify(self()), { mode: 0o600, flag: 'wx' })
    try {
      const other = await alone(folder, id)
      if (other === undefined) {
        // A second name, not a renamed one: a listing during a rename may show neither.
        writeFileSync(held, JSON.stringify(self()), { mode: 0o600, flag: 'wx' })
        return () => {
          rmSync(held, { force: true })
          rmSync(want, { force: true })
        }
      }
      if (other.endsWith('.held') || round === looks) throw locked(folder, other)
    } catch (error) {
      rmSync(want, { force: true })
      throw error
    }
    rmSync(want, { force: true })
    await sleep(lookMs * (1 + Math.random()))
  }
}

const byText = (a: string, b: string) => (a < b ? -1 : 1)

/** Undefined when no other living claim is left, else the one that goes first. */
async function alone(folder: string, id: string): Promise<string | undefined> {
  for (let look = 0; ; look++) {
    const others = livingClaims(folder, id)
    const first = others.find((name) => name.endsWith('.held')) ?? others.toSorted(byText)[0]
    if (first === undefined) return undefined
    if (first.endsWith('.held') || first < id || look === looks) return first
    await sleep(lookMs)
  }
}

function livingClaims(folder: string, own: string): string[] {
  return readdirSync(folder).filter((name) => {
    if (!claimName.test(name) || name.startsWith(own)) return false
    const path = join(folder, name)
    if (isLiving(path, Number(claimName.exec(name)?.[1]))) return true
    rmSync(path, { force: true })
    return false
  })
}

function isLiving(path: string, pid: number): boolean {
  const claim = readClaim(path)
  // Unreadable: its writer stands between creating and filling it, or died there.
  if (claim === undefined) return isRunning(pid)
  const here = self()
  if (claim.boot !== here.boot) return false
  if (claim.space !== here.space) return true
  return isRunning(claim.pid) && startOf(claim.pid) === claim.start
}

function readClaim(path: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Claim
  } catch {
    return undefined
  }
}

const self = (): Claim => ({
  pid: process.pid,
  start: startOf(process.pid),
  boot: bootOf(),
  space: spaceOf(),
})

function locked(folder: string, name: string): BatonError {
  const pid = claimName.exec(name)?.[1]
  return new BatonError('store-locked', `failed to open the store: process ${pid} has it open`, {
    hint: `stop process ${pid}, or, if it is gone, remove ${join(folder, name)}`,
  })
}
