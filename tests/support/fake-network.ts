/**
 * Connections without WebRTC: the double for the Dialer port. An offer names its connection in its
 * `o=` line and carries a certificate fingerprint, as a real one does; two ends meet when each was
 * given what the other said. What simple-peer would die of is counted, never tolerated in silence.
 */
import type { Call, Channel, Dialer, Dialing } from '@baton/client/core/ports/channel'
import type { Clock } from '@baton/client/core/ports/platform'
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { checkSdp } from '@baton/shared/protocol/sdp'
import type { Signal } from '@baton/shared/protocol/signal'
import { type ChannelPair, createChannelPair } from './channel-pair.ts'
import { nodeOffer } from './sdp.ts'

export interface FakeNetwork {
  dialer(): Dialer
  /** Signals that a real peer connection would have died of. */
  readonly deaths: readonly string[]
  /** Every call, in order, with the signals that reached it. */
  readonly dialled: readonly { readonly call: Call; readonly got: readonly Signal[] }[]
  /** Connections that opened, in order; closed ones stay. */
  readonly pairs: readonly ChannelPair[]
  /** Calls that were started, by who offers. */
  readonly calls: { initiator: number; answerer: number }
  /** While false, nothing connects. */
  reachable: boolean
  /** What each end measures when a machine in the middle ends DTLS on both legs. */
  middle: boolean
}

interface End {
  readonly call: Call
  readonly fingerprint: Bytes
  readonly open: (channel: Channel) => void
  /** What it was told of the other end's certificate. */
  told: Bytes | undefined
}

const attemptMs = 45_000

export function createFakeNetwork(clock: Clock): FakeNetwork {
  const deaths: string[] = []
  const pairs: ChannelPair[] = []
  const dialled: { readonly call: Call; readonly got: Signal[] }[] = []
  const offers = new Map<string, End>()
  const answers = new Map<string, End>()
  let made = 0
  const network: FakeNetwork = {
    dialer,
    deaths,
    dialled,
    pairs,
    calls: { initiator: 0, answerer: 0 },
    reachable: true,
    middle: false,
  }

  function connect(offerer: End, answerer: End): void {
    const matches =
      equalBytes(offerer.told ?? new Uint8Array(), answerer.fingerprint) &&
      equalBytes(answerer.told ?? new Uint8Array(), offerer.fingerprint)
    if (!network.reachable || !matches) return
    const middle = new Uint8Array(32).fill(0xee)
    const remoteOf = (end: End) => (network.middle ? middle : end.fingerprint)
    const pair = createChannelPair({
      auto: true,
      fingerprints: {
        alice: { local: offerer.fingerprint, remote: remoteOf(answerer) },
        bob: { local: answerer.fingerprint, remote: remoteOf(offerer) },
      },
    })
    pairs.push(pair)
    offerer.open(pair.alice)
    answerer.open(pair.bob)
  }

  function dialer(): Dialer {
    const running = new Set<(reason: string) => void>()

    function dial(call: Call): Dialing {
      const id = String(++made)
      network.calls[call.initiator ? 'initiator' : 'answerer'] += 1
      const got: Signal[] = []
      dialled.push({ call, got })
      let state: 'new' | 'offered' | 'answered' | 'over' = 'new'
      let cancel: (reason: string) => void = () => {}
      let self: End | undefined
      const channel = new Promise<Channel>((resolve, reject) => {
        const stop = clock.after(attemptMs, () => cancel('no path'))
        cancel = (reason) => {
          if (state === 'over') return
          state = 'over'
          stop()
          running.delete(cancel)
          offers.delete(id)
          reject(new BatonError('no-path', `failed to connect: ${reason}`))
        }
        const open = (opened: Channel) => {
          stop()
          running.delete(cancel)
          resolve(opened)
        }
        self = { call, fingerprint: fingerprintOf(made), open, told: undefined }
      })
      channel.catch(() => {})
      running.add(cancel)
      const end = self as unknown as End

      if (call.initiator) {
        offers.set(id, end)
        void Promise.resolve().then(() => {
          if (state !== 'new') return
          state = 'offered'
          call.signal({ type: 'offer', sdp: sdpOf(id, end.fingerprint) })
          call.signal({ type: 'candidates', list: [candidate] })
        })
      }

      function accept(signal: Signal): void {
        if (state === 'over') return
        got.push(signal)
        if (signal.type === 'offer') {
          if (call.initiator || state !== 'new') {
            deaths.push('offer out of place')
            return
          }
          state = 'answered'
          const offerId = idOf(signal.sdp)
          end.told = checkSdp(signal.sdp).fingerprint
          call.signal({ type: 'answer', sdp: sdpOf(offerId, end.fingerprint) })
          answers.set(offerId, end)
        } else if (signal.type === 'answer') {
          if (!call.initiator || state !== 'offered') {
            deaths.push('answer out of place')
            return
          }
          state = 'answered'
          end.told = checkSdp(signal.sdp).fingerprint
          const answerer = answers.get(idOf(signal.sdp))
          if (answerer) connect(end, answerer)
        }
        // Candidates may come before any description: a Dialer keeps them (rule RT6).
      }
      return { channel, accept, cancel: (reason) => cancel(reason) }
    }

    return {
      dial,
      async close() {
        for (const cancel of [...running]) cancel('the dialer closed')
      },
    }
  }

  return network
}

const candidate = {
  candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
}

const fingerprintOf = (n: number): Bytes => {
  const out = new Uint8Array(32).fill(0x5a)
  new DataView(out.buffer).setUint32(0, n)
  return out
}

/** A description of connection `id` with the given certificate. */
export function sdpOf(id: string, fingerprint: Bytes): string {
  const colons = (toHex(fingerprint).toUpperCase().match(/../g) ?? []).join(':')
  return nodeOffer
    .replace(/^o=- \d+/m, `o=- ${id}`)
    .replace(/^(a=fingerprint:sha-256 ).*$/m, `$1${colons}`)
}

const idOf = (sdp: string): string => /^o=- (\d+)/m.exec(sdp)?.[1] ?? ''
