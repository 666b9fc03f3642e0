/** Handing sessions over as surfaces see it; part of mesh-api.ts. Implemented by core/handoff. */
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import type { HandoffKind, HandoffPolicy, HandoffRequest } from '@baton/shared/protocol/handoff'

export type {
  HandoffKind,
  HandoffPolicy,
  HandoffReason,
  HandoffState,
} from '@baton/shared/protocol/handoff'

/** A request, on either of its ends. */
export interface HandoffRow extends Omit<HandoffRequest, 'requires'> {
  /** It waits for an answer of this device. */
  readonly waitsForUs: boolean
  /** The interface mode that its invitation names. */
  readonly mode?: InterfaceMode
}

/** Who holds a session. */
export interface HoldingRow {
  readonly session: SessionId
  /** One device at a time writes its history; false: whoever may write does. */
  readonly held: boolean
  /** Undefined while it is on its way, or nothing of it is here. */
  readonly holder: DeviceId | undefined
  readonly epoch: number
  /** To whom it was signed over that has not taken it yet. */
  readonly passingTo: DeviceId | undefined
  /** The last change of hands had no word of who held it before: there may be more over there. */
  readonly split: boolean
  /** Its agent's files hold it, and Baton watches those. */
  readonly watched?: boolean
}

/** What one device said in an epoch that it did not hold, or no longer. */
export interface BesideRow {
  readonly device: DeviceId
  readonly epoch: number
  /** It had let go, held it while another took it over, or never held it. */
  readonly reason: 'fenced' | 'split' | 'not-holder'
  readonly messages: number
  /** Of its first and last message, ms since 1970, by the clock of its device. */
  readonly from: number
  readonly to: number
}

/** A handoff as it goes. Ends with `done` or `failed`. */
export type HandoffEvent =
  | { readonly at: 'asking' | 'waiting'; readonly handoff: HandoffRow }
  | { readonly at: 'accepted'; readonly handoff: HandoffRow }
  /** The agent of a watched session still has it open on the device that lets go. */
  | { readonly at: 'open'; readonly handoff: HandoffRow }
  /** The other device gets what it lacks. */
  | { readonly at: 'carrying'; readonly handoff: HandoffRow }
  /** Signed over: from here on only the other device can give it back. */
  | { readonly at: 'signed'; readonly handoff: HandoffRow }
  | {
      readonly at: 'done'
      readonly handoff: HandoffRow | undefined
      readonly holding: HoldingRow
      /** From the last write here to the first that is possible there. */
      readonly pauseMs: number | undefined
      /** Where a watched session stands now, and the line that goes on there. */
      readonly placed?: { readonly path: string; readonly resume: string } | undefined
      /** Why it stands nowhere: taken by force all the same. */
      readonly unplaced?: string | undefined
    }
  | {
      readonly at: 'failed'
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

/** Where the device that gets a watched session puts it. */
export interface PlaceWhere {
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  readonly project?: string
}

/** What came of asking the device that a session was handed to to go on with it there. */
export const resumeWords = [
  'started',
  'not-allowed',
  'no-terminal',
  'busy',
  'no-agent',
  'not-here',
] as const
export type ResumeWord = (typeof resumeWords)[number]

/** Runs the line of a session that came here, where a person sits; false while it runs another. */
export type ResumeRunner = (at: { readonly path: string; readonly resume: string }) => boolean

export interface HandoffTask {
  readonly events: AsyncIterable<HandoffEvent>
  /** Before it is signed over this ends it; after that it goes on. */
  cancel(): void
}

export interface Handoffs {
  /** Of this device, the newest first. */
  list(): Promise<readonly HandoffRow[]>
  holding(ref: string): Promise<HoldingRow>
  /** Hands a session that this device holds to another, or lets it write or read along. */
  hand(
    ref: string,
    options: { readonly to: DeviceId; readonly kind: HandoffKind; readonly where?: PlaceWhere },
  ): HandoffTask
  /**
   * Brings a session here. `force`: without a word of who holds it, which is shown as a possible split
   * until that one is heard.
   */
  take(
    ref: string,
    options: { readonly kind: HandoffKind; readonly force?: boolean; readonly where?: PlaceWhere },
  ): HandoffTask
  /** Rejects with `not-found` when nothing waits under that id, or its beginning. */
  answer(id: string, accept: boolean): Promise<void>
  cancel(id: string): Promise<void>
  /** What stands beside the history of a session. */
  beside(ref: string): Promise<readonly BesideRow[]>
  /** Goes on with that in a session of its own, which this device holds; resolves with its id. */
  branchOff(
    ref: string,
    of: { readonly device: DeviceId; readonly epoch: number },
  ): Promise<SessionId>
  /**
   * Of a watched session: puts a branch, by its name, in a file of its own here, for the agent to go on
   * with; a session of its own from then on.
   */
  continueBranch(
    ref: string,
    name: string,
    where: PlaceWhere,
  ): Promise<{ readonly path: string; readonly resume: string }>
  /** Of one device, or of all that have none of their own. */
  policy(device?: DeviceId): HandoffPolicy
  setPolicy(policy: HandoffPolicy, device?: DeviceId): Promise<void>
  /** Has the device that a session was handed to go on with it there, where it allows that. */
  resume(id: string): Promise<ResumeWord>
  /** Who may have this device go on with what it handed over: `always`, and otherwise nobody. */
  resumePolicy(device?: DeviceId): HandoffPolicy
  setResumePolicy(policy: HandoffPolicy, device?: DeviceId): Promise<void>
  /** Serves such requests until the returned function runs. */
  serveResume(runner: ResumeRunner): () => void
}
