/**
 * Changes what guards the keys of a home (rules GU2, GU3, GU4): the new way is written and read back
 * before the old one goes, so that a crash at any step leaves keys that open the old way or the new
 * one. The caller holds the store, so that no other process has these keys.
 */
import { join } from 'node:path'
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { Random } from '../../core/ports/platform.ts'
import { removeFile } from '../atomic-file.ts'
import { guarded, rewriteKeys } from '../key-folder.ts'
import { sealingKeyBytes } from '../sealing.ts'
import {
  accountBytes,
  type Guard,
  guardName,
  type KeyAccess,
  keychainGuard,
  openGuard,
  readGuard,
  writeGuard,
} from './guard.ts'
import type { Keychain } from './keychain.ts'
import { unwrapKey, wrapKey } from './passphrase.ts'

export type GuardChoice =
  | { readonly by: 'files' }
  | { readonly by: 'keychain' }
  /** `logN`: less than usual for tests alone. */
  | { readonly by: 'passphrase'; readonly passphrase: string; readonly logN?: number }

export interface ChangePorts {
  readonly folder: string
  readonly random: Random
  /** For the keys as they are guarded now. */
  readonly access: KeyAccess
}

/**
 * What `choose` says is asked for when the keys are open: who cannot open them is told first. Rejects
 * as opening does, and with `keychain-unavailable`; then the keys are guarded as they were.
 */
export async function changeGuard(
  { folder, random, access }: ChangePorts,
  choose: () => Promise<GuardChoice>,
): Promise<void> {
  const old = readGuard(folder)
  const known = old && (await openGuard(old, access))
  const choice = await choose()
  if (choice.by === 'files') {
    if (known) guarded('open', () => uncover(folder, known))
  } else {
    const key = known ?? random.bytes(sealingKeyBytes)
    const guard =
      choice.by === 'keychain'
        ? await inKeychain(access.keychain, key, random)
        : await underPassphrase(key, choice, random)
    guarded('seal', () => {
      writeGuard(folder, guard)
      rewriteKeys(folder, key, 'sealed')
    })
  }
  // What is left behind in a keychain that does not answer now guards nothing any more.
  if (old?.[0] === 'keychain') await access.keychain?.delete(toHex(old[1])).catch(() => undefined)
}

function uncover(folder: string, key: Bytes): void {
  rewriteKeys(folder, key, 'plain')
  removeFile(join(folder, guardName))
}

async function inKeychain(
  keychain: Keychain | undefined,
  key: Bytes,
  random: Random,
): Promise<Guard> {
  if (!keychain) {
    throw new BatonError('keychain-unavailable', 'failed to use a keychain: none is asked here', {
      hint: 'unset BATON_KEYCHAIN',
    })
  }
  const account = random.bytes(accountBytes)
  await keychain.put(toHex(account), key)
  const kept = await keychain.get(toHex(account))
  if (!kept || !equalBytes(kept, key)) {
    throw new BatonError(
      'keychain-unavailable',
      `failed to use the ${keychain.name}: it does not give back what it was given`,
      { hint: 'nothing was changed; baton lock without --keychain asks for a passphrase' },
    )
  }
  return keychainGuard(account, key)
}

async function underPassphrase(
  key: Bytes,
  { passphrase, logN }: GuardChoice & { by: 'passphrase' },
  random: Random,
): Promise<Guard> {
  const wrap = await wrapKey(key, passphrase, random, logN)
  if (!equalBytes(await unwrapKey(wrap, passphrase), key)) {
    throw new BatonError('passphrase-wrong', 'failed to seal the keys: they would not open again')
  }
  return ['passphrase', wrap]
}
