/** Two attempts over the native library in this process, whose signals a test can tamper with. */

import type { Clock } from '@baton/client/core/ports/platform'
import { createClock } from '@baton/client/node/platform'
import { loadWrtc } from '@baton/client/node/rtc/wrtc'
import { type Connecting, connect } from '@baton/client/rtc/connect'
import type { Signal } from '@baton/shared/protocol/signal'
import { noServers } from './real-pair.ts'

export type Tap = (from: 'alice' | 'bob', signal: Signal) => readonly Signal[]

export interface AttemptPair {
  readonly alice: Connecting
  readonly bob: Connecting
  /** Every signal as it was sent. */
  readonly sent: { readonly from: 'alice' | 'bob'; readonly signal: Signal }[]
}

export function attemptPair(tap: Tap = (_from, signal) => [signal], clock: Clock = createClock()) {
  const sent: AttemptPair['sent'] = []
  const options = (from: 'alice' | 'bob') => ({
    initiator: from === 'alice',
    ice: noServers,
    webrtc: loadWrtc(),
    clock,
    signal(signal: Signal) {
      sent.push({ from, signal })
      for (const each of tap(from, signal)) (from === 'alice' ? bob : alice).accept(each)
    },
  })
  const alice: Connecting = connect(options('alice'))
  const bob: Connecting = connect(options('bob'))
  return { alice, bob, sent }
}

export async function openPipes(tap?: Tap) {
  const pair = attemptPair(tap)
  const [alice, bob] = await Promise.all([pair.alice.pipe, pair.bob.pipe])
  return { ...pair, pipes: { alice, bob } }
}
