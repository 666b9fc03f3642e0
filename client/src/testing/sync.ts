/**
 * The kit for devices that sync (rules SY3, SY4, SY8, XC1, XC4, XC5, XC8, DC5): `runSyncTests`
 * declares what two or three of them must do over any channel and any store, with the test runner it
 * is given. Who wrote a store or a channel makes the devices with `openBarePeer` (peer.ts); who wired a
 * platform of its own gives those.
 */
import type { DeviceId } from '@baton/shared/ids'
import type { Documents } from '../core/documents-api.ts'
import type { Channel } from '../core/ports/channel.ts'
import type { ChannelEnds } from './channel.ts'
import type { DeclareTest } from './check.ts'
import { breakingTests } from './sync/breaking.ts'
import { openDevices, type SyncDevices } from './sync/devices.ts'
import { meetingTests } from './sync/meeting.ts'
import { trafficTests } from './sync/traffic.ts'

export interface SyncPeer {
  readonly self: DeviceId
  readonly documents: Documents
  /** Syncs over an admitted channel whose other end is `peer`, as long as it is open. */
  join(channel: Channel, peer: DeviceId): Promise<unknown>
}

export interface SyncWorld {
  /** Devices that know each other, with nothing stored and nothing between them. */
  readonly peers: readonly [SyncPeer, SyncPeer, SyncPeer]
  /** A new connection between any two, not admitted. */
  connect(): Promise<Pick<ChannelEnds, 'alice' | 'bob' | 'lose'>>
  /** Lets some time pass: a few ms of a manual clock, or of the real one. */
  move(): Promise<void>
  /** Ends a device, and starts it on what its store kept. Left out where a store keeps nothing. */
  restart?(index: number): Promise<SyncPeer>
  dispose(): Promise<void>
}

export interface SyncSetup {
  readonly test: DeclareTest
  /** Three new devices; each test has its own. */
  open(): Promise<SyncWorld>
  /** How often a test lets time `move` before it gives up; 12,000 unless said otherwise. */
  readonly patience?: number
}

export type SyncTest = (title: string, run: (devices: SyncDevices) => Promise<void>) => void

/** Call it inside a `describe` that names what the devices are made of. */
export function runSyncTests({ test, open, patience = 12_000 }: SyncSetup): void {
  const declare: SyncTest = (title, run) =>
    test(title, async () => {
      const world = await open()
      try {
        await run(openDevices(world, patience))
      } finally {
        await world.dispose()
      }
    })
  meetingTests(declare)
  trafficTests(declare)
  breakingTests(declare)
}
