/**
 * PairMemory in the keyring: one secret for each record, and one that lists them (rule P17). A
 * secret is replaced as a whole; a record counts once it is listed, and no longer once it is not.
 */
import { type Bytes, fromHex, toHex } from '@baton/shared/bytes'
import { bytesField, bytesUpTo, countField } from '@baton/shared/encoding/field'
import { decodeAs, encode, type Value } from '@baton/shared/encoding/msgpack'
import { BatonError, isBatonError } from '@baton/shared/errors'
import * as z from 'zod/mini'
import type { Keyring } from '../ports/platform.ts'
import type { PairMemory, PairMemoryRecord } from './memory.ts'

const indexName = 'pairs'
const nameOf = (id: string) => `pair.${id}`

const idBytes = 16
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
  introduced: z.optional(z.literal(true)),
})
const schema = z.tuple([z.literal(1), z.discriminatedUnion('at', [pending, paired])])
const indexSchema = z.tuple([z.literal(1), z.array(bytesField(idBytes))])

/** Ids are hex of 16 bytes. Rejects with `keyring-unreadable` when a secret is not what was written. */
export function keyringPairMemory(keyring: Keyring): PairMemory {
  let known: Promise<Map<string, PairMemoryRecord>> | undefined
  let tail: Promise<unknown> = Promise.resolve()

  async function load(): Promise<Map<string, PairMemoryRecord>> {
    const index = await keyring.getSecret(indexName)
    const records = new Map<string, PairMemoryRecord>()
    if (index === undefined) return records
    try {
      for (const id of decodeAs(indexSchema, index)[1].map(toHex)) {
        const secret = await keyring.getSecret(nameOf(id))
        if (secret) records.set(id, read(secret))
      }
      return records
    } catch (cause) {
      if (isBatonError(cause) && cause.code !== 'invalid') throw cause
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

  const list = (ids: Iterable<string>) =>
    keyring.putSecret(indexName, encode([1, [...ids].map(fromHex)]))

  /** One change at a time; what is known moves on only when the disk has. */
  function change(
    work: (known: ReadonlyMap<string, PairMemoryRecord>) => Promise<Map<string, PairMemoryRecord>>,
  ): Promise<void> {
    const done = tail.then(async () => {
      known = Promise.resolve(await work(await records()))
    })
    tail = done.catch(() => {})
    return done
  }

  return {
    async all() {
      await tail
      return [...(await records()).values()]
    },
    put: (record) =>
      change(async (all) => {
        await keyring.putSecret(nameOf(record.id), encode([1, asValue(record)]))
        if (!all.has(record.id)) await list([...all.keys(), record.id])
        return new Map(all).set(record.id, record)
      }),
    remove: (id) =>
      change(async (all) => {
        const rest = new Map(all)
        if (!rest.delete(id)) return rest
        await list(rest.keys())
        await keyring.deleteSecret(nameOf(id))
        return rest
      }),
  }
}

function read(secret: Bytes): PairMemoryRecord {
  const record = decodeAs(schema, secret)[1]
  if (record.at === 'pending') return record
  const { answer, adopting, introduced, ...rest } = record
  const known = introduced ? { introduced } : {}
  return { ...rest, ...known, answer: answer ?? undefined, adopting: adopting ?? undefined }
}

function asValue(record: PairMemoryRecord): Value {
  if (record.at === 'pending') return { ...record }
  const { answer, adopting } = record
  return { ...record, answer: answer ? { ...answer } : null, adopting: adopting ?? null }
}
