/** Recovery keys as surfaces see them (rules RS12 to RS15): words on paper that are above the devices. */
import type { DeviceId } from '@baton/shared/ids'

export interface RecoveryRow {
  /** The public key of the words on paper. */
  readonly id: DeviceId
  readonly short: string
  /** The device that named it, or the recovery key whose place it took, and when by that one's clock. */
  readonly by: DeviceId
  readonly at: number
  /** Who ended it, itself by its own words, and when. */
  readonly ended: { readonly by: DeviceId; readonly at: number } | undefined
}

/** What a person says with the words of a recovery key. */
export interface RecoveryUse {
  /** The words or the link, as typed: a secret, used once and kept nowhere. */
  readonly secret: string
  /** This device is back if it was removed, and an admin. */
  readonly raise: boolean
  /** Devices that go, for good; and whatever recovery keys they named. */
  readonly remove: readonly DeviceId[]
  /** Removed devices that are back. */
  readonly back: readonly DeviceId[]
  /** The key that takes its place. */
  readonly successor?: DeviceId
  /** It is given up, for good. */
  readonly end: boolean
}

export interface RecoveryDesk {
  /** Every recovery key there was; the most senior first. */
  keys(): Promise<readonly RecoveryRow[]>
  /** Names a recovery key by its public key; its words never come here. */
  name(key: DeviceId): Promise<void>
  /** Ends one without its words; they overrule that. */
  end(key: DeviceId): Promise<void>
  use(using: RecoveryUse): Promise<void>
}
