/**
 * One question to the keychain, in a process that may crash: a request of JSON on stdin, an answer on
 * stdout. On Linux it is the Secret Service or nothing: the kernel's own keyring, which the library
 * would fall back to, forgets at the next start.
 */
import { text } from 'node:stream/consumers'
import { fromBase64url, toBase64url } from '@baton/shared/bytes'

interface Request {
  readonly op: 'get' | 'put' | 'delete'
  readonly account: string
  readonly secret?: string
}

/** What is used of the library. It is optional: nothing may need it to be there to compile. */
interface Library {
  readonly AsyncEntry: new (
    service: string,
    account: string,
    options: { readonly linux: { readonly store: 'secret-service' } },
  ) => {
    setSecret(secret: Uint8Array): Promise<void>
    getSecret(): Promise<number[] | null>
    deleteCredential(): Promise<boolean>
  }
}

const library: string = '@napi-rs/keyring'
const service = 'baton'

async function answer({ op, account, secret = '' }: Request) {
  const { AsyncEntry } = (await import(library)) as Library
  const entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } })
  if (op === 'put') await entry.setSecret(fromBase64url(secret))
  if (op === 'delete') await entry.deleteCredential()
  const found = op === 'get' ? await entry.getSecret() : undefined
  return { ok: true, secret: found ? toBase64url(Uint8Array.from(found)) : '' }
}

let said: object
try {
  said = await answer(JSON.parse(await text(process.stdin)) as Request)
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  said = { ok: false, why: missing ? 'its library is not installed' : String(message) }
}
process.stdout.write(JSON.stringify(said), () => process.exit())
