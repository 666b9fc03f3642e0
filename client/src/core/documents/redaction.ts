/** A message of this device, as entries that take it back (rules RD1, RD3): one for each place it has. */
import type { MessageNode } from '@baton/shared/conflict/messages'
import type { Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { splitLogId } from '@baton/shared/ids'
import { type Dep, depHashBytes, type Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseMessage } from '@baton/shared/model/document-entries'
import { encodeRedaction } from '@baton/shared/model/redaction'
import { parseStream } from '@baton/shared/model/stream-entries'
import type { Repository } from '../repo/repository.ts'
import { entriesOf } from '../repo/rows.ts'

export interface Retraction {
  readonly deps: readonly [Dep, ...Dep[]]
  readonly payload: Value
}

/** Throws `not-permitted` for a message of which this device wrote nothing. */
export async function retractionsOf(
  repository: Repository,
  { id, write, others }: MessageNode,
): Promise<readonly Retraction[]> {
  const found: Retraction[] = []
  for (const { log, seq } of [write, ...others]) {
    if (splitLogId(log).device !== repository.device) continue
    for await (const delta of repository.read(log, seq - 1)) {
      const [{ entry } = { entry: undefined }] = entriesOf(delta)
      const said = entry && saidIn(entry)
      if (entry && said?.id === id) {
        const hash = write.log === log && write.seq === seq ? write.hash : noHash
        const payload = encodeRedaction({ ...said, stamp: entry.stamp })
        const [first] = entry.again ?? []
        // It counts, or stands beside the history, by where it stood first.
        const stood = first && splitLogId(first.log).device === repository.device ? [first] : []
        found.push({ deps: [{ log, seq, hash }, ...stood], payload })
      }
      break
    }
  }
  if (found.length > 0) return found
  throw new BatonError('not-permitted', 'failed to take back: another device wrote this message', {
    hint: 'only who said it can take it back',
  })
}

/** Of a stream the beginning is taken back, and all of it with that. */
function saidIn({ kind, payload }: Entry) {
  if (kind === kinds.message) return parseMessage(payload)
  const said = kind === kinds.stream ? parseStream(payload) : undefined
  return said?.at === 'beginning' ? said : undefined
}

/** Of a place that is not the one shown the chain hash is not kept; nothing asks for it. */
const noHash = new Uint8Array(depHashBytes)
