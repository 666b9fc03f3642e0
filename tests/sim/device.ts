/**
 * One simulated device: a disk that loses what it may, a clock that may be wrong, and processes on it
 * that die and start again. It notes every change that was acknowledged to its user.
 */
import type { Document } from '@baton/client/core/mesh-api'
import type { Random } from '@baton/client/core/ports/platform'
import type { SessionId } from '@baton/shared/ids'
import { createFaultyDisk, type FaultyDisk } from '../support/faulty-store.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { openTestPeer, type TestPeer } from '../support/peer.ts'
import type { Chance } from './random.ts'

export interface SimDevice {
  readonly name: string
  readonly disk: FaultyDisk
  readonly clock: ManualClock
  /** The running process, or undefined while it is down. */
  peer: TestPeer | undefined
  start(): Promise<TestPeer>
  /** Kills the process: what was not flushed may be lost. */
  crash(): void
  /** Its document, when it is running and has it. */
  document(session: SessionId): Promise<Document | undefined>
}

export function createDevice(
  index: number,
  chance: Chance,
  random: Random,
  started: (peer: TestPeer) => void,
): SimDevice {
  const disk = createFaultyDisk(chance)
  const clock = createManualClock()
  const device: SimDevice = {
    name: `device ${index + 1}`,
    disk,
    clock,
    peer: undefined,
    async start() {
      const store = await disk.open()
      const peer = await openTestPeer({ seed: index + 1, store, clock, random })
      device.peer = peer
      started(peer)
      return peer
    },
    crash() {
      device.peer = undefined
      disk.crash()
    },
    document: async (session) => await device.peer?.documents.open(session).catch(() => undefined),
  }
  return device
}
