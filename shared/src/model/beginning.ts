/**
 * What the first entry of a session's log says (rules MO2, GR1): which log of the same device
 * it goes on from, and, in a log of the session's author, what the session is.
 */
import * as z from 'zod/mini'
import { equalBytes } from '../bytes.ts'
import { incarnationBytes, joinLogId, type LogId, splitLogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import type { Sha256 } from '../primitives.ts'
import {
  descriptorSchema,
  documentDescriptorSchema,
  type SessionDescriptor,
} from './agent-entries.ts'
import { mintSessionId } from './session-id.ts'

export type { SessionDescriptor } from './agent-entries.ts'

const schema = z.union([descriptorSchema, documentDescriptorSchema])

export type Beginning =
  | {
      readonly at: 'read'
      readonly predecessor: LogId | undefined
      /** Only of the device that the session's id commits to. */
      readonly descriptor: SessionDescriptor | undefined
    }
  /** It describes a session that its device did not mint. */
  | { readonly at: 'not-author'; readonly predecessor: LogId | undefined }
  | { readonly at: 'malformed' }

/**
 * `entry` is a genesis of `log`, or says one again that is hidden by now. Open at its end: a later
 * version may add fields.
 */
export function readBeginning(sha256: Sha256, log: LogId, entry: Entry): Beginning {
  const genesis = entry.payload
  if ((entry.seq === 1) === (entry.again !== undefined)) return { at: 'malformed' }
  if (!Array.isArray(genesis)) return { at: 'malformed' }
  const { session, device, incarnation } = splitLogId(log)
  // One that is said again says nothing of the log it stands in.
  const told: unknown = entry.again ? undefined : genesis[0]
  const before: unknown = Array.isArray(told) ? told[0] : undefined
  const names = before instanceof Uint8Array && before.length === incarnationBytes
  const predecessor =
    names && !equalBytes(before, incarnation) ? joinLogId(session, device, before) : undefined
  if (genesis[1] === null || genesis[1] === undefined) {
    return { at: 'read', predecessor, descriptor: undefined }
  }
  const parsed = schema.safeParse(genesis[1])
  if (!parsed.success) return { at: 'malformed' }
  if (mintSessionId(sha256, device, parsed.data.nonce) !== session) {
    return { at: 'not-author', predecessor }
  }
  return { at: 'read', predecessor, descriptor: parsed.data }
}

/** A descriptor as a cache kept it; undefined for none and for what is none. */
export function readSessionDescriptor(value: unknown): SessionDescriptor | undefined {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}

/** One device at a time writes its history: an agent's, unless it was begun as an open one. */
export const isHeld = (descriptor: SessionDescriptor | undefined): boolean =>
  descriptor?.kind === 'agent' && descriptor.open !== true
