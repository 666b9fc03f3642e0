/** AM3: three repos with a large document over links that are lost at any message. */
import { type DocHandle, type PeerId, Repo } from '@automerge/automerge-repo'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Dialer } from '@baton/client/core/ports/channel'
import type { Store } from '@baton/client/core/ports/store'
import { createClock } from '@baton/client/node/platform'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { openNodeStore } from '@baton/client/node/store'
import { createDice } from '@baton/client/testing/dice'
import { expect, it, onTestFinished } from 'vitest'
import { createFakeNetwork } from '../support/fake-network.ts'
import { tempFolder } from '../support/temp.ts'
import { LinkAdapter } from './network-adapter.ts'
import { openPairedDevices } from './paired-devices.ts'
import { openStorageAdapter, type StoreAdapter } from './storage-adapter.ts'

interface Big {
  bytes: Uint8Array
  lines: string[]
}

interface Parts {
  readonly dialers: readonly [Dialer, Dialer, Dialer]
  /** Connections break without a word: all there are, or all of a device. */
  lose(): void
  openStore(): Promise<Store>
  /** How many messages a round may see before all is lost, from 0. */
  readonly rounds: number
}

const names = ['alice', 'bob', 'carol'] as const
const largeBytes = 2_000_000
/** Of a test: seconds where nothing else runs, minutes where much does. */
const longMs = 300_000
const patience = { timeout: 30_000, interval: 20 }

async function soak({ dialers, lose, openStore, rounds }: Parts): Promise<void> {
  let left = Number.POSITIVE_INFINITY
  let losses = 0
  const paired = await openPairedDevices({
    dialers,
    sending() {
      left -= 1
      if (left !== 0) return
      losses += 1
      lose()
    },
  })
  onTestFinished(() => paired.close())
  const stores = [await openStore(), await openStore(), await openStore()]
  const repos: Repo[] = []
  const storages: StoreAdapter[] = []
  for (const [i, device] of paired.devices.entries()) {
    const storage = await openStorageAdapter(stores[i] as Store)
    const network = [new LinkAdapter(device)]
    storages.push(storage)
    repos.push(new Repo({ network, storage, peerId: names[i] as string as PeerId }))
  }
  const together = async () => {
    for (const device of paired.devices) device.wake()
    await paired.connected()
  }
  await together()

  const [first, ...others] = repos as [Repo, Repo, Repo]
  const dice = createDice(3)
  let large = dice.bytes(largeBytes)
  const made = first.create<Big>({ bytes: large, lines: [] })
  const handles: DocHandle<Big>[] = [made]
  await expect.poll(() => repos.every(({ peers }) => peers.length === 2), patience).toBe(true)
  for (const repo of others) handles.push(await repo.find<Big>(made.url))

  const said: string[] = []
  for (let at = 0; at < rounds; at++) {
    left = at + 1
    for (const [i, handle] of handles.entries()) {
      const line = `${names[i]} ${at}`
      said.push(line)
      handle.change(({ lines }) => void lines.push(line))
    }
    // So that links are lost between the parts of large messages, too.
    if (at % 4 === 2) {
      large = dice.bytes(largeBytes)
      handles[at % 3]?.change((document) => {
        document.bytes = large
      })
    }
    // What was not reached by what the changes made them say is lost between rounds.
    await expect.poll(() => left <= 0 || settled(handles), patience).toBe(true)
    if (left > 0) lose()
    left = Number.POSITIVE_INFINITY
    await together()
    await expect.poll(() => settled(handles), patience).toBe(true)
  }
  expect(losses).toBeGreaterThan(rounds / 2)
  for (const handle of handles) {
    const { bytes, lines } = handle.doc()
    expect(lines.toSorted()).toEqual(said.toSorted())
    expect(Buffer.from(bytes).equals(large)).toBe(true)
  }

  // What each has on disk is all of it.
  for (const [i, repo] of repos.entries()) {
    await repo.flush()
    await repo.shutdown()
    await storages[i]?.close()
    const storage = await openStorageAdapter(stores[i] as Store)
    const alone = new Repo({ storage })
    const again = await alone.find<Big>(made.url)
    expect(again.doc().lines.toSorted()).toEqual(said.toSorted())
    await alone.shutdown()
    await storage.close()
    await stores[i]?.close()
  }
}

function settled(handles: readonly DocHandle<Big>[]): boolean {
  const heads = handles.map((handle) => handle.heads().toSorted().join())
  return heads.every((each) => each === heads[0])
}

it(
  'AM3 three repos end with the same, whichever message links are lost at, in memory',
  async () => {
    const network = createFakeNetwork(createClock())
    await soak({
      dialers: [network.dialer(), network.dialer(), network.dialer()],
      lose() {
        for (const pair of network.pairs) pair.cut()
      },
      openStore: async () => createMemoryStore(),
      rounds: 10,
    })
  },
  longMs,
)

it(
  'AM3 the same over WebRTC, whose hosts are killed, with stores on disk',
  async () => {
    const hosts = [createHostDialer(), createHostDialer(), createHostDialer()] as const
    let killed = 0
    await soak({
      dialers: hosts,
      lose() {
        killed += 1
        const pid = hosts[killed % hosts.length]?.pid
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      },
      openStore: () => openNodeStore(tempFolder('soak')),
      rounds: 3,
    })
  },
  longMs,
)
