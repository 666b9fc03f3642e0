/** The Deflate port over node:zlib, without the care of the real one. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Deflate } from '@baton/client/core/ports/platform'

export const zlib: Deflate = {
  deflate: async (bytes) => new Uint8Array(deflateRawSync(bytes)),
  inflate: async (bytes, max) => new Uint8Array(inflateRawSync(bytes, { maxOutputLength: max })),
}
