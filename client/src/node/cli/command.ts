/** What every command is given, and how it is interrupted. */
import { homedir, tmpdir } from 'node:os'
import { type Control, connectControl } from '../control/client.ts'
import { findPlaces, type Places } from '../paths.ts'
import type { Terminal } from './terminal.ts'

export interface Context {
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  readonly places: Places
  control(): Control
  /** ms since 1970. */
  now(): number
  /**
   * Runs at Ctrl-C or a termination; returns how to take it back. One that says true has dealt with it,
   * and the command goes on.
   */
  onInterrupt(run: (signal: NodeJS.Signals) => unknown): () => void
}

export function createContext(
  terminal: Terminal,
  env: Context['env'],
  onInterrupt: Context['onInterrupt'],
): Context {
  const home = homedir()
  const cwd = process.cwd()
  const places = findPlaces({ platform: process.platform, env, home, temp: tmpdir(), cwd })
  return {
    terminal,
    env,
    home,
    cwd,
    places,
    control: () => connectControl(places.socket),
    now: () => Date.now(),
    onInterrupt,
  }
}
