/**
 * What the messages of a history say, read where they stand (rule DC3): the last screen costs what is
 * on it, not what lies before.
 */

import type { MessageNode } from '@baton/shared/conflict/messages'
import { decode, type Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { LogId } from '@baton/shared/ids'
import { maxContentBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { type Held, parseMessage } from '@baton/shared/model/document-entries'
import type { DocumentMessage } from '../mesh-api.ts'
import type { Repository } from '../repo/repository.ts'
import { entriesOf } from '../repo/rows.ts'

/** Values of a document, blobs read in. */
export async function readHeld({ blobs }: Repository, held: Held): Promise<Value | undefined> {
  if (held.at === 'absent') return undefined
  if (held.at === 'value') return held.value
  return decode(await blobs.whole(held.blob), { maxBytes: maxContentBytes })
}

/** The messages in the order given. Throws `store-corrupt` for one that is not there. */
export async function readMessages(
  repository: Repository,
  nodes: readonly MessageNode[],
): Promise<DocumentMessage[]> {
  const wanted = new Map<LogId, Map<number, MessageNode>>()
  for (const node of nodes) {
    if (node.redacted) continue
    const { log, seq } = node.write
    const those = wanted.get(log) ?? new Map()
    wanted.set(log, those.set(seq, node))
  }
  const found = new Map<string, Held>()
  for (const [log, those] of wanted) await readFrom(repository, log, those, found)
  const rows: DocumentMessage[] = []
  for (const { id, parent, write, redacted } of nodes) {
    const place = { id, parent, at: write.stamp.ms, device: write.device }
    if (redacted) {
      rows.push({ ...place, value: null, redacted })
      continue
    }
    const held = found.get(id)
    if (!held) throw new BatonError('store-corrupt', 'failed to read a message: it is not there')
    const value = (await readHeld(repository, held)) ?? null
    rows.push({ ...place, value })
  }
  return rows
}

/** Runs of entries without any that is wanted are passed over: reading begins anew behind them. */
async function readFrom(
  repository: Repository,
  log: LogId,
  wanted: ReadonlyMap<number, MessageNode>,
  found: Map<string, Held>,
): Promise<void> {
  const seqs = [...wanted.keys()].sort((a, b) => a - b)
  let next = 0
  while (next < seqs.length) {
    const first = seqs[next] as number
    for await (const delta of repository.read(log, first - 1)) {
      for (const { seq, entry } of entriesOf(delta)) {
        if (seq !== seqs[next]) continue
        next += 1
        const message = entry?.kind === kinds.message ? parseMessage(entry.payload) : undefined
        const node = wanted.get(seq)
        if (message && node) found.set(node.id, message.held)
      }
      const last = delta.after + delta.bodies.length
      const following = seqs[next]
      if (following === undefined || following > last + delta.bodies.length) break
    }
    if ((seqs[next] ?? 0) === first) return
  }
}
