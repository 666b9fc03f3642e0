/**
 * The question a sender asks once everything is durable on the other side (rule DV1): "show that you
 * hold it, put it where your agent finds it, and sign". One message each way, and this file is both
 * the asking and the answering end of its form.
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
  /** Of what the receiver shows for the sender: the sender compares it with its own. */
  readonly digest: Bytes
  /** Encoded PlacementReport and the receiver's signature over it and the transfer. */
  readonly report: Bytes
  readonly signature: Bytes
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

const answerSchema = z.tuple([bytesField(32), bytesUpTo(64 * 1024), bytesField(64)])

export const encodeAnswer = (a: DeliverAnswer): Bytes => encode([a.digest, a.report, a.signature])

export function parseAnswer(bytes: Bytes): DeliverAnswer {
  const [digest, report, signature] = decodeAs(answerSchema, bytes)
  return { digest, report, signature }
}
