/**
 * What changes go over in a page (rule WB35), in the order in which it is asked: other pages of the
 * browser, the store, the service where devices meet, the mesh. Each stands by itself: what one does not
 * carry, since it is missing or down, the next does.
 */
import type { DeviceRow, MeshStatus } from '../mesh-api.ts'

export interface ChannelRow {
  readonly type: 'broadcast' | 'storage' | 'indexeddb' | 'websocket' | 'webrtc'
  /** 1 is asked first. */
  readonly priority: number
  readonly encryption: boolean
  readonly up: boolean
  /** ms since 1970; undefined when nothing went over it yet. */
  readonly lastSync: number | undefined
}

export interface ChannelFacts {
  readonly hasBroadcast: boolean
  /** When another page was heard, and when the store wrote something. */
  readonly heard: number | undefined
  readonly written: number | undefined
  readonly devices: readonly DeviceRow[]
  readonly signaling: MeshStatus['signaling']
  readonly now: number
}

export function pageChannels(facts: ChannelFacts): readonly ChannelRow[] {
  const others = facts.devices.filter(({ self }) => !self)
  const connected = others.some(({ state }) => state === 'connected')
  const seen = Math.max(0, ...others.map(({ lastSeen = 0 }) => lastSeen))
  const meets = facts.signaling?.state === 'up'
  const rows: readonly Omit<ChannelRow, 'priority'>[] = [
    {
      // Within one profile of one browser; what could stay on its disk is sealed.
      ...(facts.hasBroadcast
        ? { type: 'broadcast' as const, encryption: false }
        : { type: 'storage' as const, encryption: true }),
      ...{ up: true, lastSync: facts.heard },
    },
    { type: 'indexeddb', encryption: true, up: true, lastSync: facts.written },
    { type: 'websocket', encryption: true, up: meets, lastSync: meets ? facts.now : undefined },
    {
      ...{ type: 'webrtc', encryption: true, up: connected },
      lastSync: connected ? facts.now : seen || undefined,
    },
  ]
  return rows.map((row, i) => ({ ...row, priority: i + 1 }))
}

/** Which of them takes a change to another page of this browser, or to another device, just now. */
export const chosen = (
  rows: readonly ChannelRow[],
  to: 'page' | 'device',
): ChannelRow['type'] | undefined => {
  // The service relays only how devices meet. What another one does not get now, the store keeps for it.
  const types = to === 'page' ? ['broadcast', 'storage', 'indexeddb'] : ['webrtc', 'indexeddb']
  return types.flatMap((each) => rows.filter(({ type, up }) => up && type === each))[0]?.type
}
