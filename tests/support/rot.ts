/** A disk that gives back other bytes than were written: one letter of stored entries changes. */
import type { Store } from '@baton/client/core/ports/store'
import { under } from '@baton/client/core/repo/keys'
import { decodeStored, encodeStored } from '@baton/client/core/repo/rows'
import { idBytes, type SessionId } from '@baton/shared/ids'
import { zlib } from './zlib.ts'

/** Where in a run, as it unfolds, a letter changes; undefined: nowhere. */
export type Where = (raw: Buffer, index: number, runs: number) => number | undefined

const middle: Where = (raw) => raw.length >> 1

export async function rot(store: Store, session: SessionId, where: Where = middle): Promise<void> {
  const rows: (readonly [Uint8Array, Uint8Array])[] = []
  for await (const row of store.list(under('d', idBytes(session)))) rows.push(row)
  for (const [index, [put, row]] of rows.entries()) {
    const { packed, ...place } = decodeStored(row)
    const { rawBytes, bytes } = packed
    const raw = (rawBytes > 0 ? await zlib.inflate(bytes, rawBytes) : bytes).slice()
    const at = where(Buffer.from(raw), index, rows.length)
    if (at === undefined || at < 0) continue
    raw[at] = (raw[at] ?? 0) ^ 1
    const value = encodeStored({ ...place, packed: { rawBytes: 0, bytes: raw } })
    await store.write([{ put, value }])
  }
}

/** At the first place of a text. */
export const atText =
  (text: string): Where =>
  (raw) =>
    raw.indexOf(text)
