/**
 * The guard before every `setRemoteDescription` and `addIceCandidate`. Rules RT1 to RT4. libwebrtc
 * uses the last of several fingerprints, so a description with more than one is refused rather than
 * interpreted. It knows no peer connection and quotes nothing of what it refuses.
 */
import type { Bytes } from '../bytes.ts'
import { fromHex } from '../bytes.ts'
import { BatonError } from '../errors.ts'
import { maxCandidateChars, maxCandidates, maxSdpChars, maxSdpLines } from '../limits.ts'
import { isUnicast, parseIp } from './ip.ts'

export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay'

export interface CheckedCandidate {
  readonly type: CandidateType
  readonly transport: 'udp' | 'tcp'
  /** The ICE generation it belongs to, where the candidate says so. */
  readonly ufrag: string | undefined
}

export interface CheckedSdp {
  /** SHA-256 of the peer's DTLS certificate, 32 bytes. */
  readonly fingerprint: Bytes
  /** Names the ICE generation: a restart changes it. */
  readonly ufrag: string
  /** What the peer takes in one message, bytes; Infinity when it names no limit (RFC 8841 6.1). */
  readonly maxMessageBytes: number
  readonly candidates: readonly CheckedCandidate[]
}

/** Throws `invalid` unless `sdp` is one data section with exactly one usable fingerprint (RFC 8841). */
export function checkSdp(sdp: string): CheckedSdp {
  if (sdp.length > maxSdpChars) refuse('longer than a description may be')
  if (!/^[\x20-\x7e\r\n]*$/.test(sdp)) refuse('not printable ASCII')
  const lines = sdp.split(/\r?\n/).filter((line) => line !== '')
  if (lines.length > maxSdpLines) refuse('too many lines')
  if (lines.some((line) => line.includes('\r'))) refuse('a stray carriage return')
  if (lines[0] !== 'v=0') refuse('no version line')

  const media = only(lines, /^m=/i, 'media section')
  if (!/^m=application (?!0+ )\d{1,5} (UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/.test(media)) {
    refuse('a media section other than a data channel')
  }
  const fingerprint = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/i.exec(
    only(lines, /^\s*a\s*=\s*fingerprint/i, 'fingerprint'),
  )?.[1]
  if (fingerprint === undefined) return refuse('a fingerprint other than sha-256 with 32 bytes')
  const ufrag = /^a=ice-ufrag:([A-Za-z0-9+/]{4,256})$/.exec(
    only(lines, /^\s*a\s*=\s*ice-ufrag/i, 'ice-ufrag'),
  )?.[1]
  if (ufrag === undefined) return refuse('a malformed ice-ufrag')
  const password = only(lines, /^\s*a\s*=\s*ice-pwd/i, 'ice-pwd')
  if (!/^a=ice-pwd:[A-Za-z0-9+/]{22,256}$/.test(password)) refuse('a malformed ice-pwd')

  const sizes = lines.filter((line) => /^\s*a\s*=\s*max-message-size/i.test(line))
  const size = sizes.map((line) => /^a=max-message-size:(\d{1,20})$/.exec(line)?.[1])
  if (sizes.length > 1 || size.includes(undefined)) refuse('a malformed max-message-size')

  const candidates = lines.filter((line) => /^\s*a\s*=\s*candidate/i.test(line))
  if (candidates.length > maxCandidates) refuse('too many candidates')
  return {
    fingerprint: fromHex(fingerprint.replaceAll(':', '')),
    ufrag,
    maxMessageBytes: Number(size[0] ?? 65_536) || Number.POSITIVE_INFINITY,
    candidates: candidates.map((line) => checkCandidate(line.replace(/^a=/, ''))),
  }
}

/**
 * Throws `invalid` unless `line` is an ICE candidate (RFC 8839 5.1, with or without `a=` taken off)
 * of a known type at a literal unicast address or an mDNS name.
 */
export function checkCandidate(line: string): CheckedCandidate {
  if (line.length > maxCandidateChars) refuse('longer than a candidate may be')
  const match =
    /^candidate:[A-Za-z0-9+/]{1,32} 1 (udp|tcp) \d{1,10} ([0-9A-Za-z.:-]{2,64}) (\d{1,5}) typ (host|srflx|prflx|relay)((?: [\x21-\x7e]{1,256}){0,24})$/i.exec(
      line,
    )
  if (!match) return refuse('a malformed candidate')
  const [, transport = '', address = '', port = '', type = '', rest = ''] = match
  if (Number(port) < 1 || Number(port) > 65_535) refuse('a candidate without a usable port')
  const ip = parseIp(address)
  if (ip ? !isUnicast(ip) : !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.local$/i.test(address)) {
    refuse('a candidate at a name or a non-unicast address')
  }
  return {
    type: type.toLowerCase() as CandidateType,
    transport: transport.toLowerCase() as 'udp' | 'tcp',
    ufrag: / ufrag ([A-Za-z0-9+/]{4,256})(?: |$)/.exec(rest)?.[1],
  }
}

function only(lines: readonly string[], form: RegExp, what: string): string {
  const found = lines.filter((line) => form.test(line))
  if (found.length !== 1) refuse(`${found.length} of what must be one ${what}`)
  return found[0] as string
}

function refuse(why: string): never {
  throw new BatonError('invalid', `failed to accept a signal: ${why}`)
}
