/**
 * What the platform itself says of an open connection: the peer's certificate and the selected
 * path. Rules RT11, RT12. It takes nothing from the SDP and keeps nothing.
 */

import { type Bytes, fromHex } from '@baton/shared/bytes'
import { pureSha256 } from '@baton/shared/primitives'
import type { ChannelFacts } from '../core/ports/channel.ts'

/** The loose reports of getStats: engines differ in what they fill in. */
interface Report {
  readonly type: string
  readonly selectedCandidatePairId?: string
  readonly remoteCertificateId?: string
  readonly fingerprint?: string
  readonly fingerprintAlgorithm?: string
  readonly localCandidateId?: string
  readonly remoteCandidateId?: string
  readonly candidateType?: string
  readonly address?: string
  readonly ip?: string
  readonly port?: number
  readonly selected?: boolean
}

type Reports = ReadonlyMap<string, Report>

/**
 * SHA-256 of the certificate the peer showed in DTLS, 32 bytes: from the transport, else from the
 * statistics. Undefined where the platform has neither (Firefox before 153 without statistics).
 */
export async function measureRemote(connection: RTCPeerConnection): Promise<Bytes | undefined> {
  const transport = connection.sctp?.transport as
    | { getRemoteCertificates?(): ArrayBuffer[] }
    | undefined
  const certificate = transport?.getRemoteCertificates?.()[0]
  if (certificate) return pureSha256(new Uint8Array(certificate))
  const reports = await stats(connection)
  const shown = reports.get(transportOf(reports)?.remoteCertificateId ?? '')
  if (shown?.fingerprintAlgorithm !== 'sha-256' || !shown.fingerprint) return undefined
  return fromHex(shown.fingerprint.replaceAll(':', '').toLowerCase())
}

/**
 * How the selected pair reaches the peer. `refusedRelays` holds `address port` of relays of the
 * peer that were not taken: a pair that reaches one of them all the same is relayed too.
 */
export async function measurePath(
  connection: RTCPeerConnection,
  refusedRelays: ReadonlySet<string>,
): Promise<ChannelFacts['path']> {
  const reports = await stats(connection)
  const pair =
    reports.get(transportOf(reports)?.selectedCandidatePairId ?? '') ??
    [...reports.values()].find((each) => each.type === 'candidate-pair' && each.selected)
  const local = reports.get(pair?.localCandidateId ?? '')
  const remote = reports.get(pair?.remoteCandidateId ?? '')
  if (!local || !remote) return 'unknown'
  const reached = `${remote.address ?? remote.ip ?? ''} ${remote.port ?? ''}`
  const relayed = local.candidateType === 'relay' || remote.candidateType === 'relay'
  return relayed || refusedRelays.has(reached) ? 'relayed' : 'direct'
}

async function stats(connection: RTCPeerConnection): Promise<Reports> {
  try {
    return (await connection.getStats()) as unknown as Reports
  } catch {
    // A connection that closed in between has nothing to say.
    return new Map()
  }
}

function transportOf(reports: Reports): Report | undefined {
  return [...reports.values()].find((each) => each.type === 'transport')
}
