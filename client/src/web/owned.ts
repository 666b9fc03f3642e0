/** Bytes as the DOM's types want them: none of ours stand in memory that threads share. */
import type { Bytes } from '@baton/shared/bytes'

export const owned = (bytes: Bytes): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>
