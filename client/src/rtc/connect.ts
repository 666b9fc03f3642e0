/**
 * One attempt to reach a peer: from the first signal to an open FramePipe, and ICE restarts after
 * that. Rules RT5, RT7, RT10 to RT12, RT15 to RT17. It knows neither how signals travel nor what the frames mean.
 */

import { equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { checkSdp } from '@baton/shared/protocol/sdp'
import type { Signal } from '@baton/shared/protocol/signal'
import type { ChannelFacts, IceSettings } from '../core/ports/channel.ts'
import type { FramePipe } from '../core/ports/pipe.ts'
import type { Clock, Trace } from '../core/ports/platform.ts'
import { noPath } from './diagnose.ts'
import { createSignalGuard } from './guard.ts'
import { configuration, isHopeless } from './ice.ts'
import { measurePath, measureRemote } from './measure.ts'
import { createOutbox } from './outbox.ts'
import { createPeer, type Description, type Peer, type WebRtc } from './peer.ts'
import { adoptChannels, nativeMaxMessageBytes, type OpenPipe } from './pipe.ts'

/** From the call to the first description of the peer. */
export const answerMs = 20_000
/** From the peer's description to open channels: libwebrtc itself gives up after 15 to 20 s. */
export const pathMs = 18_000
/** The answerer's wish for an ICE restart is heard at most this often. */
const restartEveryMs = 2_000
const maxForeignChannels = 4

export interface ConnectOptions {
  readonly initiator: boolean
  readonly ice: IceSettings
  /** Undefined: the browser's own. */
  readonly webrtc: WebRtc | undefined
  readonly clock: Clock
  readonly trace?: Trace
  signal(signal: Signal): void
}

export interface Connecting {
  /** Rejects with `no-path`, `no-answer` or `cancelled`. */
  readonly pipe: Promise<FramePipe>
  /** A signal of the peer, before and after the pipe opened; never throws. */
  accept(signal: unknown): void
  /** The networks of this device changed: an open connection looks for another path now. */
  reroute(): void
  /** Gives up, or closes what opened. */
  cancel(reason: string): void
}

/** Never throws: what goes wrong at once rejects `pipe`. */
export function connect(options: ConnectOptions): Connecting {
  try {
    if (isHopeless(options.ice)) throw noPath('no way is allowed', emptyAttempt(options.ice))
    return attempt(options)
  } catch (error) {
    const pipe = Promise.reject(error)
    pipe.catch(() => {})
    return { pipe, accept: () => {}, reroute: () => {}, cancel: () => {} }
  }
}

function attempt(options: ConnectOptions): Connecting {
  const { initiator, ice, clock } = options
  const { promise, resolve, reject } = withResolvers<FramePipe>()
  const relays = ice.policy !== 'direct'
  const guard = createSignalGuard({ initiator, relays })
  const outbox = createOutbox({ clock, relays, signal: options.signal })
  const serverErrors = new Set<number>()
  let local: ReturnType<typeof checkSdp> | undefined
  let opening = false
  let opened: OpenPipe | undefined
  let failure: BatonError | undefined
  let path: ChannelFacts['path'] = 'unknown'
  let lastRestart = Number.NEGATIVE_INFINITY
  let foreign = 0
  let over = false

  const tried = () => ({ ice, local: outbox.sent, remote: guard.taken, serverErrors })
  const fail = (error: BatonError): void => {
    failure ??= error
    peer.destroy()
  }
  const noAnswer = () =>
    fail(
      new BatonError('no-answer', 'failed to connect: the other device did not answer', {
        hint: 'see that Baton runs there and can reach its signaling server',
      }),
    )
  const outOfTime = () => fail(noPath('no path within 18 s', tried()))

  const peer: Peer = createPeer({
    initiator,
    webrtc: options.webrtc,
    config: configuration(ice),
    describe(description) {
      local = checkSdp(description.sdp)
      outbox.describe(description)
      guard.described()
    },
    candidate: outbox.candidate,
    unusable: () => options.trace?.('rtc.candidate-unusable'),
    closed(reason) {
      over = true
      cancelTimer()
      outbox.close()
      peer.connection.ondatachannel = null
      for (const [event, listener] of listeners) {
        peer.connection.removeEventListener(event, listener)
      }
      reject(failure ?? noPath(ends[reason] ?? 'the connection failed', tried()))
      channels.ended(failure?.message ?? reason)
      options.trace?.('rtc.closed', { reason, ok: opened !== undefined, count: guard.dropped })
    },
  })
  let cancelTimer = clock.after(answerMs, noAnswer)
  const channels = adoptChannels(peer.channels, () => void open(), refuse)
  peer.connection.ondatachannel = ({ channel }) => {
    channel.close()
    if (++foreign >= maxForeignChannels) refuse('channels nobody agreed on')
  }
  const listeners: readonly (readonly [string, (event: Event) => void])[] = [
    ['icecandidateerror', (event) => serverErrors.add(errorCode(event))],
    ['iceconnectionstatechange', () => opened && void measure()],
  ]
  for (const [event, listener] of listeners) peer.connection.addEventListener(event, listener)

  function refuse(why: string): void {
    fail(new BatonError('link-limit', `failed to go on: the peer sent ${why}`))
  }

  async function open(): Promise<void> {
    const { remote } = guard
    if (opening || over || !remote || !local) return
    opening = true
    const measured = (await measureRemote(peer.connection)) ?? remote.fingerprint
    if (over) return
    if (!equalBytes(measured, remote.fingerprint)) {
      return fail(new BatonError('bind-failed', 'failed to connect: not the certificate announced'))
    }
    await measure()
    if (over) return
    cancelTimer()
    opened = channels.finish({
      fingerprints: { local: local.fingerprint, remote: measured },
      maxMessageBytes: Math.min(remote.maxMessageBytes, nativeMaxMessageBytes),
      path: () => path,
      restart,
      close: (reason) => fail(new BatonError('link-closed', reason)),
    })
    options.trace?.('rtc.open', { path, count: guard.dropped })
    resolve(opened.pipe)
  }

  async function measure(): Promise<void> {
    path = await measurePath(peer.connection, guard.refusedRelays)
    if (path === 'relayed' && ice.policy === 'direct' && !over) {
      fail(noPath('only a relayed path was found', tried()))
    }
  }

  function restart(): void {
    if (over) return
    if (!initiator) {
      options.signal({ type: 'restart' })
      return
    }
    if (clock.monotonic() - lastRestart < restartEveryMs) return
    lastRestart = clock.monotonic()
    if (peer.connection.signalingState === 'stable') peer.restartIce()
    else outbox.repeat()
    options.trace?.('rtc.restart')
  }

  function accept(signal: unknown): void {
    if (over || failure) return
    for (const admitted of guard.receive(signal)) {
      if (admitted.kind === 'description') describe(admitted.description)
      else if (admitted.kind === 'candidate') peer.addCandidate(admitted.candidate)
      else if (admitted.kind === 'restart') restart()
      else outbox.repeat()
    }
  }

  function describe(description: Description): void {
    peer.accept(description)
    if (opened) return
    cancelTimer()
    cancelTimer = clock.after(pathMs, outOfTime)
  }

  if (channels.isOpen()) void open()
  return {
    pipe: promise,
    accept,
    reroute() {
      if (opened) restart()
    },
    cancel: (reason) => fail(new BatonError('cancelled', `stopped connecting: ${reason}`)),
  }
}

const ends: Readonly<Record<string, string>> = {
  lost: 'no path between the devices',
  closed: 'the connection closed while it opened',
}

const errorCode = (event: Event) => (event as RTCPeerConnectionIceErrorEvent).errorCode

const emptyAttempt = (ice: IceSettings) => ({
  ice,
  local: new Map(),
  remote: new Map(),
  serverErrors: new Set<number>(),
})

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: Error) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Whoever dials may cancel without ever looking at the promise.
  promise.catch(() => {})
  return { promise, resolve, reject }
}
