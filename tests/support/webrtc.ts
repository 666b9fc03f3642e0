/**
 * A peer connection that only keeps books: what was set, added and created, and events a test fires
 * by hand. simple-peer runs on it unchanged.
 */
import type { WebRtc } from '@baton/client/rtc/peer'
import { nodeOffer } from './sdp.ts'

type Handler = ((event: unknown) => void) | null

export class FakeChannel {
  readyState = 'connecting'
  binaryType = 'blob'
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []
  onopen: Handler = null
  onmessage: Handler = null
  onclose: Handler = null
  onerror: Handler = null
  onbufferedamountlow: Handler = null
  readonly label: string
  readonly init: RTCDataChannelInit
  /** Only browsers have it: set before the channel is handed out. */
  bufferedAmountLowThreshold?: number

  constructor(label: string, init: RTCDataChannelInit) {
    this.label = label
    this.init = init
  }

  send(message: Uint8Array): void {
    if (this.readyState !== 'open') throw new Error('InvalidStateError')
    this.sent.push(message.slice())
  }

  open(): void {
    this.readyState = 'open'
    this.onopen?.({})
  }

  arrive(data: unknown): void {
    this.onmessage?.({ data })
  }

  close(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    queueMicrotask(() => this.onclose?.({}))
  }
}

export class FakeConnection extends EventTarget {
  readonly config: RTCConfiguration
  readonly channels: FakeChannel[] = []
  readonly added: { candidate: string }[] = []
  readonly offers: (RTCOfferOptions | undefined)[] = []
  signalingState = 'stable'
  iceConnectionState = 'new'
  iceGatheringState = 'new'
  connectionState = 'new'
  localDescription: RTCSessionDescriptionInit | null = null
  remoteDescription: RTCSessionDescriptionInit | null = null
  remotes = 0
  closed = 0
  /** What getStats answers; the certificate is taken from `certificate`. */
  stats = new Map<string, object>()
  certificate: ArrayBuffer | undefined
  refuseCandidates = false
  onicecandidate: Handler = null
  onsignalingstatechange: Handler = null
  oniceconnectionstatechange: Handler = null
  onconnectionstatechange: Handler = null
  ondatachannel: Handler = null

  constructor(config: RTCConfiguration) {
    super()
    this.config = config
  }

  get sctp() {
    const { certificate } = this
    return certificate && { transport: { getRemoteCertificates: () => [certificate] } }
  }

  createDataChannel(label: string, init: RTCDataChannelInit): FakeChannel {
    const channel = new FakeChannel(label, init)
    this.channels.push(channel)
    return channel
  }

  async createOffer(options?: RTCOfferOptions) {
    this.offers.push(options)
    return { type: 'offer', sdp: nodeOffer.replace('3Cg4', `loc${this.offers.length}`) }
  }

  async createAnswer() {
    return { type: 'answer', sdp: nodeOffer.replace('3Cg4', `ans${this.remotes}`) }
  }

  async setLocalDescription(description: RTCSessionDescriptionInit) {
    this.localDescription = description
    this.signal(description.type === 'offer' ? 'have-local-offer' : 'stable')
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit) {
    this.remotes++
    this.remoteDescription = description
    this.signal(description.type === 'offer' ? 'have-remote-offer' : 'stable')
  }

  async addIceCandidate(candidate: { candidate: string }) {
    if (this.refuseCandidates) throw new Error('refused')
    this.added.push(candidate)
  }

  async getStats() {
    return this.stats
  }

  gather(candidate: string): void {
    this.onicecandidate?.({ candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } })
  }

  ice(state: string): void {
    this.iceConnectionState = state
    this.oniceconnectionstatechange?.({})
    this.dispatchEvent(new Event('iceconnectionstatechange'))
  }

  close(): void {
    this.closed++
    for (const channel of this.channels) channel.close()
  }

  private signal(state: string): void {
    this.signalingState = state
    this.onsignalingstatechange?.({})
  }
}

export interface FakeWebRtc extends WebRtc {
  readonly connections: FakeConnection[]
}

/** `browser`: the channels have the threshold of `bufferedamountlow`. */
export function createFakeWebRtc(options: { readonly browser?: boolean } = {}): FakeWebRtc {
  const connections: FakeConnection[] = []
  class RTCPeerConnection extends FakeConnection {
    constructor(config: RTCConfiguration) {
      super(config)
      connections.push(this)
    }

    override createDataChannel(label: string, init: RTCDataChannelInit): FakeChannel {
      const channel = super.createDataChannel(label, init)
      if (options.browser) channel.bufferedAmountLowThreshold = 0
      return channel
    }
  }
  class Description {
    readonly type: string
    readonly sdp: string
    constructor({ type, sdp }: { type: string; sdp: string }) {
      this.type = type
      this.sdp = sdp
    }
  }
  class Candidate {
    readonly candidate: string
    constructor({ candidate }: { candidate: string }) {
      this.candidate = candidate
    }
  }
  return {
    connections,
    RTCPeerConnection,
    RTCSessionDescription: Description,
    RTCIceCandidate: Candidate,
  }
}
