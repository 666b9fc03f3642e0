/**
 * One side of a transfer, forked by raw.ts: it opens a connection of the asked kind, sends or counts,
 * and tells times. `raw` is the native library alone, `stream` simple-peer's own stream, `link` our
 * link in this process, `host` the same behind its link host. It leaves by process.exit.
 */
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Channel, Dialer } from '@baton/client/core/ports/channel'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { createInProcessDialer } from '@baton/client/node/rtc/in-process-dialer'
import type SimplePeer from 'simple-peer'

export type Kind = 'raw' | 'stream' | 'link' | 'host'

export interface Job {
  readonly kind: Kind
  readonly role: 'sender' | 'receiver'
  readonly messageBytes: number
  /** raw only: bulk is sent while at most this much is buffered, and the rest is polled for. */
  readonly gateBytes: number
  /** raw only: how a closed gate is looked at again: every turn of the loop, or every n ms. */
  readonly pollMs: number
}

/** Between raw.ts and a side, and between the sides. */
export interface Message {
  readonly signal?: unknown
  /** To a side: count so many bytes; send so many; echo what comes; make so many round trips. */
  readonly count?: number
  readonly transfer?: number
  readonly reflect?: true
  readonly echo?: { readonly count: number; readonly pauseMs: number }
  /** From a side: open, with its processes; ready to count or echo; counted; round trips in ms. */
  readonly open?: number[]
  readonly counting?: true
  readonly done?: number
  readonly trips?: number[]
}

/** What both ends of any kind can do. */
interface Ends {
  send(message: Uint8Array): Promise<void> | undefined
  onMessage(handler: (message: Uint8Array) => void): void
  /** Processes whose time counts, this one included. */
  pids(): number[]
}

const require = createRequire(import.meta.url)
const job = JSON.parse(process.argv[2] ?? '{}') as Job
const initiator = job.role === 'sender'
const tell = (message: Message) => process.send?.(message)
const inbox: unknown[] = []
let deliver = (signal: unknown): void => void inbox.push(signal)

/** Signals that came before the kind was ready are kept. */
function onSignal(handler: (signal: never) => void): void {
  deliver = handler as typeof deliver
  for (const signal of inbox.splice(0)) deliver(signal)
}

async function openRaw(): Promise<Ends> {
  const { RTCPeerConnection } = require('@roamhq/wrtc') as {
    RTCPeerConnection: new (config: object) => RTCPeerConnection
  }
  const connection = new RTCPeerConnection({ iceServers: [] })
  const channel = connection.createDataChannel('raw', { negotiated: true, id: 0 })
  channel.binaryType = 'arraybuffer'
  const early: RTCIceCandidateInit[] = []
  connection.onicecandidate = ({ candidate }) => {
    if (!candidate?.candidate) return
    const { candidate: line, sdpMid, sdpMLineIndex } = candidate
    tell({ signal: { candidate: { candidate: line, sdpMid, sdpMLineIndex } } })
  }
  onSignal(async (signal: { sdp?: RTCSessionDescriptionInit; candidate?: RTCIceCandidateInit }) => {
    if (signal.sdp) {
      await connection.setRemoteDescription(signal.sdp)
      if (!initiator) await describe(await connection.createAnswer())
      for (const each of early.splice(0)) await connection.addIceCandidate(each)
    } else if (signal.candidate) {
      if (connection.remoteDescription) await connection.addIceCandidate(signal.candidate)
      else early.push(signal.candidate)
    }
  })
  const describe = async (description: RTCSessionDescriptionInit) => {
    await connection.setLocalDescription(description)
    tell({ signal: { sdp: { type: description.type, sdp: description.sdp } } })
  }
  if (initiator) await describe(await connection.createOffer())
  if (channel.readyState !== 'open') await new Promise((resolve) => (channel.onopen = resolve))
  const rest = () => new Promise((resolve) => setTimeout(resolve, job.pollMs))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return {
    async send(message) {
      while (channel.bufferedAmount > job.gateBytes) await (job.pollMs > 0 ? rest() : turn())
      channel.send(message as Uint8Array<ArrayBuffer>)
    },
    onMessage(handler) {
      channel.onmessage = ({ data }) => handler(new Uint8Array(data as ArrayBuffer))
    },
    pids: () => [process.pid],
  }
}

async function openStream(): Promise<Ends> {
  const Peer = require('simple-peer') as SimplePeer.SimplePeer
  const peer = new Peer({ initiator, wrtc: require('@roamhq/wrtc'), config: { iceServers: [] } })
  peer.on('signal', (signal) => tell({ signal }))
  onSignal((signal: SimplePeer.SignalData) => peer.signal(signal))
  await once(peer, 'connect')
  return {
    send: (message) => (peer.write(message) ? undefined : once(peer, 'drain').then(() => {})),
    onMessage: (handler) => void peer.on('data', handler),
    pids: () => [process.pid],
  }
}

async function openLink(dialer: Dialer & { readonly pid?: number | undefined }): Promise<Ends> {
  const dialing = dialer.dial({
    initiator,
    ice: { servers: [], policy: 'auto' },
    signal: (signal) => tell({ signal }),
  })
  onSignal(dialing.accept)
  const channel: Channel = await dialing.channel
  channel.admit()
  return {
    send: (message) => channel.send(message.length > 1_000 ? 'bulk' : 'live', message),
    onMessage: (handler) => channel.receive((_lane, message) => handler(message)),
    pids: () => [process.pid, ...(dialer.pid === undefined ? [] : [dialer.pid])],
  }
}

const opens: Record<Kind, () => Promise<Ends>> = {
  raw: openRaw,
  stream: openStream,
  link: () => openLink(createInProcessDialer()),
  host: () => openLink(createHostDialer()),
}

async function sendAll(ends: Ends, bytes: number): Promise<void> {
  const message = randomFillSync(new Uint8Array(job.messageBytes))
  for (let sent = 0; sent < bytes; sent += message.length) await ends.send(message)
}

/** Round trips of one small message, ms; `pauseMs` of rest before each. */
async function makeTrips(ends: Ends, count: number, pauseMs: number): Promise<number[]> {
  const trips: number[] = []
  const message = new Uint8Array(100)
  for (let trip = 0; trip < count; trip++) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    const started = performance.now()
    const back = new Promise<void>((resolve) => ends.onMessage(() => resolve()))
    await ends.send(message)
    await back
    trips.push(performance.now() - started)
  }
  return trips
}

let received = 0
let wanted = Number.POSITIVE_INFINITY
let echoing = false

const opening = opens[job.kind]()
process.on('message', (message: Message) => {
  if (message.signal !== undefined) deliver(message.signal)
  else void opening.then((ends) => run(ends, message))
})
process.on('disconnect', () => process.exit(0))

async function run(ends: Ends, { count, transfer, echo, reflect }: Message): Promise<void> {
  if (transfer !== undefined) await sendAll(ends, transfer)
  else if (echo !== undefined) tell({ trips: await makeTrips(ends, echo.count, echo.pauseMs) })
  else {
    received = 0
    wanted = count ?? Number.POSITIVE_INFINITY
    echoing = reflect === true
    tell({ counting: true })
  }
}

const ends = await opening
if (job.role === 'receiver') {
  ends.onMessage((message) => {
    if (echoing) void ends.send(message)
    received += message.length
    if (received < wanted) return
    wanted = Number.POSITIVE_INFINITY
    tell({ done: received })
  })
}
tell({ open: ends.pids() })
