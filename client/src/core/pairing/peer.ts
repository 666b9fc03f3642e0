/** A met peer in the forms that are kept and handed on. Rules: P9, P10. */
import { toBase64url, toHex } from '@baton/shared/bytes'
import type { Met } from '@baton/shared/protocol/pairing-effects'
import { runId } from '@baton/shared/protocol/pairing-identity'
import type { PairRecord } from './memory.ts'
import type { PairedPeer } from './ports.ts'

export function pairedPeer(met: Met): PairedPeer {
  const { device, exchange, name, platform } = met.peer
  const { root, version, hash, guest } = met
  return { device, exchange, name, platform, root, version, hash, guest }
}

/** Names a run on both devices. */
export const recordId = (th: Uint8Array): string => toHex(runId(th))

/** Eight letters of a device's id, for people. */
export const shortId = (device: Uint8Array): string => toBase64url(device).slice(0, 8)

export function pairRecord(
  id: string,
  met: Met,
  extra: Partial<Pick<PairRecord, 'answer' | 'adopting'>> = {},
): PairRecord {
  const { guest: _, ...peer } = pairedPeer(met)
  return { at: 'paired', id, ...peer, answer: undefined, adopting: undefined, ...extra }
}

export function peerOf(record: PairRecord): PairedPeer {
  const { device, exchange, name, platform, root, version, hash } = record
  return { device, exchange, name, platform, root, version, hash, guest: false }
}
