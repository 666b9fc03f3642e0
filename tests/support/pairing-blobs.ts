/** Small things that the tests of the pairing machines share. */
import type { Bytes } from '@baton/shared/bytes'
import { decode } from '@baton/shared/encoding/msgpack'
import type { Met } from '@baton/shared/protocol/pairing-effects'
import { expect } from 'vitest'
import type { Hand, Party } from './pure-pairing.ts'

export const metOf = (side: Party): Met | undefined => side.of('paired')[0]?.met

/** Neither side is paired, and nothing was written that says so. */
export function bothFailed({ inviter, joiner }: { inviter: Party; joiner: Party }): void {
  for (const kind of ['paired', 'commit', 'adopt'] as const) {
    expect([inviter.of(kind), joiner.of(kind)]).toEqual([[], []])
  }
}

export const fields = (blob: Bytes) => decode(blob) as [number, ...Bytes[]]

export const changed = (bytes: Bytes, at = 0): Bytes =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

/** Replaces the n-th blob (from 1) of one side. */
export const replace =
  (from: 'inviter' | 'joiner', index: number, make: (blob: Bytes) => readonly Bytes[]): Hand =>
  (blob, who, n) =>
    who === from && n === index ? make(blob) : [blob]
