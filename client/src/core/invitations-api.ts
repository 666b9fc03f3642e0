/** Inviting devices into sessions as surfaces see it; part of mesh-api.ts. Implemented by core/handoff and visits.ts. */
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import type { HandoffKind } from '@baton/shared/protocol/handoff'
import type { HandoffEvent } from './handoffs-api.ts'
import type { DeviceRow, PairingEvent, Task } from './mesh-api.ts'

/** One that was not used yet. */
export interface InvitationRow {
  /** 16 bytes, hex; of the request that comes of it, too. */
  readonly id: string
  readonly session: SessionId
  readonly title: string | undefined
  readonly kind: HandoffKind
  readonly mode: InterfaceMode | undefined
  readonly to: DeviceId
  /** ms since 1970. */
  readonly at: number
  readonly expiresAt: number
}

/** An invitation as it is used. Ends with `done` or `failed`. */
export type JoinEvent =
  /** For a device that is not paired: to be shown, never logged. */
  | { readonly at: 'link'; readonly link: string; readonly expiresAt: number }
  | { readonly at: 'meeting'; readonly stage: PairingEvent['at'] }
  /** The two devices know each other, for this session. */
  | { readonly at: 'met'; readonly device: DeviceRow }
  | HandoffEvent

export interface InviteTerms {
  readonly kind: HandoffKind
  readonly mode?: InterfaceMode
}

export interface Invitations {
  /** Those of this device that wait to be used, the newest first; `handoffs.cancel` ends one. */
  list(): readonly InvitationRow[]
  /** For a paired device; the link opens there alone, once, for five minutes. */
  invite(
    ref: string,
    terms: InviteTerms & { readonly to: DeviceId },
  ): Promise<InvitationRow & { readonly link: string }>
  /** For any device that opens the link: it gets this session and nothing else, while it is connected. */
  inviteGuest(ref: string, terms: InviteTerms): Task<JoinEvent>
  /** Throws `code-format` for what is no invitation, before any network use. */
  join(link: string): Task<JoinEvent>
}
