/**
 * The keychain of the operating system (rule GU3), asked in a process of its own: the native library
 * may crash, and a person may have to say yes first. Secrets go by pipes, never by arguments.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Bytes, fromBase64url, toBase64url } from '@baton/shared/bytes'
import { cleanText } from '@baton/shared/clean-text'
import { BatonError } from '@baton/shared/errors'
import { maxSecretBytes } from '@baton/shared/limits'
import * as z from 'zod/mini'

/** Every method rejects with `keychain-unavailable` when it does not answer. */
export interface Keychain {
  /** What people call it. */
  readonly name: string
  get(account: string): Promise<Bytes | undefined>
  put(account: string, secret: Bytes): Promise<void>
  delete(account: string): Promise<void>
}

/** Longest wait: a person may be asked to unlock it. */
const answerMs = 60_000

const names: Readonly<Record<string, string>> = {
  darwin: 'macOS keychain',
  win32: 'Windows Credential Manager',
}

const answerSchema = z.union([
  z.object({ ok: z.literal(true), secret: z.optional(z.string().check(z.maxLength(8192))) }),
  z.object({ ok: z.literal(false), why: z.string().check(z.maxLength(4096)) }),
])

export interface KeychainOptions {
  /** The program that loads the library; for tests. */
  readonly program?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly timeoutMs?: number
}

/** The keychain of this system. Nothing is asked until a method is called. */
export function createKeychain(options: KeychainOptions = {}): Keychain {
  const name = names[process.platform] ?? 'Secret Service'
  const program = options.program ?? fileURLToPath(new URL('./keychain-child.js', import.meta.url))

  function ask(request: { op: string; account: string; secret?: string }) {
    return new Promise<Bytes | undefined>((resolve, reject) => {
      const { env = process.env, timeoutMs = answerMs } = options
      const run = { timeout: timeoutMs, killSignal: 'SIGKILL', env, windowsHide: true } as const
      const child = execFile(process.execPath, [program], run, (error, out) => {
        const answer = answerOf(out)
        if (answer?.ok === true) resolve(secretOf(answer.secret ?? ''))
        else if (answer) reject(silent(name, cleanText(answer.why, 200)))
        else reject(silent(name, error?.killed ? 'no answer' : 'its library ended'))
      })
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(JSON.stringify(request))
    })
  }

  function secretOf(text: string): Bytes | undefined {
    return text === '' ? undefined : fromBase64url(text).subarray(0, maxSecretBytes)
  }

  return {
    name,
    get: (account) => ask({ op: 'get', account }),
    async put(account, secret) {
      await ask({ op: 'put', account, secret: toBase64url(secret) })
    },
    async delete(account) {
      await ask({ op: 'delete', account })
    },
  }
}

function answerOf(text: string) {
  try {
    return answerSchema.parse(JSON.parse(text))
  } catch {
    // What lands here: it crashed, or was ended, before it could say anything.
    return undefined
  }
}

const silent = (name: string, why = 'no answer') =>
  new BatonError('keychain-unavailable', `failed to use the ${name}: ${why}`, {
    hint: 'unlock it, or start from a session that has one; BATON_KEYCHAIN=off asks none',
  })
