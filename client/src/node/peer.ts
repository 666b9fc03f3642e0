/**
 * The headless peer: the one place that builds the adapters of Node and joins them to the mesh. It
 * reads no arguments and prints nothing.
 */
import { existsSync } from 'node:fs'
import { hostname, release } from 'node:os'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { freshRandom } from '../core/fresh-random.ts'
import { createMesh, type MeshPorts } from '../core/mesh.ts'
import type { Mesh } from '../core/mesh-api.ts'
import type { Dialer, IceSettings } from '../core/ports/channel.ts'
import type { Keyring, Random, Trace } from '../core/ports/platform.ts'
import type { Source } from '../core/ports/source.ts'
import { createRendezvous } from '../rendezvous/client.ts'
import { type ArchiveDesk, createArchiveDesk } from './archive/desk.ts'
import { detectDevice } from './device-record.ts'
import { changeGuard } from './guard/change.ts'
import { type KeyAccess, noAccess, readGuard } from './guard/guard.ts'
import { devicePath } from './key-folder.ts'
import { openKeyring } from './keyring.ts'
import type { Places } from './paths.ts'
import { createClock, createDeflate, createPrimitives, createRandom } from './platform.ts'
import { ensurePrivateFolder } from './private-folder.ts'
import { createHostDialer } from './rtc/host-dialer.ts'
import { openSealing } from './sealing.ts'
import { openSignalSocket } from './signal-socket.ts'
import { claudeConfigDir, createClaudeCodeSource } from './sources/claude-code/source.ts'
import { openNodeStore } from './store.ts'

export interface PeerOptions {
  readonly places: Places
  /** Where devices meet: http, https, ws or wss. */
  readonly signaling: string
  /** Another address of the same service, by which this process reaches it. */
  readonly dial?: string
  readonly ice: IceSettings
  /** What other devices call this one; the host's name without one. */
  readonly name?: string
  /** Home folder and environment of the person whose agents are read. */
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** How guarded keys are had; without it they are not, and new ones stand in files. */
  readonly keys?: PeerKeys
  readonly trace?: Trace
  /** Instead of the forked link host: for tests. */
  readonly dialer?: Dialer
  /** Changes what the mesh is built on: how the demo and tests make one part fail. */
  readonly adapt?: (ports: MeshPorts) => MeshPorts
  /** Further sources, looked at after the agents' own: the tour's sample. */
  readonly sources?: (ports: SourcePorts) => readonly Source[]
}

export interface PeerKeys extends KeyAccess {
  /** The keys of a new device are sealed under a key in the keychain, where it answers. */
  readonly prefersKeychain: boolean
}

export type SourcePorts = Pick<Parameters<typeof createClaudeCodeSource>[0], 'sha256' | 'clock'>

export interface Peer {
  readonly mesh: Mesh
  readonly archives: ArchiveDesk
  /** Resolves when links, store and child processes are gone; the same however often it is asked. */
  close(): Promise<void>
}

/** Rejects with what a person can act on: `store-locked`, `keyring-mode`, `native-missing`, ... */
export async function openPeer(options: PeerOptions): Promise<Peer> {
  const trace: Trace = options.trace ?? (() => undefined)
  const clock = createClock()
  const random = createRandom()
  const primitives = await createPrimitives()
  const { keyring, store } = await openHome(options, random, trace)
  const { dialer, warm } = dialerOf(options, trace)
  const rendezvous = createRendezvous({
    server: options.signaling,
    ...(options.dial === undefined ? {} : { dial: options.dial }),
    clock,
    random,
    trace,
    socket: openSignalSocket,
  })
  const closeAll = async () => {
    await rendezvous.close()
    await dialer.close()
    await store.close()
  }
  try {
    const ports: MeshPorts = {
      store,
      keyring,
      primitives,
      clock,
      random,
      deflate: createDeflate(),
      dialer,
      rendezvous,
      sources: allSources(options, { sha256: primitives.sha256, clock }),
      trace,
      ice: () => options.ice,
    }
    const mesh = await createMesh(options.adapt?.(ports) ?? ports, {
      name: options.name ?? hostname().slice(0, 64),
      platform: `${process.platform} ${release().split('.')[0]}, Node ${process.versions.node.split('.')[0]}`,
      storeKind: 'lmdb',
      record: detectDevice(options),
    })
    // Starting a process and loading WebRTC takes as long as all the rest of a first pairing.
    warm()
    let closing: Promise<void> | undefined
    return {
      mesh,
      archives: createArchiveDesk({ mesh, keyring, random: freshRandom(random) }),
      close() {
        closing ??= mesh.close().finally(closeAll)
        return closing
      },
    }
  } catch (error) {
    await closeAll()
    throw error instanceof Error ? error : new BatonError('invalid', 'failed to start')
  }
}

/** Keys and store; the keys are opened by whoever has the store, so that nobody else changes them. */
async function openHome({ places, keys }: PeerOptions, random: Random, trace: Trace) {
  const opened: { keyring?: Keyring } = {}
  const store = await openNodeStore(places.store, async (exists) => {
    const access = keys ?? noAccess
    if (keys?.prefersKeychain && !exists) await preferKeychain(places.keys, access, random, trace)
    opened.keyring = await openKeyring(places.keys, random, { make: !exists, access, alone: true })
    return openSealing(opened.keyring, random, exists)
  })
  return { keyring: opened.keyring as Keyring, store }
}

/** Before the first key is made. Where no keychain answers, as on a server, they stand in files. */
async function preferKeychain(folder: string, access: KeyAccess, random: Random, trace: Trace) {
  ensurePrivateFolder(folder)
  if (existsSync(devicePath(folder)) || readGuard(folder)) return
  try {
    await changeGuard({ folder, random, access }, async () => ({ by: 'keychain' }))
  } catch (error) {
    if (!isBatonError(error) || error.code !== 'keychain-unavailable') throw error
    trace('keychain.none')
  }
}

function dialerOf({ dialer }: PeerOptions, trace: Trace) {
  if (dialer) return { dialer, warm: () => undefined }
  const host = createHostDialer({ trace })
  return { dialer: host, warm: host.warm }
}

function allSources({ env, home, sources }: PeerOptions, ports: SourcePorts): Source[] {
  const { CLAUDE_CONFIG_DIR: named } = env
  return [
    createClaudeCodeSource({
      ...ports,
      configDir: claudeConfigDir({ CLAUDE_CONFIG_DIR: named }, home),
      elsewhere: named !== undefined && named !== '',
    }),
    ...(sources?.(ports) ?? []),
  ]
}
