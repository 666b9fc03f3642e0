/**
 * Another machine of the same network, as a network namespace joined to this one by a cable. Needs root
 * and network namespaces (Linux): whoever uses it says what happens elsewhere.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ip = (...argv: string[]) => void execFileSync('ip', argv, { stdio: 'pipe' })

export function canHaveSecondMachine(): boolean {
  try {
    ip('netns', 'add', `baton-try-${process.pid}`)
    ip('netns', 'del', `baton-try-${process.pid}`)
    return true
  } catch {
    return false
  }
}

export interface SecondMachine {
  /** This machine, as the other one reaches it. */
  readonly address: string
  /** A program that runs `program` over there. */
  over(folder: string, program: string): string
  remove(): void
}

export function createSecondMachine(): SecondMachine {
  const name = `baton-${process.pid}`
  const here = `bt${process.pid}`
  // Of 10.0.0.0/8 something that no other run of the tests has just now.
  const net = `10.${100 + (process.pid % 100)}.${Math.floor(process.pid / 100) % 256}`
  ip('netns', 'add', name)
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('addr', 'add', `${net}.1/24`, 'dev', here)
  ip('link', 'set', here, 'up')
  ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', 'eth0')
  for (const each of ['lo', 'eth0']) ip('-n', name, 'link', 'set', each, 'up')
  ip('-n', name, 'route', 'add', 'default', 'via', `${net}.1`)
  return {
    address: `${net}.1`,
    over(folder, program) {
      const path = join(folder, 'over-there')
      writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${name} ${program} "$@"\n`)
      chmodSync(path, 0o755)
      return path
    },
    // The cable goes with it.
    remove: () => ip('netns', 'del', name),
  }
}
