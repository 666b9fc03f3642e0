/**
 * What a person said once and need not say again (rule UP2): settings.json of a home. It holds no
 * secret: of ICE servers only URLs and the paths of files.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { maxNameChars } from '@baton/shared/limits'
import * as z from 'zod/mini'
import { parseServerUrl } from '../rendezvous/server-url.ts'
import { replaceFile } from './atomic-file.ts'
import { makeHome } from './home.ts'
import { icePolicies } from './ice.ts'

const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max))

const schema = z.strictObject({
  /** URL of the signaling service; none: this device runs one itself. */
  signal: z.optional(text(256)),
  /** What other devices call this one. */
  name: z.optional(text(maxNameChars)),
  ice: z.optional(z.array(text(4096)).check(z.maxLength(16))),
  policy: z.optional(z.enum(icePolicies)),
  /** Pairings wait for a yes to the emoji. */
  confirm: z.optional(z.boolean()),
  /** The desktop is told of requests that wait for an answer. */
  notify: z.optional(z.boolean()),
})

export type Settings = z.infer<typeof schema>

const maxBytes = 64 * 1024

export const settingsPath = (folder: string): string => join(folder, 'settings.json')

/** Of the folder `Places.config`; empty when there is no file. Throws `invalid`. */
export function readSettings(folder: string): Settings {
  const path = settingsPath(folder)
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A home that is no folder is told by whoever makes it one.
    if (code === 'ENOENT' || code === 'ENOTDIR') return {}
    throw unreadable(path, String(code))
  }
  if (content.length > maxBytes) throw unreadable(path, 'it is too big')
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    throw unreadable(path, 'it is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const where = [
    ...new Set(parsed.error.issues.map(({ path: at }) => String(at[0] ?? 'unknown key'))),
  ]
  throw unreadable(path, where.join(', '))
}

/** Keeps `given` beside what is there; `undefined` forgets. Rejects what `readSettings` would. */
export function rememberSettings(folder: string, given: Partial<Record<keyof Settings, unknown>>) {
  const merged = { ...readSettings(folder), ...given }
  const parsed = schema.safeParse(merged)
  if (!parsed.success) throw unreadable(settingsPath(folder), 'what is to be kept does not fit')
  const settings = parsed.data
  if (settings.signal !== undefined) parseServerUrl(settings.signal)
  makeHome(folder)
  try {
    replaceFile(settingsPath(folder), utf8Encode(`${JSON.stringify(settings, undefined, 2)}\n`))
  } catch (cause) {
    throw unkept(settingsPath(folder), cause as NodeJS.ErrnoException)
  }
  return settings
}

function unkept(path: string, cause: NodeJS.ErrnoException): BatonError {
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
  const why = full ? 'the disk is full' : (cause.code ?? 'unknown')
  return new BatonError(full ? 'store-full' : 'store-readonly', `failed to keep ${path}: ${why}`, {
    cause,
    hint: full
      ? 'make some room, then try again'
      : 'name a folder that can be written with BATON_HOME',
  })
}

const unreadable = (path: string, why: string): BatonError =>
  new BatonError('invalid', `failed to read ${path}: ${why}`, {
    hint: 'mend the file, or remove it to start from the defaults',
  })
