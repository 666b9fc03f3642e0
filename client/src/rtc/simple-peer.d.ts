/**
 * The part of simple-peer 9.11.1 that peer.ts uses, private members included: the published types
 * pull Node's globals into this layer and leave those members out.
 */
declare module 'simple-peer' {
  export interface Options {
    readonly initiator: boolean
    readonly trickle: true
    readonly config: RTCConfiguration
    readonly channelName: string
    readonly channelConfig: RTCDataChannelInit
    readonly wrtc?: object
  }
  class SimplePeer {
    constructor(options: Options)
    readonly destroyed: boolean
    offerOptions: RTCOfferOptions
    negotiate(): void
    signal(
      data: { type: 'offer' | 'answer'; sdp: string } | { candidate: RTCIceCandidateInit },
    ): void
    destroy(): void
    on(event: 'signal', handler: (data: Emitted) => void): void
    on(event: 'error', handler: (error: Error & { code?: string }) => void): void
    on(event: 'close' | 'negotiated', handler: () => void): void
    /** Undefined when the constructor of the peer connection threw. */
    readonly _pc: RTCPeerConnection | undefined | null
    readonly _channel: RTCDataChannel | undefined | null
    _iceCompleteTimer: ReturnType<typeof setTimeout> | null
    _isNegotiating: boolean
    _addIceCandidate(candidate: RTCIceCandidateInit): void
  }

  // biome-ignore lint/style/noDefaultExport: the package is CommonJS, and this is what it exports
  export { SimplePeer as default }

  type Emitted =
    | { readonly type: 'offer' | 'answer'; readonly sdp: string }
    | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit }
    | { readonly type: 'renegotiate' | 'transceiverRequest' }
}
