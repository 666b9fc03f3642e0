/** Two dialers that hand each other their signals, in this process. */
import type { Call, Channel, Dialer, IceSettings } from '@baton/client/core/ports/channel'
import type { Signal } from '@baton/shared/protocol/signal'

export const noServers: IceSettings = { servers: [], policy: 'auto' }

export interface DialOptions {
  readonly ice?: IceSettings
  /** Sees every signal on its way; what it returns is delivered, in place of the signal. */
  tap?(from: 'alice' | 'bob', signal: Signal): readonly Signal[]
}

export function dialPair(alice: Dialer, bob: Dialer, options: DialOptions = {}) {
  const { ice = noServers, tap = (_from, signal) => [signal] } = options
  const to = (from: 'alice' | 'bob') => (signal: Signal) => {
    for (const each of tap(from, signal)) (from === 'alice' ? right : left).accept(each)
  }
  const call = (from: 'alice' | 'bob'): Call => ({
    initiator: from === 'alice',
    ice,
    signal: to(from),
  })
  const left = alice.dial(call('alice'))
  const right = bob.dial(call('bob'))
  return { alice: left, bob: right }
}

export async function openPair(
  alice: Dialer,
  bob: Dialer,
  options: DialOptions = {},
): Promise<{ alice: Channel; bob: Channel }> {
  const dialing = dialPair(alice, bob, options)
  const [left, right] = await Promise.all([dialing.alice.channel, dialing.bob.channel])
  return { alice: left, bob: right }
}
