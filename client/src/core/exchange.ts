/**
 * Sync over one bound channel (rules XC): runs the sync machine, streams both ways, answers
 * questions. It lives as long as the channel; a new channel gets a new exchange, which starts from
 * what the store says and remembers nothing of the old one.
 */
import { type Bytes, compareBytes, toBase64url } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { type DeviceId, idBytes, type LogId, type SessionId } from '@baton/shared/ids'
import { frontierDigest } from '@baton/shared/log/frontier'
import type { Sha256 } from '@baton/shared/primitives'
import {
  createSync,
  logRef,
  type SyncEffect,
  type SyncInput,
  type SyncView,
} from '@baton/shared/protocol/sync'
import { parseSync, type SyncMessage } from '@baton/shared/protocol/sync-messages'
import type { Acks } from './acks.ts'
import { createAsking, type OnAsk } from './asking.ts'
import { createIncoming } from './exchange-in.ts'
import { createOutgoing } from './exchange-out.ts'
import type { Channel } from './ports/channel.ts'
import type { Clock, Deflate, Trace } from './ports/platform.ts'
import type { Repository } from './repo/repository.ts'

export interface ExchangePorts {
  readonly channel: Channel
  readonly repository: Repository
  readonly acks: Acks
  readonly deflate: Deflate
  readonly sha256: Sha256
  readonly clock: Clock
  readonly trace: Trace
  /** This side has the smaller key. */
  readonly offers: boolean
  /** Sessions that this device and the peer both may hold. */
  shared(): readonly SessionId[]
  knows(device: DeviceId): boolean
  accepts(session: SessionId): boolean
  readonly onAsk: OnAsk
  /** Both hold the same, or no longer. */
  onSettled(settled: boolean): void
  /** The peer acknowledged more as durable. */
  onAcked(session: SessionId): void
}

export interface Exchange {
  /** Asks the peer; rejects with the peer's own code, `link-closed` or `timeout`. */
  ask(method: string, body: Bytes, timeoutMs: number): Promise<Bytes>
  /** A session has more than before, or became shared. */
  grew(session: SessionId): void
  readonly sent: { readonly raw: number; readonly wire: number }
  readonly received: { readonly raw: number }
}

const idleCheckMs = 15_000

export function startExchange(ports: ExchangePorts): Exchange {
  const { channel, repository, acks } = ports
  let closed = false
  let stopIdle = () => {}

  function fail(error: unknown): void {
    if (closed) return
    const code = isBatonError(error) ? error.code : 'invalid'
    if (code !== 'link-closed') ports.trace('exchange-failed', { code })
    void channel.close(code)
  }

  const outgoing = createOutgoing({
    channel,
    repository,
    deflate: ports.deflate,
    acked: (log) => acks.get(log),
    failed: fail,
  })
  const machine = createSync(viewOf(ports), ports.offers)
  const asking = createAsking(ports.clock, outgoing.say, ports.onAsk)

  const incoming = createIncoming({
    repository,
    deflate: ports.deflate,
    knows: ports.knows,
    accepts: ports.accepts,
    resolve: (ref) => logOf(ports, ref),
    durable: (session, logs) => step({ kind: 'durable', session, logs }),
    gap: (session, log, have) => step({ kind: 'gap', session, log, have }),
    missing: (session, hash, have) => step({ kind: 'missing-blob', session, hash, have }),
    failed: fail,
  })

  function step(input: SyncInput): void {
    if (closed) return
    for (const effect of machine(input)) run(effect)
  }

  function run(effect: SyncEffect): void {
    switch (effect.kind) {
      case 'send':
        outgoing.say(effect.form)
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
        ports.onAcked(effect.session)
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
      case 'batch':
      case 'blob':
        return incoming.take(message)
      case 'pushed':
        return incoming.after(() => step({ kind: 'message', message }))
      case 'ask':
        return asking.onAsk(message.form)
      case 'answer':
      case 'refuse':
        return asking.onAnswer(message)
      default:
        return step({ kind: 'message', message })
    }
  }

  function armIdle(): void {
    stopIdle()
    stopIdle = ports.clock.after(idleCheckMs, () => {
      step({ kind: 'idle' })
      armIdle()
    })
  }

  channel.onClose(() => {
    closed = true
    stopIdle()
    asking.close()
  })
  channel.receive(async (_lane, bytes) => {
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
  armIdle()

  return {
    ask: asking.ask,
    grew: (session) => step({ kind: 'grew', session }),
    sent: outgoing.sent,
    received: incoming.received,
  }
}

function viewOf(ports: ExchangePorts): SyncView {
  const { repository, sha256 } = ports
  const full = (session: SessionId): Bytes =>
    frontierDigest(
      sha256,
      repository.heads(session).map((head) => [head.log, head] as const),
    )
  return {
    sessions: ports.shared,
    heads: (session) =>
      repository.heads(session).map(({ log, seq, hash }) => ({ log, seq, h: hash })),
    sessionDigest: (session) => full(session).slice(0, 8),
    digest: () => {
      const sessions = ports
        .shared()
        .filter((session) => repository.heads(session).length > 0)
        .map((session) => [idBytes(session), full(session)] as const)
        .sort(([a], [b]) => compareBytes(a, b))
      return sha256(...sessions.flat()).slice(0, 8)
    },
    acked: (log) => ports.acks.get(log),
  }
}

/** Exactly one log between the two may have the reference; otherwise nothing is assumed. */
function logOf(ports: ExchangePorts, ref: Bytes): LogId | undefined {
  const wanted = toBase64url(ref)
  const found = ports
    .shared()
    .flatMap((session) => ports.repository.heads(session))
    .filter(({ log }) => toBase64url(logRef(log)) === wanted)
  return found.length === 1 ? found[0]?.log : undefined
}
