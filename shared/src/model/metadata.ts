/**
 * How far a document is (rule VW9). Apart from the readings: hashing a whole document costs more than
 * showing it.
 */
import { toHex } from '../bytes.ts'
import type { DocumentState } from '../conflict/document.ts'
import { stateDigest } from '../conflict/document-state.ts'
import type { Sha256 } from '../primitives.ts'

export interface SyncMetadata {
  /** Entries folded. */
  readonly version: number
  /** State digest, hex: equal for equal documents. */
  readonly checksum: string
  /** ISO date of the last exchange with another device, by its caller; empty before the first. */
  readonly last_sync: string
}

export function syncMetadata(state: DocumentState, sha256: Sha256, lastSync: string): SyncMetadata {
  let version = 0
  for (const { seq } of state.logs.values()) version += seq
  return { version, checksum: toHex(stateDigest(sha256, state)), last_sync: lastSync }
}

/** Stamp of the last entry of any device that may write, ms since 1970; 0 before the first. */
export function lastModified(state: DocumentState): number {
  let last = 0
  for (const { device, changed } of state.logs.values()) {
    if (state.writers.has(device)) last = Math.max(last, changed)
  }
  return last
}
