/** RS1 to RS5: the roster as one device keeps it. */
import { setImmediate as turn } from 'node:timers/promises'
import { type Devices, openDevices } from '@baton/client/core/devices'
import { deviceId } from '@baton/shared/ids'
import type { DeviceRecord } from '@baton/shared/roster/record'
import { expect, it } from 'vitest'
import { createFaultyDisk } from '../../support/faulty-store.ts'
import { createMemoryKeyring } from '../../support/memory-keyring.ts'
import { seededRandom } from '../../support/pair-world.ts'
import { openTestRepo, type TestRepo } from '../../support/repo.ts'
import { nodePrimitives } from '../../support/signer.ts'

const idOf = (seed: number) => deviceId(createMemoryKeyring(seed).device)

function peerOf(seed: number) {
  const { device, exchange } = createMemoryKeyring(seed)
  const [root, hash] = [new Uint8Array(32).fill(seed), new Uint8Array(32).fill(seed + 1)]
  return {
    device,
    exchange,
    name: `device ${seed}`,
    platform: 'test',
    root,
    version: 1,
    hash,
    guest: false,
  }
}

const server: DeviceRecord = { type: 'server', capabilities: [] }

/** Device 1 over a disk; a second call is its next process. */
async function start(disk = createFaultyDisk(), record = server) {
  const keyring = createMemoryKeyring(1)
  const repository = await openTestRepo(1, { store: await disk.open(), keyring })
  const { store, clock } = repository
  const random = seededRandom('roster')
  const ports = { repository, store, keyring, clock, random, primitives: nodePrimitives }
  return {
    disk,
    repository,
    devices: await openDevices({ ...ports, name: 'me', platform: 'test', record }),
  }
}

const namesOf = (devices: Devices) =>
  [...devices.roster().devices.values()].map(({ shown }) => shown)
const entriesIn = (repository: TestRepo) =>
  repository.sessions().reduce((sum, id) => {
    return sum + repository.heads(id).reduce((of, { seq }) => of + seq, 0)
  }, 0)

it('RS1 a device that never paired has a roster of nobody, and has written nothing', async () => {
  const { devices, repository } = await start()
  expect(devices.session()).toBeUndefined()
  expect(devices.facts().populated).toBe(false)
  expect(repository.sessions()).toEqual([])
})

it('RS1 the first device taken in begins it, with this one; one that is in is not written again', async () => {
  const { devices, repository } = await start()
  const { id } = devices.facts()
  await devices.add(peerOf(2))
  expect(devices.facts()).toEqual({ id, populated: true })
  expect(new Set(namesOf(devices))).toEqual(new Set(['me', 'device 2']))
  expect(devices.isMember(idOf(1)) && devices.isMember(idOf(2))).toBe(true)
  expect(devices.isMember(idOf(3))).toBe(false)
  const before = entriesIn(repository)
  await devices.add(peerOf(2))
  expect(entriesIn(repository)).toBe(before)
  await Promise.all([devices.add(peerOf(3)), devices.add(peerOf(4))])
  expect(devices.roster().devices.size).toBe(4)
})

it('RS2 what was taken in is durable, and a disk that takes nothing leaves no half of it', async () => {
  const { disk, devices } = await start()
  disk.fill(0)
  await expect(devices.add(peerOf(2))).rejects.toMatchObject({ code: 'store-full' })
  expect(devices.session()).toBeUndefined()
  disk.fill(undefined)
  await turn()
  await devices.add(peerOf(3))
  const [id, names] = [devices.session(), namesOf(devices)]
  disk.crash()
  const again = await start(disk)
  expect(again.devices.session()).toBe(id)
  expect(namesOf(again.devices)).toEqual(names)
  expect(again.devices.isMember(idOf(2))).toBe(false)
})

it('RS3 a joiner goes on with the roster it adopted, over restarts; adopting it again does nothing', async () => {
  const inviter = await start()
  await inviter.devices.add(peerOf(2))
  const { id } = inviter.devices.facts()
  const joiner = await start()
  await joiner.devices.adopt(id)
  await joiner.devices.adopt(id)
  expect(joiner.devices.facts()).toEqual({ id, populated: false })
  joiner.disk.crash()
  const again = await start(joiner.disk)
  expect(again.devices.facts().id).toEqual(id)
  await again.devices.add(peerOf(5))
  expect(again.devices.session()).toBe(inviter.devices.session())
})

it('RS5 a device tells what it can do with its first pairing, and again only when that changed', async () => {
  const { disk, devices, repository } = await start()
  await devices.describe()
  expect(repository.sessions()).toEqual([])
  await devices.add(peerOf(2))
  expect(devices.roster().devices.get(idOf(1))?.record).toEqual(server)
  const before = entriesIn(repository)
  await devices.describe()
  expect(entriesIn(repository)).toBe(before)
  disk.crash()
  const can = [{ name: 'webrtc', version: '1', supported: true }]
  const again = await start(disk, { type: 'desktop', capabilities: can })
  await again.devices.describe()
  expect(again.devices.roster().devices.get(idOf(1))?.record).toEqual({
    type: 'desktop',
    capabilities: can,
  })
  expect(again.devices.roster().devices.get(idOf(2))?.record).toBeUndefined()
})

it('RS4 a device is renamed for all, durably, itself too; a stranger is not', async () => {
  const { disk, devices, repository } = await start()
  await devices.add(peerOf(2))
  await devices.rename(idOf(2), 'the old laptop')
  await devices.rename(idOf(1), 'desk')
  expect(new Set(namesOf(devices))).toEqual(new Set(['desk', 'the old laptop']))
  const before = entriesIn(repository)
  await devices.rename(idOf(1), 'desk')
  expect(entriesIn(repository)).toBe(before)
  await expect(devices.rename(idOf(9), 'x')).rejects.toMatchObject({ code: 'not-paired' })
  disk.crash()
  expect(namesOf((await start(disk)).devices)).toEqual(namesOf(devices))
})
