/**
 * What a browser or its machine has against a device of its own (rule WB48): looked at when the page opens, and
 * now and then. Everything else works in spite of each of them, so that each is told and none stops the page.
 */

import { type ReadonlySignal, signal } from '@preact/signals'
import type { DeviceRow } from '../../core/mesh-api.ts'
import type { PageMesh } from '../../core/tabs/page-mesh.ts'

export type Hindrance =
  | { readonly at: 'webrtc' | 'lna-denied' | 'lna-prompt' | 'full' }
  /** ms that this clock is ahead, or behind. */
  | { readonly at: 'clock'; readonly ms: number }

export interface Hindrances {
  readonly list: ReadonlySignal<readonly Hindrance[]>
  /** Two devices met, and there is no path between them, or none for long. */
  noPath(): void
  /** How the devices stand now; each time looks anew. */
  heard(devices: readonly DeviceRow[]): void
}

/** Less is a clock that nobody has to set: hours of mailboxes overlap by as much. */
const clockMs = 5 * 60_000
/** Devices that can reach each other take a second or two. */
export const patienceMs = 8_000

/** As Chromium has called the permission so far. */
const permissions = ['local-network-access', 'local-network', 'loopback-network']

export function watchHindrances(mesh: Pick<PageMesh, 'facts'>): Hindrances {
  const list = signal<readonly Hindrance[]>([])
  let blocked = false
  let connected = false
  /** When a device began to connect that has not since. */
  let since: number | undefined

  async function look(): Promise<void> {
    const network = await localNetwork()
    // Where nobody runs the device just now it is looked at again soon.
    const { serverTime, isFull } = await mesh.facts()
    const ms = serverTime === undefined ? 0 : Date.now() - serverTime
    const found: Hindrance[] = []
    if (!hasWebRtc()) found.push({ at: 'webrtc' })
    else if (network === 'denied' && !connected) found.push({ at: 'lna-denied' })
    else if (network === 'prompt' && blocked) found.push({ at: 'lna-prompt' })
    if (Math.abs(ms) >= clockMs) found.push({ at: 'clock', ms })
    if (isFull) found.push({ at: 'full' })
    // Equal lists are not drawn anew: seconds of a clock change all the time.
    const name = (each: Hindrance) => each.at
    if (found.map(name).join() !== list.value.map(name).join()) list.value = found
  }

  return {
    list,
    noPath() {
      blocked = true
      look().catch(() => undefined)
    },
    heard(devices) {
      connected = devices.some(({ state }) => state === 'connected')
      if (connected) blocked = false
      else if (devices.some(({ trouble }) => trouble?.code === 'no-path')) blocked = true
      // Both are there by then, and say so by way of the service.
      if (!devices.some(({ state }) => state === 'connecting')) since = undefined
      else since ??= performance.now()
      if (since !== undefined && performance.now() - since > patienceMs) blocked = true
      look().catch(() => undefined)
    },
  }
}

/** Whether a connection can be made at all: extensions take it away, or let it throw. */
export function hasWebRtc(): boolean {
  try {
    new RTCPeerConnection().close()
    return true
  } catch {
    return false
  }
}

/** Undefined where the browser knows no such permission, or gave it. */
async function localNetwork(): Promise<'prompt' | 'denied' | undefined> {
  const states = await Promise.all(
    permissions.map((name) =>
      navigator.permissions?.query({ name: name as PermissionName }).then(
        ({ state }) => state,
        () => undefined,
      ),
    ),
  )
  if (states.includes('denied')) return 'denied'
  return states.includes('prompt') && !states.includes('granted') ? 'prompt' : undefined
}
