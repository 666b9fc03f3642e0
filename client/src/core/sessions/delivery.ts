/**
 * The question a sender asks once everything is durable on the other side (rules DV1 to DV6):
 * "show that you hold it, put it where your agent finds it, and sign". One message each way, and
 * this file is both the asking and the answering end of its form.
 */

import type { Bytes } from '@baton/shared/bytes'
import { bytesField, bytesUpTo } from '@baton/shared/encoding/field'
import { decodeAs, encode, type Value } from '@baton/shared/encoding/msgpack'
import * as z from 'zod/mini'

export const deliverMethod = 'deliver'

export interface DeliverQuestion {
  /** Encoded TransferStatement and the sender's signature over it. */
  readonly transfer: Bytes
  readonly signature: Bytes
  readonly maps: readonly { readonly from: string; readonly to: string }[]
  readonly project: string | undefined
  readonly carryOnly: boolean
}

export interface DeliverAnswer {
  readonly digest: Bytes
  readonly report: Bytes
  readonly signature: Bytes
  readonly placed: { readonly path: string; readonly resume: string } | undefined
  /** Why it was not placed, for a person. */
  readonly unplaced:
    | { readonly code: string; readonly message: string; readonly hint: string }
    | undefined
  readonly merged: 'extended' | 'beside' | undefined
}

const text = (max: number) => z.string().check(z.maxLength(max))

const questionSchema = z.tuple([
  bytesUpTo(1024 * 1024),
  bytesField(64),
  z.array(z.tuple([text(4096), text(4096)])).check(z.maxLength(64)),
  z.nullable(text(4096)),
  z.boolean(),
])

export const encodeQuestion = (q: DeliverQuestion): Bytes =>
  encode([
    q.transfer,
    q.signature,
    q.maps.map(({ from, to }): Value => [from, to]),
    q.project ?? null,
    q.carryOnly,
  ])

export function parseQuestion(bytes: Bytes): DeliverQuestion {
  const [transfer, signature, maps, project, carryOnly] = decodeAs(questionSchema, bytes)
  return {
    transfer,
    signature,
    maps: maps.map(([from, to]) => ({ from, to })),
    project: project ?? undefined,
    carryOnly,
  }
}

const answerSchema = z.tuple([
  bytesField(32),
  bytesUpTo(64 * 1024),
  bytesField(64),
  z.nullable(z.tuple([text(4096), text(8192)])),
  z.nullable(z.tuple([text(64), text(512), text(1024)])),
  z.nullable(z.enum(['extended', 'beside'])),
])

export const encodeAnswer = (a: DeliverAnswer): Bytes =>
  encode([
    a.digest,
    a.report,
    a.signature,
    a.placed ? [a.placed.path, a.placed.resume] : null,
    a.unplaced ? [a.unplaced.code, a.unplaced.message, a.unplaced.hint] : null,
    a.merged ?? null,
  ])

export function parseAnswer(bytes: Bytes): DeliverAnswer {
  const [digest, report, signature, placed, unplaced, merged] = decodeAs(answerSchema, bytes)
  return {
    digest,
    report,
    signature,
    placed: placed ? { path: placed[0], resume: placed[1] } : undefined,
    unplaced: unplaced ? { code: unplaced[0], message: unplaced[1], hint: unplaced[2] } : undefined,
    merged: merged ?? undefined,
  }
}
