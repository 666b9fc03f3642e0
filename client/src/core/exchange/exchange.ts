/**
 * Sync over one bound channel (rules XC): runs the sync machine, streams both ways, answers
 * questions. It lives as long as the channel; a new channel gets a new exchange, which starts from
 * what the store says and remembers nothing of the old one.
 */
import type { Bytes } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { type DeviceId, type SessionId, splitLogId } from '@baton/shared/ids'
import type { Primitives } from '@baton/shared/primitives'
import { createSync } from '@baton/shared/protocol/sync'
import type { SyncEffect, SyncInput } from '@baton/shared/protocol/sync-effects'
import { parseSync, type SyncMessage, syncTypes } from '@baton/shared/protocol/sync-messages'
import type { AheadChannel, AheadLink } from '../ahead/link.ts'
import { traceFault } from '../fault.ts'
import type { Channel } from '../ports/channel.ts'
import type { Clock, Deflate, Trace } from '../ports/platform.ts'
import type { PresenceChannel, PresenceLink } from '../presence.ts'
import type { Repository } from '../repo/repository.ts'
import type { Acks } from './acks.ts'
import { createAsking, type OnAsk } from './asking.ts'
import { type Carrying, createIncoming } from './incoming.ts'
import { createOutgoing } from './outgoing.ts'
import { createPeerTrouble } from './peer-trouble.ts'
import { viewOf } from './view.ts'

/** Why a device stores nothing for now: its own word, or what it heard from the peer. */
export type StoreTrouble = 'store-full' | 'store-readonly'

export interface ExchangePorts {
  readonly channel: Channel
  readonly repository: Repository
  readonly acks: Acks
  readonly deflate: Deflate
  readonly primitives: Primitives
  readonly clock: Clock
  readonly trace: Trace
  /** This side has the smaller key. */
  readonly offers: boolean
  /** Sessions that this device and the peer both may hold; the roster first. */
  shared(): readonly SessionId[]
  shares(session: SessionId): boolean
  /** Whose entries of a session are taken. */
  knows(device: DeviceId, session: SessionId): boolean
  accepts(session: SessionId, author: DeviceId): boolean
  readonly onAsk: OnAsk
  /** Text ahead of signed pieces; undefined with a peer that does not know it. */
  readonly ahead: ((channel: AheadChannel) => AheadLink) | undefined
  /** Where devices are active; undefined with a peer that does not know it. */
  readonly presence: ((channel: PresenceChannel) => PresenceLink) | undefined
  /** Both hold the same, or no longer. */
  onSettled(settled: boolean): void
  /** The peer acknowledged more as durable. */
  onAcked(session: SessionId): void
  /** The disk of `whose` takes nothing, or again takes something (undefined). */
  onTrouble(whose: 'own' | 'peer', code: StoreTrouble | undefined): void
}

export interface Exchange {
  /** Asks the peer; rejects with the peer's own code, `link-closed` or `timeout`. */
  ask(method: string, body: Bytes, timeoutMs: number): Promise<Bytes>
  /** A session has more than before, or became shared. */
  grew(session: SessionId): void
  /** Who is known, or who may hold what, changed. */
  reconsider(): void
  readonly sent: { readonly raw: number; readonly wire: number }
  readonly received: { readonly raw: number; readonly announced: number }
}

const idleCheckMs = 15_000
const troubles: readonly (StoreTrouble | undefined)[] = [undefined, 'store-full', 'store-readonly']

export function startExchange(ports: ExchangePorts): Exchange {
  const { channel, repository, acks, trace } = ports
  const view = viewOf(ports)
  let closed = false
  let failed = false
  let stopIdle = () => {}
  /** Messages of either side since the last look. */
  let moved = 0
  /** Live deltas of the peer's greeting: still to come, and come but not written. */
  let greeting: { left: number; storing: number } | undefined

  function fail(error: unknown): void {
    // All that waits in line fails behind the first.
    if (closed || failed) return
    failed = true
    const code = isBatonError(error) ? error.code : 'invalid'
    if (code !== 'link-closed') traceFault(trace, 'exchange.failed', error)
    void channel.close(code)
  }

  const outgoing = createOutgoing({
    channel,
    repository,
    deflate: ports.deflate,
    acked: (log) => acks.get(log),
    name: repository.name,
    withoutText: (delta) => ahead?.withoutText(delta, repository.name(delta.log)),
    failed: fail,
  })
  const machine = createSync(view, ports.offers)
  const asking = createAsking({
    clock: ports.clock,
    trace,
    say: outgoing.say,
    answer: ports.onAsk,
  })
  const ahead = ports.ahead?.({ channel, say: outgoing.say, shares: ports.shares })
  const presence = ports.presence?.({ channel, say: outgoing.say, shares: ports.shares })
  const incoming = createIncoming({
    ...ports,
    resolve: view.resolve,
    withText: (form) => ahead?.withText(form),
    given: (log, seq) => step({ kind: 'given', log, seq }),
    durable: (logs) => step({ kind: 'durable', logs }),
    gap: (log, have) => step({ kind: 'gap', log, have }),
    missing: (hash, have) => step({ kind: 'missing-blob', hash, have }),
    retry: (sessions) => step({ kind: 'retry', sessions }),
    trouble(code) {
      if (code) trace('exchange.disk', { error: code })
      outgoing.say([syncTypes.trouble, troubles.indexOf(code)])
      ports.onTrouble('own', code)
    },
    refused: () => trace('exchange.refused', { error: 'bad-signature' }),
    suspect: (log) => step({ kind: 'suspect', log }),
    failed: fail,
  })
  const peerTrouble = createPeerTrouble<StoreTrouble>(ports.clock, (code) =>
    ports.onTrouble('peer', code),
  )
  const offFork = repository.onFork((log) =>
    step({ kind: 'forked', log, from: incoming.isTold(log) }),
  )
  const offBlob = repository.onBlob((hash) => outgoing.blobDone(hash))
  // Nobody gave it, and both may be equal by it.
  const offDropped = repository.onDropped((log) => {
    const { session } = splitLogId(log)
    if (ports.shares(session)) incoming.confirm(session)
  })

  function step(input: SyncInput): void {
    if (closed) return
    for (const effect of machine(input)) run(effect)
  }

  function run(effect: SyncEffect): void {
    moved += 1
    switch (effect.kind) {
      case 'send':
        outgoing.say(effect.form)
        break
      case 'greet':
        outgoing.greet(effect.digest, effect.pushes)
        break
      case 'push':
        outgoing.push(effect)
        break
      case 'push-blob':
        outgoing.blob(effect.hash, effect.offset)
        break
      case 'pushed':
        outgoing.pushed()
        break
      case 'acked':
        acks.set(effect.log, effect.durable)
        ports.onAcked(splitLogId(effect.log).session)
        break
      case 'tell-fork':
        outgoing.fork(effect.log)
        break
      case 'compare':
        incoming.compare(effect.log)
        break
      case 'confirm':
        incoming.confirm(effect.session)
        break
      case 'settled':
        ports.onSettled(effect.settled)
        break
    }
  }

  function receive(message: SyncMessage): void | Promise<void> {
    switch (message.kind) {
      case 'delta':
      case 'shortDelta':
        return greeted(incoming.take(message))
      case 'aheadDelta':
      case 'batch':
      case 'runs':
      case 'blob':
      case 'snapshot':
        return incoming.take(message satisfies Carrying)
      case 'hello':
        step({ kind: 'message', message })
        return onHello(message.form[2])
      case 'pushed':
        return incoming.after(() => step({ kind: 'greeted' }))
      case 'fork':
        return incoming.takeFork(message.form)
      case 'trouble':
        return peerTrouble.said(troubles[message.form[1]])
      case 'ask':
        return asking.onAsk(message.form)
      case 'answer':
      case 'refuse':
        return asking.onAnswer(message)
      case 'aheadBegin':
      case 'ahead':
      case 'aheadHeard':
        return ahead?.take(message)
      case 'presence':
        return presence?.take(message.form)
      case 'vector': {
        // What it says of logs it says knowing of the forks that it told before.
        const taking = incoming.forksTaken()
        if (taking) return taking.then(() => onWord(message))
        return onWord(message)
      }
      case 'ack':
        return onWord(message)
      default:
        return step({ kind: 'message', message })
    }
  }

  function onWord(message: SyncMessage): Promise<void> {
    step({ kind: 'message', message })
    // What it says it holds goes to the disk, and a peer may say it over and over.
    return acks.written()
  }

  /** `live`: how many deltas follow on the live lane, or null when PUSHED comes on the other. */
  function onHello(live: number | null): void {
    if (live === 0) step({ kind: 'greeted' })
    else if (live !== null) greeting = { left: live, storing: 0 }
  }

  function greeted(storing: Promise<void>): Promise<void> {
    if (greeting === undefined) return storing
    const mine = greeting
    mine.left -= 1
    mine.storing += 1
    if (mine.left === 0) greeting = undefined
    return storing.then(() => {
      mine.storing -= 1
      if (mine.left === 0 && mine.storing === 0) step({ kind: 'greeted' })
    })
  }

  function armIdle(): void {
    stopIdle()
    stopIdle = ports.clock.after(idleCheckMs, () => {
      if (moved === 0) step({ kind: 'idle' })
      moved = 0
      armIdle()
    })
  }

  channel.onClose(() => {
    closed = true
    stopIdle()
    offFork()
    offBlob()
    offDropped()
    incoming.close()
    asking.close()
    peerTrouble.close()
  })
  channel.receive(async (_lane, bytes) => {
    moved += 1
    try {
      const message = parseSync(bytes)
      if (message) await receive(message)
    } catch (error) {
      // The channel ends by it, too; only here is it known why.
      fail(error)
      throw error
    }
  })
  step({ kind: 'open' })
  if (!closed) armIdle()

  return {
    ask: asking.ask,
    grew: (session) => step({ kind: 'grew', session }),
    reconsider: incoming.reconsider,
    sent: outgoing.sent,
    received: incoming.received,
  }
}
