/**
 * simple-peer behind one file: it negotiates, and nothing else. Both data channels are negotiated
 * ones whose events are taken from it, so its stream, its 150 ms pacing and its statistics never
 * run; a failing candidate never destroys it. Rules RT6, RT15. It knows no signal schema.
 */
import { BatonError } from '@baton/shared/errors'
import SimplePeer from 'simple-peer'

/** The WebRTC constructors of a platform that has no global ones. Opaque outside this layer. */
export interface WebRtc {
  readonly RTCPeerConnection: object
  readonly RTCSessionDescription: object
  readonly RTCIceCandidate: object
}

export interface Description {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

export interface PeerOptions {
  readonly initiator: boolean
  readonly webrtc: WebRtc | undefined
  readonly config: RTCConfiguration
  describe(description: Description): void
  candidate(candidate: RTCIceCandidateInit): void
  /** A candidate of the peer that the platform refused. */
  unusable(): void
  /** Runs once, after the connection is closed; `reason` is a word of ours, not the platform's. */
  closed(reason: string): void
}

export interface Peer {
  readonly connection: RTCPeerConnection
  /** 0: control and live, 1: bulk. Neither is open yet. */
  readonly channels: readonly [RTCDataChannel, RTCDataChannel]
  accept(description: Description): void
  addCandidate(candidate: string): void
  /** Initiator only: a new offer with new ICE credentials. */
  restartIce(): void
  destroy(): void
}

const ordered = (id: number): RTCDataChannelInit => ({ negotiated: true, id, ordered: true })

/** Throws `no-path` when the platform cannot make a peer connection. */
export function createPeer(options: PeerOptions): Peer {
  let reason = 'closed'
  const peer = new SimplePeer({
    initiator: options.initiator,
    trickle: true,
    config: options.config,
    channelName: 'control',
    channelConfig: ordered(0),
    ...(options.webrtc && { wrtc: options.webrtc }),
  })
  peer.on('error', (error) => {
    reason = reasons[error.code ?? ''] ?? 'failed'
  })
  const connection = peer._pc
  const control = peer._channel
  if (!connection || !control) {
    throw new BatonError('no-path', 'failed to connect: this platform made no peer connection')
  }
  const bulk = connection.createDataChannel('bulk', ordered(1))
  bulk.binaryType = 'arraybuffer'
  // Without its open event simple-peer never becomes `connected`: no statistics, no write pacing.
  control.onopen = null
  control.onmessage = null
  bulk.onclose = () => peer.destroy()
  bulk.onerror = () => peer.destroy()

  peer._addIceCandidate = (candidate) => {
    connection.addIceCandidate(candidate).catch(options.unusable)
  }
  peer.on('signal', (data) => {
    if (data.type === 'candidate') options.candidate(data.candidate)
    else if (data.type === 'offer' || data.type === 'answer') options.describe(data)
  })
  peer.on('negotiated', () => {
    peer.offerOptions = {}
  })
  peer.on('close', () => {
    // Left alone it holds a Node process for five seconds.
    if (peer._iceCompleteTimer) clearTimeout(peer._iceCompleteTimer)
    connection.onconnectionstatechange = null
    bulk.onopen = bulk.onmessage = bulk.onclose = bulk.onerror = null
    options.closed(reason)
  })

  return {
    connection,
    channels: [control, bulk],
    accept: (description) => peer.signal(description),
    // There is one media section, so its index says all that the peer's mid could.
    addCandidate: (candidate) => peer.signal({ candidate: { candidate, sdpMLineIndex: 0 } }),
    restartIce() {
      peer.offerOptions = { iceRestart: true }
      peer.negotiate()
    },
    destroy: () => peer.destroy(),
  }
}

const reasons: Readonly<Record<string, string>> = {
  ERR_ICE_CONNECTION_FAILURE: 'lost',
  ERR_CONNECTION_FAILURE: 'lost',
  ERR_ICE_CONNECTION_CLOSED: 'closed',
  ERR_DATA_CHANNEL: 'closed',
}
