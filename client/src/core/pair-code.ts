/** TEMPORARY until keyexchange/code lands. */
import { type Bytes, fromHex, toHex, utf8Encode } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { PairingMethod } from '@baton/shared/keyexchange/confirm'

export interface TypedCode {
  readonly method: PairingMethod
  readonly nameplate: string
  readonly prs: Bytes
  readonly server: string | undefined
}

export function parseTyped(text: string): TypedCode {
  const qr = /^qr:(\d+):([0-9a-f]{32}):(.*)$/.exec(text)
  if (qr) return { method: 'qr', nameplate: qr[1] ?? '', prs: fromHex(qr[2] ?? ''), server: qr[3] }
  const words = /^(\d+)-(.+)$/.exec(text.trim().toLowerCase())
  if (!words) throw new BatonError('code-format', 'failed to read the code')
  return {
    method: 'words',
    nameplate: words[1] ?? '',
    prs: utf8Encode(words[2] ?? ''),
    server: undefined,
  }
}

export const drawWords = (entropy: Bytes) => toHex(entropy.subarray(0, 6))
export const wordsPrs = (words: string): Bytes => utf8Encode(words)
export const showWords = (nameplate: string, words: string) => `${nameplate}-${words}`
export const showQr = (server: string, nameplate: string, secret: Bytes) =>
  `qr:${nameplate}:${toHex(secret)}:${server}`
