/** RT1 to RT4: what the SDP guard lets through to a peer connection. */
import { toHex } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { maxCandidates } from '@baton/shared/limits'
import { checkCandidate, checkSdp } from '@baton/shared/protocol/sdp'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  chromiumOffer,
  fingerprintHex,
  fingerprintLine,
  firefoxAnswer,
  nodeOffer,
} from '../../support/sdp.ts'
import { tries } from '../../support/tries.ts'

const other = fingerprintLine.replace('33:A7', '44:A7')
const invalid = expect.objectContaining({ code: 'invalid' })
const line = (address: string, port: number | string = 4000, type = 'host') =>
  `candidate:1 1 udp 2122265343 ${address} ${port} typ ${type} generation 0 ufrag 3Cg4 network-id 2`

it.each([
  ['libwebrtc in Node', nodeOffer, '3Cg4', ['host', 'host', 'srflx']],
  ['Chromium', chromiumOffer, 'aB3+', []],
  ['Firefox, fingerprint at session level', firefoxAnswer, 'c1d2e3f4', []],
])('RT1 takes a description of %s', (_name, sdp, ufrag, types) => {
  const checked = checkSdp(sdp)
  expect(toHex(checked.fingerprint)).toBe(fingerprintHex)
  expect(checked.ufrag).toBe(ufrag)
  expect(checked.candidates.map((candidate) => candidate.type)).toEqual(types)
})

it.each([
  ['none', ''],
  ['two equal ones', `${fingerprintLine}\r\n${fingerprintLine}`],
  ['bogus first, real second', `${other}\r\n${fingerprintLine}`],
  ['real first, bogus second', `${fingerprintLine}\r\n${other}`],
  ['sha-1', `a=fingerprint:sha-1 ${'AB:'.repeat(19)}AB`],
  ['sha-512', fingerprintLine.replace('sha-256', 'sha-512')],
  ['31 bytes', fingerprintLine.slice(0, -3)],
  ['33 bytes', `${fingerprintLine}:00`],
  ['trailing text', `${fingerprintLine} x`],
  ['a second one in capitals', `${fingerprintLine}\r\n${other.replace('a=f', 'A=F')}`],
  ['a second one behind spaces', `${fingerprintLine}\r\n a = ${other.slice(2)}`],
  ['a second one behind a lone line feed', `${fingerprintLine}\n${other}`],
  ['a second one behind a lone carriage return', `a=x\r${other}\r\n${fingerprintLine}`],
])('RT1 refuses a fingerprint that is %s', (_name, replacement) => {
  expect(() => checkSdp(nodeOffer.replace(fingerprintLine, replacement))).toThrow(invalid)
})

it('RT1 refuses one at session level and one in the media section', () => {
  expect(() => checkSdp(firefoxAnswer.replace('a=mid:0', `a=mid:0\r\n${other}`))).toThrow(invalid)
})

it.each([
  ['a second media section', `${chromiumOffer}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`],
  ['only audio', chromiumOffer.replace(/m=.*\r/, 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r')],
  ['a rejected media section', chromiumOffer.replace('application 9', 'application 0')],
  ['two ufrags', chromiumOffer.replace('a=ice-pwd', 'a=ice-ufrag:zzzz\r\na=ice-pwd')],
  ['no password', chromiumOffer.replace(/a=ice-pwd.*\r\n/, '')],
  ['a short password', chromiumOffer.replace(/a=ice-pwd.*\r/, 'a=ice-pwd:short\r')],
  ['a NUL', chromiumOffer.replace('s=-', 's=\0')],
  ['other than ASCII', chromiumOffer.replace('s=-', 's=é')],
  ['too many lines', chromiumOffer + 'a=x\r\n'.repeat(128)],
  ['too long', `${chromiumOffer}a=x:${'y'.repeat(16 * 1024)}\r\n`],
  ['empty', ''],
])('RT3 refuses a description that is or has %s', (_name, sdp) => {
  expect(() => checkSdp(sdp)).toThrow(invalid)
})

it('RT3 reads how much the peer takes in one message', () => {
  const line = /a=max-message-size.*\r\n/
  expect(checkSdp(chromiumOffer).maxMessageBytes).toBe(262_144)
  expect(checkSdp(chromiumOffer.replace(line, '')).maxMessageBytes).toBe(65_536)
  const unlimited = chromiumOffer.replace(line, 'a=max-message-size:0\r\n')
  expect(checkSdp(unlimited).maxMessageBytes).toBe(Number.POSITIVE_INFINITY)
  expect(() => checkSdp(chromiumOffer.replace(line, 'a=max-message-size:-1\r\n'))).toThrow(invalid)
})

it('RT3 takes 40 candidates and refuses 41, or one bad one', () => {
  const withLines = (lines: string[]) =>
    chromiumOffer + lines.map((each) => `a=${each}\r\n`).join('')
  const many = (count: number) => Array.from({ length: count }, (_, i) => line('10.0.0.1', 1 + i))
  expect(checkSdp(withLines(many(maxCandidates))).candidates).toHaveLength(maxCandidates)
  expect(() => checkSdp(withLines(many(maxCandidates + 1)))).toThrow(invalid)
  expect(() => checkSdp(withLines([line('10.0.0.1'), line('evil.example.org')]))).toThrow(invalid)
})

it.each([
  [line('192.0.2.2'), { type: 'host', transport: 'udp', ufrag: '3Cg4' }],
  [line('fd00::2', 1, 'relay'), { type: 'relay', transport: 'udp', ufrag: '3Cg4' }],
  [
    line('5a3fd9a1-3f0c-4c52-9c10-0f2a6d1ffb01.local', 65_535),
    { type: 'host', transport: 'udp', ufrag: '3Cg4' },
  ],
  [
    'candidate:0 1 TCP 2105524479 10.0.0.1 9 typ host tcptype active',
    { type: 'host', transport: 'tcp', ufrag: undefined },
  ],
  [
    'candidate:8 1 UDP 1685987327 203.0.113.9 4000 typ srflx raddr 0.0.0.0 rport 0',
    { type: 'srflx', transport: 'udp', ufrag: undefined },
  ],
])('RT4 takes %s', (text, expected) => {
  expect(checkCandidate(text)).toEqual(expected)
})

it.each([
  ['a hostname', line('evil.example.org')],
  ['localhost', line('localhost')],
  ['an mDNS name that is no uuid', line('printer.local')],
  ['a hostname that ends like one', line('5a3fd9a1-3f0c-4c52-9c10-0f2a6d1ffb01.local.evil.org')],
  ['the unspecified address', line('0.0.0.0')],
  ['the unspecified IPv6 address', line('::')],
  ['a multicast address', line('224.0.0.251')],
  ['the broadcast address', line('255.255.255.255')],
  ['a scoped address', line('fe80::1%eth0')],
  ['port 0', line('10.0.0.1', 0)],
  ['port 65536', line('10.0.0.1', 65_536)],
  ['a negative port', line('10.0.0.1', '-1')],
  ['an unknown type', line('10.0.0.1', 4000, 'teredo')],
  ['the RTCP component', line('10.0.0.1').replace(' 1 udp', ' 2 udp')],
  ['an unknown transport', line('10.0.0.1').replace('udp', 'sctp')],
  ['a line break', `${line('10.0.0.1')}\r\na=x`],
  ['a huge string', line('10.0.0.1') + ' x'.repeat(300)],
  ['nothing', ''],
])('RT4 refuses a candidate with %s', (_name, text) => {
  expect(() => checkCandidate(text)).toThrow(invalid)
})

it('RT3 never fails in another way, and never quotes what it refused', () => {
  const cut = fc.record({ at: fc.nat(nodeOffer.length), insert: fc.string({ maxLength: 40 }) })
  fc.assert(
    fc.property(cut, fc.nat(30), ({ at, insert }, remove) => {
      const sdp = nodeOffer.slice(0, at) + insert + nodeOffer.slice(at + remove)
      try {
        checkSdp(sdp)
      } catch (error) {
        expect(isBatonError(error) && error.code).toBe('invalid')
        expect(String(error)).not.toMatch(/\d+\.\d+\.\d+|fd00|3Cg4|twBy|33:A7/)
      }
    }),
    { numRuns: tries(500) },
  )
})
