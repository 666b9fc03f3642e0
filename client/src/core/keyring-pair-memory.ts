/**
 * PairMemory in one secret of the keyring: all records together, replaced as a whole, so that a
 * write is atomic and nothing has to be listed. Rules: P9, P10. Meant for tens of devices.
 */

import { bytesField, bytesUpTo, countField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import * as z from 'zod/mini'
import type { PairMemory, PairMemoryRecord } from './pair-memory.ts'
import type { Keyring } from './ports/platform.ts'

const secretName = 'pairs'

const key = bytesField(32)
const pending = z.strictObject({
  at: z.literal('pending'),
  id: z.string(),
  recovery: key,
  th: key,
  prk: key,
  commitment: key,
  body: bytesUpTo(2048),
  agreed: z.boolean(),
  until: countField,
})
const answer = z.strictObject({
  recovery: key,
  th: key,
  body: bytesUpTo(2048),
  signature: bytesField(64),
  until: countField,
})
const paired = z.strictObject({
  at: z.literal('paired'),
  id: z.string(),
  device: key,
  exchange: key,
  root: key,
  hash: key,
  version: countField,
  name: z.string(),
  platform: z.string(),
  answer: z.nullable(answer),
  adopting: z.nullable(bytesUpTo(64)),
})
const schema = z.tuple([z.literal(1), z.array(z.discriminatedUnion('at', [pending, paired]))])

/** Rejects with `keyring-unreadable` when the secret is not what was written. */
export function keyringPairMemory(keyring: Keyring): PairMemory {
  let known: Promise<Map<string, PairMemoryRecord>> | undefined
  let tail: Promise<unknown> = Promise.resolve()

  async function load(): Promise<Map<string, PairMemoryRecord>> {
    const secret = await keyring.getSecret(secretName)
    if (secret === undefined) return new Map()
    try {
      const [, records] = decodeAs(schema, secret)
      return new Map(
        records.map((record) => [
          record.id,
          record.at === 'pending'
            ? record
            : {
                ...record,
                answer: record.answer ?? undefined,
                adopting: record.adopting ?? undefined,
              },
        ]),
      )
    } catch (cause) {
      throw new BatonError('keyring-unreadable', 'failed to read the pairings', { cause })
    }
  }

  const records = () => {
    known ??= load().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  /** One change at a time; memory moves on only when the disk has. */
  function change(apply: (records: Map<string, PairMemoryRecord>) => void): Promise<void> {
    const done = tail.then(async () => {
      const next = new Map(await records())
      apply(next)
      const list = [...next.values()].map((record) =>
        record.at === 'pending'
          ? { ...record }
          : { ...record, answer: asValue(record.answer), adopting: record.adopting ?? null },
      )
      await keyring.putSecret(secretName, encode([1, list]))
      known = Promise.resolve(next)
    })
    tail = done.catch(() => {})
    return done
  }

  return {
    async all() {
      await tail
      return [...(await records()).values()]
    },
    put: (record) => change((all) => all.set(record.id, record)),
    remove: (id) => change((all) => all.delete(id)),
  }
}

const asValue = <T extends object>(
  value: T | undefined,
): { readonly [K in keyof T]: T[K] } | null => (value === undefined ? null : { ...value })
