/**
 * One simulated device: a disk that loses what it may, a clock that may be wrong, and processes on it
 * that die and start again. Two of them may have one key: copies of one device.
 */
import type { Document } from '@baton/client/core/mesh-api'
import type { Keyring, Random } from '@baton/client/core/ports/platform'
import type { SessionId } from '@baton/shared/ids'
import { createFaultyDisk, type FaultyDisk } from '../support/faulty-store.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { openTestPeer, type TestPeer } from '../support/peer.ts'
import type { Chance } from './random.ts'

export interface SimDevice {
  readonly name: string
  /** Of its keys: the same for copies of one device. */
  readonly seed: number
  readonly disk: FaultyDisk
  readonly clock: ManualClock
  /** The running process, or undefined while it is down. */
  peer: TestPeer | undefined
  /** Which of all processes of the run it is. */
  process: number
  /** Processes that had its store until another one took it. */
  readonly stale: TestPeer[]
  /** `random`: what this process draws from; by default what all do. */
  start(random?: Random): Promise<TestPeer>
  /** Kills the process: what was not flushed may be lost. */
  crash(): void
  /** Its document, when it is running and has it. */
  document(session: SessionId): Promise<Document | undefined>
}

export interface DevicePorts {
  readonly chance: Chance
  readonly random: Random
  keyring(seed: number): Keyring
  started(peer: TestPeer): void
  process(): number
  /** Its devices make their logs smaller. */
  readonly checkpoints: boolean
}

export function createDevice(
  name: string,
  seed: number,
  ports: DevicePorts,
  now?: number,
): SimDevice {
  const disk = createFaultyDisk(ports.chance)
  const clock = createManualClock(now)
  const device: SimDevice = {
    name,
    seed,
    disk,
    clock,
    peer: undefined,
    process: 0,
    stale: [],
    async start(random = ports.random) {
      const store = await disk.open()
      const keyring = ports.keyring(seed)
      const peer = await openTestPeer({
        ...{ seed, store, clock, random, keyring, checkpoints: ports.checkpoints },
      })
      device.peer = peer
      device.process = ports.process()
      ports.started(peer)
      return peer
    },
    crash() {
      device.peer = undefined
      device.stale.length = 0
      disk.crash()
    },
    document: async (session) => await device.peer?.documents.open(session).catch(() => undefined),
  }
  return device
}
