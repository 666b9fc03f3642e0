/**
 * The mesh as the pages of one origin see it (rule WB31): what their screens use of it, in a form that
 * is the same whether this page runs the device or asks the one that does.
 */
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { InterfaceMode, UiState } from '@baton/shared/model/agent/schema'
import type {
  Document,
  DrivenDesk,
  HandoffKind,
  HandoffPolicy,
  Handoffs,
  InvitationRow,
  Invitations,
  Mesh,
  SaidRow,
} from '../mesh-api.ts'
import type { MeshChange } from './messages.ts'

export interface PageDocument extends Pick<Document, 'inputs' | 'digest' | 'watch' | 'entries'> {
  readonly session: SessionId
  /** What waited becomes a message of the history. */
  takeUp(input: string, content: string): Promise<void>
}

export interface PageHandoffs
  extends Pick<
    Handoffs,
    | ('list' | 'holding' | 'hand' | 'take')
    | ('answer' | 'cancel' | 'beside' | 'branchOff' | 'setPolicy')
  > {
  policy(): Promise<HandoffPolicy>
}

export interface PageInvitations extends Pick<Invitations, 'inviteGuest' | 'join'> {
  list(): Promise<readonly InvitationRow[]>
  invite(
    ref: string,
    terms: { readonly kind: HandoffKind; readonly to: DeviceId },
  ): Promise<InvitationRow & { readonly link: string }>
}

/** What the device knows of its browser and its machine. */
export interface PageFacts {
  /** ms since 1970 by the clock of the service; undefined until it answered. */
  readonly serverTime: number | undefined
  /** The browser gave no room for what was written last. */
  readonly isFull: boolean
}

export interface PageMesh
  extends Pick<
    Mesh,
    | ('self' | 'conflicts' | 'settle' | 'hidden' | 'adopt' | 'devices' | 'rename' | 'remove')
    | ('setRole' | 'invite' | 'join' | 'sessions' | 'show' | 'send' | 'receipts' | 'status')
  > {
  readonly self: DeviceId
  readonly documents: { open(session: SessionId): Promise<PageDocument> }
  readonly handoffs: PageHandoffs
  readonly invitations: PageInvitations
  readonly driven: Pick<DrivenDesk, 'create' | 'live'> & {
    /** By a person; said once, whatever becomes of the page that runs the device. */
    say(ref: string, said: { readonly role: 'user'; readonly text: string }): Promise<SaidRow>
  }
  readonly modes: PageModes
  readonly kept: Kept
  facts(): Promise<PageFacts>
  /** When the store last wrote something, ms since 1970. */
  written(): Promise<number | undefined>
  watch(handler: (change: MeshChange) => void): () => void
}

/** How a session is shown in each interface mode (modes.ts). */
export interface PageModes {
  ui(session: SessionId, mode: InterfaceMode): Promise<UiState>
  /** Opened in that mode: told where this device holds the session. */
  enter(session: SessionId, mode: InterfaceMode): Promise<void>
  choose(
    session: SessionId,
    mode: InterfaceMode,
    name: keyof UiState & string,
    value: string | number | boolean,
  ): Promise<void>
}

/** What the pages of a device keep for themselves, sealed as all of its store is. */
export interface Kept {
  get(name: string): Promise<string | undefined>
  /** Durable when it resolves; an empty text takes it away. */
  put(name: string, text: string): Promise<void>
}
