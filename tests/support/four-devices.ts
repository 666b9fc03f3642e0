/** Rosters of four devices over memory stores, without links: what one holds is handed to the others. */
import { type Devices, openDevices } from '@baton/client/core/devices'
import { deviceId } from '@baton/shared/ids'
import { createMemoryKeyring } from './memory-keyring.ts'
import { seededRandom } from './pair-world.ts'
import { hand, openTestRepo, type TestRepo } from './repo.ts'
import { nodePrimitives } from './signer.ts'

export const idOf = (seed: number) => deviceId(createMemoryKeyring(seed).device)
export interface Side {
  readonly devices: Devices
  readonly repo: TestRepo
}

export async function side(seed: number): Promise<Side> {
  const keyring = createMemoryKeyring(seed)
  const repo = await openTestRepo(seed, { keyring })
  const devices = await openDevices({
    repository: repo,
    store: repo.store,
    keyring,
    clock: repo.clock,
    random: seededRandom(`authority ${seed}`),
    primitives: nodePrimitives,
    name: `device ${seed}`,
    platform: 'test',
    record: { type: 'server', capabilities: [] },
  })
  return { devices, repo }
}

export const peerOf = (seed: number) => {
  const { device, exchange } = createMemoryKeyring(seed)
  const bytes = new Uint8Array(32).fill(seed)
  const peer = { device, exchange, name: `device ${seed}`, platform: 'test', guest: false }
  return { ...peer, root: bytes, version: 1, hash: bytes }
}

/** Device 1 took in 2, 3 and 4; they hold its roster. */
export async function four() {
  const sides = await Promise.all([1, 2, 3, 4].map(side))
  const [alice, bob, carol, dave] = sides as [Side, Side, Side, Side]
  for (const seed of [2, 3, 4]) await alice.devices.add(peerOf(seed))
  const { id } = alice.devices.facts()
  for (const { devices } of [bob, carol, dave]) await devices.adopt(id)
  const meet = async () => {
    const session = alice.devices.session() as never
    for (let round = 0; round < 2; round++) {
      for (const from of sides)
        for (const to of sides) if (from !== to) await hand(from.repo, to.repo, session)
    }
    for (const { devices } of sides) await devices.refresh()
  }
  await meet()
  return { sides, alice, bob, carol, dave, meet }
}
