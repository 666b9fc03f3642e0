/**
 * Runs the bind machine (shared/protocol/bind) over a fresh Channel: who is at the other end is
 * known when it resolves. Rules: BD. It dials nothing and stores nothing.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError, type ErrorCode } from '@baton/shared/errors'
import type { Verify } from '@baton/shared/primitives'
import {
  type BindEffect,
  type BindInput,
  bindDeadline,
  startBind,
  stepBind,
} from '@baton/shared/protocol/bind'
import type { Envelope } from '@baton/shared/protocol/envelope'
import type { Signal } from '@baton/shared/protocol/signal'
import { oldestVersion, ownCaps, protocolVersion } from '@baton/shared/protocol/version'
import type { FreshRandom } from '../fresh-random.ts'
import type { Channel, Dialing, Lane } from '../ports/channel.ts'
import type { Clock, Keyring } from '../ports/platform.ts'

/** A channel whose peer proved its device key. */
export interface BoundChannel {
  /** What arrives before `receive` is called is kept for it. */
  readonly channel: Channel
  /** The peer's Ed25519 key, 32 bytes. */
  readonly device: Bytes
  /** The lower of both protocol versions, and the peer's own. */
  readonly version: number
  readonly peerVersion: number
  /** Capability bits of both sides. */
  readonly caps: number
}

/** A bound channel with what carries its later signals; only openContact looks inside. */
export interface PairedLink {
  readonly bound: BoundChannel
  readonly dialing: Dialing
  /** Hands over the carrying of signals: where our own go from now on, and the seals so far. */
  takeOver(carry: (signal: Signal) => void): Envelope
}

export interface BindPorts {
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: FreshRandom
  readonly verify: Verify
}

export interface BindContext {
  /** The peer's Ed25519 key, known beforehand. */
  readonly peer: Bytes
  /** Hash of the pairing or of the attempt (32 bytes), and the attempt's id. */
  readonly hash: Bytes
  readonly attempt: Bytes
  /** The peer's version at the last contact, 0 for none. */
  readonly lastVersion: number
}

/**
 * Resolves once both ends have proven themselves. Rejects with `bind-failed`, `link-timeout`,
 * `link-limit`, `unsupported-version` or `link-closed`, and the channel is closed then.
 */
export function bindChannel(
  channel: Channel,
  context: BindContext,
  ports: BindPorts,
): Promise<BoundChannel> {
  const { keyring, clock, random, verify } = ports
  const inbox = createInbox()

  return new Promise((resolve, reject) => {
    let over = false
    let cancelTimer = () => {}
    const begun = startBind({
      device: keyring.device,
      ...context,
      fingerprints: channel.fingerprints,
      version: protocolVersion,
      oldest: oldestVersion,
      caps: ownCaps,
      nonce: random.bytes(32),
      startedAt: clock.monotonic(),
    })
    let [state] = begun

    const fail = (code: ErrorCode, cause?: unknown) => {
      if (over) return
      over = true
      cancelTimer()
      inbox.drop()
      void channel.close(code)
      const hint =
        code === 'unsupported-version' ? 'bring both devices to the same version' : undefined
      reject(
        new BatonError(code, `failed to bind the channel: ${code}`, {
          cause,
          ...(hint && { hint }),
        }),
      )
    }

    const run = (effect: BindEffect): void => {
      switch (effect.kind) {
        case 'send':
          channel.send('control', effect.message).catch(() => fail('link-closed'))
          return
        case 'sign':
          keyring.sign(effect.statement).then(
            (signature) => step({ kind: 'signed', signature }),
            (cause: unknown) => fail('bind-failed', cause),
          )
          return
        case 'verify':
          Promise.resolve(verify(effect.key, effect.statement, effect.signature)).then(
            (ok) => step({ kind: 'verified', ok }),
            (cause: unknown) => fail('bind-failed', cause),
          )
          return
        case 'refused':
          fail(effect.code)
          return
        case 'bound': {
          over = true
          cancelTimer()
          channel.admit()
          const { version, peerVersion, caps } = effect
          resolve({
            channel: withInbox(channel, inbox),
            device: context.peer,
            version,
            peerVersion,
            caps,
          })
        }
      }
    }

    const step = (input: BindInput): void => {
      if (over) return
      const [next, effects] = stepBind(state, input)
      state = next
      for (const effect of effects) run(effect)
    }

    cancelTimer = clock.after((bindDeadline(state) ?? 0) - clock.monotonic(), () =>
      step({ kind: 'tick', now: clock.monotonic() }),
    )
    // Before anything is received: what the peer said already is handed over at once.
    for (const effect of begun[1]) run(effect)
    channel.onClose(() => fail('link-closed'))
    channel.receive((lane, message) => {
      // Once the peer's proof is being checked, what follows belongs to whoever takes the channel.
      if (over || state.at === 'verifying' || state.at === 'verified')
        return inbox.put(lane, message)
      step({ kind: 'message', message })
    })
  })
}

function withInbox(channel: Channel, inbox: Inbox): Channel {
  return {
    fingerprints: channel.fingerprints,
    send: (lane, message) => channel.send(lane, message),
    receive: (handler) => inbox.receive(handler),
    admit: () => channel.admit(),
    facts: () => channel.facts(),
    onClose: (handler) => channel.onClose(handler),
    close: (reason) => channel.close(reason),
  }
}

type Inbox = ReturnType<typeof createInbox>

/** Keeps messages, and the sender's credit with them, until someone receives. */
function createInbox() {
  type Handler = (lane: Lane, message: Bytes) => void | Promise<void>
  let handler: Handler | undefined
  let held: (() => void)[] = []

  return {
    put(lane: Lane, message: Bytes): void | Promise<void> {
      if (handler) return handler(lane, message)
      return new Promise((resolve, reject) => {
        held.push(() => {
          Promise.resolve(handler?.(lane, message)).then(resolve, reject)
        })
      })
    },
    receive(next: Handler): void {
      handler = next
      for (const hand of held.splice(0)) hand()
    },
    drop(): void {
      held = []
    },
  }
}
