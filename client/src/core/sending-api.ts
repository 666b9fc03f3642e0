/** Handing copies of sessions to other devices, and receipts; part of mesh-api.ts. */
import type { DeviceId, SessionId } from '@baton/shared/ids'

export interface ReceiptRow {
  readonly id: string
  readonly session: SessionId
  readonly from: DeviceId
  readonly to: DeviceId
  readonly at: number
  readonly records: number
  readonly bytes: number
  /** Hex; covers every carried file. */
  readonly lastRecord: string
  readonly digest: string
  /** Where the copy stands on `to`; its own words, as all of the next four. */
  readonly placed: string | undefined
  /** Why no file was written there. Neither this nor `placed`: it was sent to be carried only. */
  readonly unplaced: { readonly code: string; readonly message: string } | undefined
  /** Of a send back: the history of `to` goes on with it, or it stands beside that. */
  readonly merged: 'extended' | 'beside' | undefined
  readonly neutralised: Readonly<Record<string, number>>
  /** Of a session that moved: from which epoch on `to` holds it. A copy has none. */
  readonly epoch?: number
  readonly signedBy: readonly DeviceId[]
}

/** A running task whose events are all kept until read once; `cancel` ends it with `failed`. */
export interface Task<E> {
  readonly events: AsyncIterable<E>
  cancel(): void
}

/** A send as it goes. Ends with `done` or `failed`. */
export type SendEvent =
  | { readonly at: 'reading'; readonly records: number; readonly bytes: number }
  /** Files beside the transcript that are not carried, each with its reason; only when some are. */
  | { readonly at: 'skipped'; readonly files: readonly string[] }
  /** Records that go along though the session's file here no longer holds them; only when there are. */
  | { readonly at: 'cut'; readonly records: number }
  | {
      readonly at: 'connecting' | 'waiting'
      readonly device: DeviceId
    }
  | {
      readonly at: 'sending'
      readonly sentBytes: number
      readonly totalBytes: number
      /** What went over the links to this device since the send began. */
      readonly wireBytes: number
      readonly path: 'direct' | 'relayed' | 'unknown'
    }
  | { readonly at: 'placing' }
  | {
      readonly at: 'done'
      readonly receipt: ReceiptRow
      readonly digest: { readonly here: string; readonly there: string }
      readonly placed: { readonly path: string; readonly resume: string } | undefined
      /** Why it was not placed there, when it was not. */
      readonly unplaced: string | undefined
      readonly merged: 'extended' | 'beside' | undefined
      readonly ms: number
    }
  | {
      readonly at: 'failed'
      readonly code: string
      readonly message: string
      readonly hint?: string
    }

export interface SendOptions {
  readonly to: DeviceId
  /** Project path rewrites, applied on the receiver. */
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  readonly project?: string
  /** Ask the receiver not to place it into the agent's folder. */
  readonly carryOnly?: boolean
}
