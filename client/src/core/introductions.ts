/**
 * Devices of one roster that never met find each other (rules IN3, IN4): for each that says itself
 * which keys it has, a pair record is derived and kept like one of a pairing, marked as introduced.
 */
import { equalBytes } from '@baton/shared/bytes'
import { type DeviceId, idBytes } from '@baton/shared/ids'
import { introduce } from '@baton/shared/keyexchange/introduction'
import type { RosterDevice } from '@baton/shared/roster/fold'
import type { Devices } from './devices.ts'
import { traceFault } from './fault.ts'
import type { Links } from './links.ts'
import type { PairMemory, PairRecord } from './pairing/memory.ts'
import type { Keyring, Trace } from './ports/platform.ts'

export interface IntroductionPorts {
  readonly self: DeviceId
  readonly devices: Devices
  readonly keyring: Keyring
  readonly memory: PairMemory
  readonly paired: Map<DeviceId, PairRecord>
  readonly links: Links
  readonly trace: Trace
}

/** Keeps whoever is in the roster and not yet paired reachable; what fails is tried with the next news. */
export function createIntroductions(ports: IntroductionPorts): () => Promise<void> {
  const { self, devices, keyring, memory, paired, links, trace } = ports

  async function meet(device: RosterDevice, roster: Uint8Array): Promise<void> {
    // A pairing in person that is not told yet, or was cut short, has its record before its `add`.
    const met = (await memory.all()).some(
      (record) => record.at === 'paired' && equalBytes(record.device, idBytes(device.device)),
    )
    if (met) return
    const own = { device: keyring.device, exchange: keyring.exchange }
    const peer = { device: idBytes(device.device), exchange: device.exchange }
    const shared = await keyring.agree(device.exchange)
    const { root, hash, id } = introduce(shared, roster, own, peer)
    // Paired in person meanwhile, or removed: that stands above this.
    if (paired.has(device.device) || !devices.isMember(device.device)) return
    const record: PairRecord = {
      at: 'paired',
      id,
      ...peer,
      root,
      hash,
      version: 0,
      name: device.shown,
      platform: device.platform,
      answer: undefined,
      adopting: undefined,
      introduced: true,
    }
    await memory.put(record)
    if (paired.has(device.device) || !devices.isMember(device.device)) return memory.remove(id)
    paired.set(device.device, record)
    links.keep(record)
  }

  async function look(): Promise<void> {
    const roster = devices.session()
    if (roster === undefined || !devices.isMember(self)) return
    for (const device of devices.roster().devices.values()) {
      if (device.device === self || paired.has(device.device) || !device.ownKeys) continue
      try {
        await meet(device, idBytes(roster))
      } catch (error) {
        traceFault(trace, 'introduction.failed', error)
      }
    }
  }

  let tail: Promise<void> = Promise.resolve()
  return () => {
    tail = tail.then(look)
    return tail
  }
}
