/** An attempt on the connection of webrtc.ts, and its way to an open pipe. */
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { IceSettings } from '@baton/client/core/ports/channel'
import type { FramePipe } from '@baton/client/core/ports/pipe'
import { connect } from '@baton/client/rtc/connect'
import type { Signal } from '@baton/shared/protocol/signal'
import { createManualClock } from './manual-clock.ts'
import { nodeOffer } from './sdp.ts'
import { createFakeWebRtc, type FakeConnection } from './webrtc.ts'

const certificate = Uint8Array.from([1, 2, 3, 4]).buffer
export const certificatePrint = createHash('sha256').update(Buffer.from(certificate)).digest('hex')
const colons = (certificatePrint.match(/../g) ?? []).join(':').toUpperCase()
export const certificateLine = `a=fingerprint:sha-256 ${colons}`
export const auto: IceSettings = { servers: [], policy: 'auto' }

export const remoteSdp = (ufrag = 'peer') =>
  nodeOffer.replace('3Cg4', ufrag).replace(/a=fingerprint.*\r/, `${certificateLine}\r`)

export interface AttemptOptions {
  readonly initiator?: boolean
  readonly ice?: IceSettings
  readonly browser?: boolean
}

export async function startAttempt(options: AttemptOptions = {}) {
  const { initiator = true, ice = auto, browser = false } = options
  const clock = createManualClock()
  const webrtc = createFakeWebRtc({ browser })
  const signals: Signal[] = []
  const attempt = connect({ initiator, ice, webrtc, clock, signal: (each) => signals.push(each) })
  await turns()
  const connection = webrtc.connections[0] as FakeConnection
  if (connection) connection.certificate = certificate
  return { clock, webrtc, signals, attempt, connection }
}

/**
 * simple-peer takes a timer of 0 ms before each offer, and microtasks before each close. Several
 * rounds: on a loaded machine a timer armed meanwhile is served only in the next.
 */
export async function turns(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    await turn()
  }
}

export async function openAttempt(options: AttemptOptions = {}) {
  const made = await startAttempt(options)
  const type = options.initiator === false ? 'offer' : 'answer'
  made.attempt.accept({ type, sdp: remoteSdp() })
  await turns()
  for (const channel of made.connection.channels) channel.open()
  const pipe = await made.attempt.pipe
  return { ...made, pipe }
}

export const outcome = (promise: Promise<FramePipe>) =>
  promise.then(
    () => 'open',
    (error: Error & { code?: string }) => `${error.code}`,
  )
