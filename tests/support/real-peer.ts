/** A peer as `baton up` runs it, in this process, with its link host beside it. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PairingEvent } from '@baton/client/core/mesh-api'
import { findPlaces } from '@baton/client/node/paths'
import { openPeer, type Peer } from '@baton/client/node/peer'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { onTestFinished } from 'vitest'
import { emitted } from './built.ts'

/**
 * The device `name` below `root`, new or again. Closed with the test, if nobody closes it before. `dial`:
 * another address of the service.
 */
export async function realPeer(
  root: string,
  name: string,
  signaling: string,
  dial?: string,
): Promise<Peer> {
  const peer = await openRealPeer(root, name, signaling, dial)
  onTestFinished(() => peer.close())
  return peer
}

/** The same, which its user closes. */
export function openRealPeer(
  root: string,
  name: string,
  signaling: string,
  dial?: string,
): Promise<Peer> {
  const folder = join(root, name)
  const env = { BATON_HOME: join(folder, 'baton') }
  const places = findPlaces({
    platform: process.platform,
    env,
    home: folder,
    temp: tmpdir(),
    cwd: root,
  })
  return openPeer({
    places,
    signaling,
    ...(dial === undefined ? {} : { dial }),
    ice: { servers: [], policy: 'auto' },
    name,
    home: join(folder, 'home'),
    env: {},
    dialer: createHostDialer({ entry: emitted('client/dist/node/rtc/link-host.js') }),
  })
}

/** The first event that is at `at`; a `failed` one fails the test. */
export async function until<E extends { at: string }>(
  events: AsyncIterable<E>,
  at: string,
): Promise<E> {
  for await (const event of events) {
    if (event.at === at) return event
    if (event.at === 'failed') throw new Error(JSON.stringify(event))
  }
  throw new Error(`ended before ${at}`)
}

/** Pairs the two by a code typed. */
export async function pairReally(inviter: Peer, joiner: Peer): Promise<void> {
  const events = inviter.mesh.invite({ qr: false, confirm: false }).events[Symbol.asyncIterator]()
  let shown: PairingEvent | undefined
  while (shown?.at !== 'code') shown = (await events.next()).value
  const rest = { [Symbol.asyncIterator]: () => events }
  await Promise.all([
    until(joiner.mesh.join(shown.code, { confirm: false }).events, 'paired'),
    until(rest, 'paired'),
  ])
}
