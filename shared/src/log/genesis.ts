/**
 * The first entry of a log (LG10): payload = [predecessor | null, descriptor | null]. The
 * predecessor is the head of the same device's earlier log in the same session; the descriptor
 * stands in the very first log of a session and is read by the model, not here.
 */
import * as z from 'zod/mini'
import { type Bytes, equalBytes } from '../bytes.ts'
import { bytesField, recordField, seqField } from '../encoding/field.ts'
import type { Value } from '../encoding/msgpack.ts'
import { BatonError } from '../errors.ts'
import { incarnationBytes } from '../ids.ts'
import { type Head, hashBytes } from './chain.ts'

export interface Predecessor extends Head {
  /** 8 bytes; the rest of its log id is that of the genesis. */
  readonly incarnation: Bytes
}

/** Open: a later version may add names. */
export type Descriptor = { readonly [name: string]: Value }

export interface Genesis {
  readonly predecessor: Predecessor | undefined
  readonly descriptor: Descriptor | undefined
}

const genesisSchema = z.tuple([
  z.nullable(z.tuple([bytesField(incarnationBytes), seqField, bytesField(hashBytes)])),
  z.nullable(recordField),
])

export function genesisPayload(genesis: Genesis): Value {
  const { predecessor, descriptor } = genesis
  return [
    predecessor ? [predecessor.incarnation, predecessor.seq, predecessor.hash] : null,
    descriptor ?? null,
  ]
}

/** Throws `invalid`. `incarnation` is that of the log itself, which cannot precede itself. */
export function parseGenesis(payload: Value, incarnation: Bytes): Genesis {
  const parsed = genesisSchema.safeParse(payload)
  if (!parsed.success) throw new BatonError('invalid', 'failed to read a genesis: wrong shape')
  const [before, descriptor] = parsed.data
  if (before !== null && equalBytes(before[0], incarnation)) {
    throw new BatonError('invalid', 'failed to read a genesis: it names itself')
  }
  return {
    predecessor: before ? { incarnation: before[0], seq: before[1], hash: before[2] } : undefined,
    descriptor: descriptor ?? undefined,
  }
}
