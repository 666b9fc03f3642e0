/**
 * `baton lock`: the keys of this device under a passphrase, in the keychain of the system, or in files
 * again (rules GU2, GU3, GU7). The device must not run: it has its keys in memory.
 */
import { existsSync } from 'node:fs'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { freshRandom } from '../../core/fresh-random.ts'
import { checkAlone } from '../control/serve.ts'
import { changeGuard, type GuardChoice } from '../guard/change.ts'
import { type GuardKind, guardKind } from '../guard/guard.ts'
import { makeHome } from '../home.ts'
import { devicePath } from '../key-folder.ts'
import { openKeyring } from '../keyring.ts'
import { createRandom } from '../platform.ts'
import { hasStore, holdStore } from '../store.ts'
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { createKeyAccess, newPassphrase } from './passphrase.ts'

export interface LockOptions {
  readonly remove?: boolean
  readonly keychain?: boolean
}

export async function lock(context: Context, options: LockOptions): Promise<void> {
  const { terminal, places } = context
  if (options.remove && options.keychain) {
    throw usage('failed to lock: --remove and --keychain are two ways', 'leave one of them out')
  }
  makeHome(places.data)
  await checkAlone(places.socket).catch(running)
  const exists = hasStore(places.store)
  const release = await held(places.store)
  try {
    const random = freshRandom(createRandom())
    const access = createKeyAccess(context)
    const before = existsSync(places.keys) ? guardKind(places.keys) : 'files'
    if (!existsSync(devicePath(places.keys))) {
      await openKeyring(places.keys, random, { make: !exists, access, alone: true })
    }
    const ports = { folder: places.keys, random, access }
    await changeGuard(ports, () => choose(context, options, before))
  } finally {
    release()
  }
  const keys = guardKind(places.keys)
  terminal.object({ type: 'result', ok: true, keys })
  terminal.tell(`${terminal.note.good('✓')} the keys of this device ${words[keys]}`)
}

export const words: Readonly<Record<GuardKind, string>> = {
  files: 'stand in files that only you can read',
  keychain: 'are sealed by your keychain',
  passphrase: 'are sealed by your passphrase',
}

async function choose(
  context: Context,
  { remove, keychain }: LockOptions,
  before: GuardKind,
): Promise<GuardChoice> {
  if (remove) return { by: 'files' }
  if (keychain) return { by: 'keychain' }
  // What the environment gives has just opened the old lock: it is not the new one.
  const changing = before === 'passphrase'
  const from = changing ? { ...context, env: {} } : context
  return { by: 'passphrase', passphrase: await newPassphrase(from) }
}

/** Said of starting; what to do about it is the same. */
function running(error: unknown): never {
  if (!isBatonError(error) || error.code !== 'already-running') throw error
  throw new BatonError(error.code, error.message.replace('to start', 'to lock'), {
    hint: 'baton down stops it; then lock it, and start it again',
  })
}

async function held(folder: string): Promise<() => void> {
  try {
    return await holdStore(folder)
  } catch (error) {
    if (!isBatonError(error) || error.code !== 'store-locked') throw error
    throw usage('failed to lock: another process has the keys open', error.hint)
  }
}
