/** Sessions out of a device and in again (rules AR), as its surfaces see it: plain values and bytes. */
import type { DeviceId, SessionId } from '@baton/shared/ids'

export interface ArchiveBytes {
  readonly session: SessionId
  readonly entries: number
  readonly blobs: number
  /** About what `pieces` gives, for progress. */
  readonly bytes: number
  pieces(): AsyncIterable<Uint8Array>
}

export interface Imported {
  readonly session: SessionId
  /** Undefined when nothing in it says whose it is. */
  readonly author: DeviceId | undefined
  readonly authors: readonly DeviceId[]
  readonly entries: number
  /** Those that were not held. */
  readonly fresh: number
  readonly blobs: number
  readonly placed: { readonly path: string; readonly resume: string } | undefined
  /** Why it was not placed, when it was asked for. */
  readonly unplaced: { readonly code: string; readonly message: string } | undefined
}

/** Where an imported session goes on this device; nowhere unless asked. */
export interface ImportPlace {
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  readonly project?: string
}

/** Whole sessions as bytes that prove themselves, whoever carries them. */
export interface Archives {
  /** `ref` as for `show`. Rejects with `not-found` when not all of it is held. */
  read(ref: string): Promise<ArchiveBytes>
  /**
   * Checks all of it, then reads it again to store it, and places it where that is asked for. `open` gives the same bytes
   * each time. Rejects with `invalid`, `too-large` or `bad-signature`, and then nothing was stored.
   */
  take(
    open: () => AsyncIterable<Uint8Array>,
    tell: (at: 'checking' | 'storing' | 'placing') => void,
    place?: ImportPlace,
  ): Promise<Imported>
  /** What is sealed to a device. Throws `not-paired`. */
  exchangeKey(device: DeviceId): Uint8Array
}
