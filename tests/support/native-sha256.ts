/** SHA-256 as the Node edge has it. */
import { createHash } from 'node:crypto'
import type { Sha256 } from '@baton/shared/primitives'

export const nativeSha256: Sha256 = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
