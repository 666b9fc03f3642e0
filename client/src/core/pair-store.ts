/**
 * What pairing must not forget, kept among the keyring's secrets (P9, P10): one record holds all,
 * so that every change replaces it as a whole.
 */
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import type { PairMemory, PairMemoryRecord } from './pair-memory.ts'
import type { Keyring } from './ports/platform.ts'

const secret = 'pairings'

export async function openPairMemory(keyring: Keyring): Promise<PairMemory> {
  const records = new Map<string, PairMemoryRecord>()
  const bytes = await keyring.getSecret(secret)
  if (bytes) {
    for (const form of decode(bytes) as unknown as Record<string, Value>[]) {
      const record = restore(form) as unknown as PairMemoryRecord
      records.set(record.id, record)
    }
  }
  let saving: Promise<void> = Promise.resolve()

  /** In turn, and with what is there when its turn comes. */
  function save(): Promise<void> {
    const run = saving.then(() =>
      keyring.putSecret(secret, encode([...records.values()].map(plain) as unknown as Value)),
    )
    saving = run.catch(() => undefined)
    return run
  }

  return {
    all: async () => [...records.values()],
    async put(record) {
      records.set(record.id, record)
      await save()
    },
    async remove(id) {
      if (records.delete(id)) await save()
    },
  }
}

/** Fields that are undefined do not travel through MessagePack; they are marked as null. */
const plain = (record: PairMemoryRecord): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      value === undefined ? null : nested(value) ? plain(value as never) : value,
    ]),
  )

const restore = (form: Record<string, Value>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(form).map(([name, value]) => [
      name,
      value === null
        ? undefined
        : nested(value)
          ? restore(value as Record<string, Value>)
          : value instanceof Uint8Array
            ? value.slice()
            : value,
    ]),
  )

const nested = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
