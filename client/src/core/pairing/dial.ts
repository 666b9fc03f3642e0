/**
 * The first call between two devices that just met: dials and binds. It may fail without undoing the
 * pairing. Rules: P13. Who carries the signals is the caller's.
 */
import { compareBytes } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import type { Envelope } from '@baton/shared/protocol/envelope'
import type { Met } from '@baton/shared/protocol/pairing-effects'
import type { Signal } from '@baton/shared/protocol/signal'
import { bindChannel, type PairedLink } from '../contact/bind.ts'
import type { PairPorts } from './ports.ts'

export interface PairDialOptions {
  readonly ports: PairPorts
  readonly met: Met
  /** The run's id, 16 bytes: what bind signs as the attempt. */
  readonly attempt: Uint8Array
  /** Seals and sends one of our signals while the slot lasts. */
  carry(signal: Signal): void
  /** The seals as they stand, for whoever takes the carrying over. */
  envelope(): Envelope
}

export interface PairDial {
  /** A guarded signal of the peer. */
  accept(signal: Signal): void
  /** Resolves once bound, or with undefined when there is no way to the peer for now. */
  readonly link: Promise<PairedLink | undefined>
  cancel(reason: string): void
}

export function dialPaired(options: PairDialOptions): PairDial {
  const { ports, met, attempt } = options
  const initiator = compareBytes(ports.keyring.device, met.peer.device) < 0
  let carry = options.carry
  let cancelled = false

  const dialing = ports.dialer.dial({
    initiator,
    ice: ports.ice(),
    signal: (signal) => carry(signal),
  })

  async function bind(): Promise<PairedLink | undefined> {
    try {
      const channel = await dialing.channel
      const context = { peer: met.peer.device, hash: met.hash, attempt, lastVersion: met.version }
      const bound = await bindChannel(channel, context, ports)
      if (cancelled) {
        await bound.channel.close('pairing ended')
        return undefined
      }
      return {
        bound,
        dialing,
        takeOver(next) {
          carry = next
          return options.envelope()
        },
      }
    } catch (error) {
      // What lands here: no path, no answer, a failed bind. The pairing does not depend on it.
      ports.trace('pairing.link', { error: isBatonError(error) ? error.code : 'no-path' })
      return undefined
    }
  }

  const link = bind()
  return {
    accept: (signal) => dialing.accept(signal),
    link,
    cancel(reason) {
      cancelled = true
      dialing.cancel(reason)
      void link.then((open) => open?.bound.channel.close(reason))
    },
  }
}
