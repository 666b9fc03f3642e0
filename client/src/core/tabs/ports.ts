/** What a page among others needs, and what it gives (room.ts). */
import type { BatonError } from '@baton/shared/errors'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import type { Clock, Random } from '../ports/platform.ts'
import type { Served } from './calls.ts'
import type { TabMessage } from './messages.ts'
import type { PageMesh } from './page-mesh.ts'

/** Reaches every other page of the origin, and not this one. */
export interface TabChannel {
  post(message: TabMessage): void
  /** What one message may hold, as `isWithin` counts. */
  readonly maxUnits: number
  /** Once; what comes may be anything. */
  hear(handler: (raw: unknown) => void): void
}

export interface TabLocks {
  /** Waits for the lock of the origin, or takes it; returns how to let it go, or to wait no more. */
  hold(how: 'queue' | 'steal', granted: () => void, lost: () => void): () => void
  /** Runs once this page's word that it is there is no more; returns how to stop. */
  whenGone(tab: string, run: () => void): () => void
}

/** The device, run by this page. */
export interface TabPeer extends Served {
  /** The number that the store's fence gave it. */
  readonly term: number
  leave(): void
  close(): Promise<void>
}

export interface TabPorts {
  /** Of this page: 8 random bytes, hex. */
  readonly tab: string
  readonly channel: TabChannel
  readonly locks: TabLocks
  readonly clock: Clock
  readonly random: Random
  openPeer(): Promise<TabPeer>
  /** It cannot be opened here, or the device is another one now. */
  failed(error: BatonError | 'other-device'): void
}

export interface TabRow {
  readonly tab: string
  readonly self: boolean
  readonly mode: InterfaceMode
  readonly front: boolean
  readonly leads: boolean
}

export interface TabRoom {
  /** Once somebody leads; rejects where the device cannot be opened. */
  readonly ready: Promise<PageMesh>
  /** When another page was heard, ms since 1970. */
  heard(): number | undefined
  /** This page, then the others. */
  tabs(): readonly TabRow[]
  onChange(run: () => void): void
  /** How this page shows itself. */
  show(mode: InterfaceMode, front: boolean): void
  /** The browser stops this page, and lets it go on. */
  freeze(): void
  thaw(): void
  /** The page goes. */
  leave(): void
  /** The device that this page runs is no more: another page opens it anew. */
  lost(error: BatonError): void
}
