/**
 * Driven sessions as surfaces see them (rules NS, WA, AC): sessions whose every word goes through Baton,
 * made and extended by people and by agents that are hosted here. Part of mesh-api.ts.
 */
import type { DeviceId, SessionId } from '@baton/shared/ids'
import type { ToolStatus } from '@baton/shared/model/document-entries'

/** Whose word a message is. `thought`: what an agent says to itself. */
export const speakers = ['user', 'assistant', 'thought', 'system'] as const
export type Speaker = (typeof speakers)[number]

export interface SaidRow {
  readonly session: SessionId
  readonly id: string
  /** It waits in the inbox for who holds the session, and is no message yet. */
  readonly waits: boolean
}

export interface DrivenDesk {
  /** A new session of this device. */
  create(options: { readonly title?: string; readonly agent?: string }): Promise<SessionId>
  /**
   * Adds a message (`ref` as for `show`). What a user says goes to the inbox where another device holds
   * the session, or someone drives it here; anything else is `not-holder` or `not-permitted` there.
   * `id`: one of the caller's, under which it is said once, however often it asks.
   */
  say(
    ref: string,
    said: { readonly role: Speaker; readonly text: string; readonly id?: string },
  ): Promise<SaidRow>
  /** The last screen of a session, then what comes, until it is cancelled. */
  live(ref: string, options: { readonly last: number }): LiveTask
  /** Takes the pen of a session on this device: one at a time, `already-running` for a second. */
  drive(ref: string): Promise<Drive>
}

export interface LiveTask {
  readonly events: AsyncIterable<LiveEvent>
  cancel(): void
}

/** How a message stands: said, being said, broken off or taken back. */
export type MessageState = 'whole' | 'open' | 'interrupted' | 'retracted'

export type LiveEvent =
  | {
      readonly at: 'session'
      readonly session: SessionId
      readonly title: string | undefined
      /** Every word goes through Baton; otherwise it follows the files of an agent. */
      readonly driven: boolean
    }
  /** Also said again, where what was told before is no longer so. */
  | {
      readonly at: 'message'
      readonly id: string
      readonly role: string
      readonly device: DeviceId
      /** ms since 1970, by the clock of that device. */
      readonly time: number
      readonly text: string
      readonly state: MessageState
      readonly flaw?: 'missing' | 'different'
    }
  /** More of an open one. */
  | { readonly at: 'text'; readonly id: string; readonly text: string }
  | {
      readonly at: 'ended'
      readonly id: string
      readonly state: 'whole' | 'interrupted'
      readonly flaw?: 'missing' | 'different'
    }
  | ({ readonly at: 'call' } & CallFacts)
  | { readonly at: 'plan'; readonly entries: readonly PlanEntry[] }
  /** It waits in the inbox. */
  | {
      readonly at: 'input'
      readonly id: string
      readonly device: DeviceId
      readonly text: string
    }
  /** All that was there is told; what comes from now on is new. */
  | { readonly at: 'now' }
  | {
      readonly at: 'failed'
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

export interface CallFacts {
  readonly call: string
  readonly status: ToolStatus
  readonly name: string
  /** JSON or text, shortened. */
  readonly input?: string
  readonly output?: string
}

export interface PlanEntry {
  readonly content: string
  readonly status: 'pending' | 'in_progress' | 'completed'
}

/** What who drives a session writes into it, in order. */
export type DriveStep =
  | {
      readonly do: 'say'
      readonly role: Speaker
      readonly text: string
      /** The input that it takes up: once, whatever happens in between. */
      readonly consumes?: string
    }
  /** `stream`: a name of the caller's, for the steps that follow. */
  | { readonly do: 'begin'; readonly stream: string; readonly role: Speaker }
  | { readonly do: 'text'; readonly stream: string; readonly text: string }
  | { readonly do: 'end' | 'abort'; readonly stream: string }
  /** The first of a call is its intent, in the history and durable when the step is done. */
  | ({ readonly do: 'tool' } & CallFacts)
  | { readonly do: 'plan'; readonly entries: readonly PlanEntry[] }
  | { readonly do: 'mode'; readonly mode: string }
  /** Up to here the agent knows the history, in this session of its own. */
  | { readonly do: 'known'; readonly agent: string; readonly session: string }

/** An input that waits to be taken up. */
export interface DriveInput {
  readonly id: string
  readonly device: DeviceId
  readonly text: string
}

export interface Drive {
  readonly session: SessionId
  /** Calls of earlier runs without a result: they are `unknown` now. */
  readonly leftOpen: readonly CallFacts[]
  /** How the agent that was last driven from this device knows the session. */
  readonly known: AgentLink | undefined
  /** Each once, until it is closed; rejects with `not-holder` once another device holds the session. */
  readonly inputs: AsyncIterable<DriveInput>
  /**
   * Durable when it resolves, but for text, which is taken then. One call at a time takes effect; a
   * step that is refused ends the call, and what stands before it stays.
   */
  apply(steps: readonly DriveStep[]): Promise<void>
  /** What the history says, for whoever goes on with it, oldest first. */
  past(options?: { readonly after?: string }): Promise<readonly PastMessage[]>
  /** Lays down the pen: open streams are broken off, calls without a result are settled. */
  close(): Promise<void>
}

export interface AgentLink {
  readonly agent: string
  /** The agent's own name of it. */
  readonly session: string
  /** The last message that it knows. */
  readonly after: string | undefined
}

export interface PastMessage {
  readonly id: string
  readonly role: string
  readonly text: string
}
