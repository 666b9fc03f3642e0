/** Descriptions as three engines write them (libwebrtc in Node, Chromium, Firefox), addresses changed. */
export const fingerprintHex = '33a7eb4da85587bd8036cf95aefbdaf2b9fddda99ca4be5afe52c4b8e5939fab'
const colons = (fingerprintHex.match(/../g) ?? []).join(':')
export const fingerprintLine = `a=fingerprint:sha-256 ${colons.toUpperCase()}`

const join = (...lines: string[]) => `${lines.join('\r\n')}\r\n`

export const nodeOffer = join(
  'v=0',
  'o=- 2280110317801746441 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 44997 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP6 fd00::2',
  'a=candidate:3077952869 1 udp 2122265343 fd00::2 44997 typ host generation 0 network-id 2',
  'a=candidate:3229573512 1 udp 2122194687 192.0.2.2 54905 typ host generation 0 network-id 1',
  'a=candidate:842163049 1 udp 1677729535 198.51.100.7 9 typ srflx raddr 0.0.0.0 rport 0 generation 0',
  'a=ice-ufrag:3Cg4',
  'a=ice-pwd:twByNxJS7nx3a/AyMfUIF3PF',
  'a=ice-options:trickle',
  fingerprintLine,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
)

export const chromiumOffer = join(
  'v=0',
  'o=- 6188713 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:aB3+',
  'a=ice-pwd:twByNxJS7nx3a/AyMfUIF3PF',
  'a=ice-options:trickle',
  fingerprintLine,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
)

export const firefoxAnswer = join(
  'v=0',
  'o=mozilla...THIS_IS_SDPARTA-99.0 2946181 0 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  fingerprintLine,
  'a=group:BUNDLE 0',
  'a=ice-options:trickle',
  'a=msid-semantic:WMS *',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=sendrecv',
  'a=ice-pwd:bfb5c04a6ee1a14d5d3dd7a5d5d4a9a1',
  'a=ice-ufrag:c1d2e3f4',
  'a=mid:0',
  'a=setup:active',
  'a=sctp-port:5000',
  'a=max-message-size:1073741823',
)
