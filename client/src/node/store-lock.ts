/**
 * One process on one store (rule ST11), by claims: every opener makes an empty file whose name says
 * who it is, and goes on only when no other living process has one. Nobody ever removes a name that
 * a living process may hold, so taking over from a dead one has no race. Node has no flock for this.
 *
 * Limits: a process in another container is not visible and counts as living; elsewhere than on
 * Linux a process id that was used again does, too. The hint says what to remove then.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BatonError } from '@baton/shared/errors'
import { bootOf, isRunning, spaceOf, startOf } from './process.ts'

/** lock-pid-start-boot-space-random: parts that the system does not tell are 0. */
const claimName = /^lock-(\d+)-(\d+)-([0-9a-f]+)-(\d+)-[0-9a-f]{16}\.(?:want|held)$/
/** Two that start at once see each other: the greater name steps back, the smaller looks again. */
const looks = 12
const lookMs = 20

/** Resolves with how to let go. Rejects with `store-locked`. */
export async function lockStore(folder: string): Promise<() => void> {
  for (let round = 0; ; round++) {
    const id = ownId()
    const names = ['held', 'want'].map((suffix) => join(folder, `${id}.${suffix}`))
    const release = () => {
      for (const name of names) rmSync(name, { force: true })
    }
    const [held = '', want = ''] = names
    make(want)
    try {
      const other = await alone(folder, id)
      if (other === undefined) {
        // A second name, not a new one: a listing during a rename may show neither.
        make(held)
        return release
      }
      if (other.endsWith('.held') || round === looks) throw locked(folder, other)
    } catch (error) {
      release()
      throw error
    }
    release()
    await sleep(lookMs * (1 + Math.random()))
  }
}

const make = (path: string): void => closeSync(openSync(path, 'wx', 0o600))

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

const byText = (a: string, b: string) => (a < b ? -1 : 1)

function livingClaims(folder: string, own: string): string[] {
  return readdirSync(folder).filter((name) => {
    const claim = claimName.exec(name)
    if (claim === null || name.startsWith(own)) return false
    const [, pid, start, boot, space] = claim
    if (isLiving(Number(pid), start, boot, space)) return true
    rmSync(join(folder, name), { force: true })
    return false
  })
}

function isLiving(pid: number, start?: string, boot?: string, space?: string): boolean {
  if (boot !== ownBoot()) return false
  if (space !== ownSpace()) return true
  return isRunning(pid) && (startOf(pid) || '0') === start
}

const ownBoot = (): string => bootOf().slice(0, 8) || '0'
const ownSpace = (): string => spaceOf().replace(/\D/g, '') || '0'

const ownId = (): string =>
  [
    'lock',
    process.pid,
    startOf(process.pid) || '0',
    ownBoot(),
    ownSpace(),
    randomBytes(8).toString('hex'),
  ].join('-')

function locked(folder: string, name: string): BatonError {
  const pid = claimName.exec(name)?.[1]
  return new BatonError('store-locked', `failed to open the store: process ${pid} has it open`, {
    hint: `stop process ${pid}, or, if it is gone, remove ${join(folder, name)}`,
  })
}
