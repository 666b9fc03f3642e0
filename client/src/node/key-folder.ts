/**
 * The key files of a home by name (rules KR7, GU1, GU4): which there are, and all of them sealed or in
 * the clear, one whole file after the other.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { checkSecretName } from '../core/secret.ts'
import { replaceFile } from './atomic-file.ts'
import { isPlain, maxKeyFileBytes, parseKeyFile, printKeyFile } from './key-file.ts'
import { readPrivateFile } from './private-folder.ts'

export const deviceKind = 'device'
export const devicePath = (folder: string): string => join(folder, 'device.key')
export const secretKind = (name: string): string => `secret ${name}`

/** Case and reserved names are kept apart also where the file system or Windows would join them. */
export function secretPath(folder: string, name: string): string {
  checkSecretName(name)
  const escaped = name.replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`)
  return join(folder, `secret-${escaped}.key`)
}

export const isSecretFile = (file: string): boolean => /^secret-.*\.key$/.test(file)

/** Path and kind of every key file that is there. */
function keyFiles(folder: string): { path: string; kind: string }[] {
  return readdirSync(folder).flatMap((file) => {
    const path = join(folder, file)
    if (file === 'device.key') return [{ path, kind: deviceKind }]
    if (!isSecretFile(file)) return []
    const name = file.slice('secret-'.length, -'.key'.length)
    return [{ path, kind: secretKind(name.replace(/\+(.)/g, (_, at: string) => at.toUpperCase())) }]
  })
}

/** Seals what stands in the clear under `guard`, or opens what is sealed. Done again, it does nothing. */
export function rewriteKeys(folder: string, guard: Bytes, to: 'sealed' | 'plain'): void {
  for (const { path, kind } of keyFiles(folder)) {
    const text = readPrivateFile(path, maxKeyFileBytes) ?? ''
    if (isPlain(text) === (to === 'plain')) continue
    const secret = parseKeyFile(path, kind, text, guard)
    replaceFile(path, printKeyFile(kind, secret, to === 'sealed' ? guard : undefined))
  }
}

/** What the file system says may quote nothing but paths, which is all that gets out of here. */
export function guarded<T>(verb: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof BatonError) throw error
    const { code, path } = error as NodeJS.ErrnoException
    throw new BatonError(
      'keyring-unreadable',
      `failed to ${verb} the keys: ${code ?? 'unknown'}${path === undefined ? '' : ` at ${path}`}`,
      { hint: 'check that the folder can be written and the disk is not full' },
    )
  }
}
