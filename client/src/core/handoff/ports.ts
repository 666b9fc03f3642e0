/** What handing over stands on. */
import type { Bytes } from '@baton/shared/bytes'
import type { DeviceId, LogId, SessionId } from '@baton/shared/ids'
import type { DocumentKeeper } from '../documents/documents.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Clock, Random, Trace } from '../ports/platform.ts'
import type { Store } from '../ports/store.ts'
import type { CutKeeper } from '../repo/cuts.ts'
import type { Repository } from '../repo/repository.ts'
import type { Moving } from '../sessions/moving.ts'
import type { Sharing } from '../sessions/sharing.ts'
import type { Places } from './places.ts'

export interface HandoffPorts {
  readonly self: DeviceId
  readonly repository: Repository
  readonly documents: DocumentKeeper
  readonly sharing: Sharing
  readonly cuts: CutKeeper
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly trace: Trace
  /** For sessions in the files of agents; a device without those leaves them alone. */
  readonly moving?: Moving | undefined
  readonly places: Places
  /** Names of the capabilities that this device supports. */
  readonly capabilities: readonly string[]
  /** The session a person means. Rejects with `not-found` or `ambiguous`. */
  named(ref: string): Promise<SessionId>
  title(session: SessionId): string | undefined
  /** Whether there is such a device to hand to, connected or not. */
  knows(device: DeviceId): boolean
  isRemoved(device: DeviceId): boolean
  /** It is here for one session, or this device is there: nothing is given to it without a person. */
  isGuest(device: DeviceId): boolean
  /** Such a device, and another session than the one it is for. */
  isOutside(device: DeviceId, session: SessionId): boolean
  /** An invitation names the session: it goes between the two from now on. */
  admit(device: DeviceId, session: SessionId): void
  /** Ends the visit of a guest; false for what is none. */
  endGuest(device: DeviceId): boolean
  /** What only this device and a paired one share, 32 bytes, by device. */
  roots(): Iterable<readonly [DeviceId, Bytes]>
  reach(device: DeviceId): { readonly exchange: Exchange } | undefined
  /** Up to where it has a log on its disk, as far as it said. */
  ackedTo(device: DeviceId, log: LogId): number | undefined
  /** Runs when a device connected or went, or acknowledged something. */
  onLinks(run: () => void): () => void
  grew(session: SessionId): void
}

/** The name of the question over an exchange. */
export const handoffMethod = 'handoff'
