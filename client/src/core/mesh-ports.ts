/** What a mesh is made of, and what it is called. */
import type { Primitives } from '@baton/shared/primitives'
import type { DeviceRecord } from '@baton/shared/roster/record'
import type { Dialer, IceSettings } from './ports/channel.ts'
import type { Clock, Deflate, Keyring, Random, Trace } from './ports/platform.ts'
import type { Rendezvous } from './ports/rendezvous.ts'
import type { Source } from './ports/source.ts'
import type { Store } from './ports/store.ts'

export interface MeshPorts {
  readonly store: Store
  readonly keyring: Keyring
  readonly primitives: Primitives
  readonly clock: Clock
  readonly random: Random
  readonly deflate: Deflate
  readonly dialer: Dialer
  readonly rendezvous: Rendezvous
  readonly sources: readonly Source[]
  readonly trace: Trace
  ice(): IceSettings
}

export interface MeshOptions {
  /** What other devices call this one, at most 64 characters. */
  readonly name: string
  readonly platform: string
  /** How the store is called in `status`. */
  readonly storeKind: string
  /** What this device is and can do. */
  readonly record: DeviceRecord
}
