/**
 * What a session's history says up to an epoch, as one hash (rule RE6): what both ends of a transfer
 * sign. Each message stands in it with where it was said first and the hash of that log up to there: so
 * it covers its words, and stays the same when its device says its logs again (rule SU1).
 */
import { type Bytes, utf8Encode } from '../bytes.ts'
import { encode } from '../encoding/msgpack.ts'
import { idBytes } from '../ids.ts'
import { label } from '../labels.ts'
import { depOfKey } from '../log/again.ts'
import type { Dep } from '../log/entry.ts'
import type { Sha256 } from '../primitives.ts'
import { history } from './conflicts.ts'
import type { DocumentState } from './document.ts'
import type { MessageNode } from './messages.ts'

export interface Spoken {
  /** Rolling: 32 bytes. */
  readonly digest: Bytes
  readonly messages: number
  /** Hash of the last message's id, 32 bytes; zeros when there is none. */
  readonly last: Bytes
}

export function spokenUpTo(sha256: Sha256, state: DocumentState, epoch: number): Spoken {
  let digest: Bytes = new Uint8Array(32)
  let messages = 0
  let last: string | undefined
  for (const { id, epoch: own, write } of history(state)) {
    if (own > epoch) continue
    const { log, seq, hash } = saidFirst(write)
    digest = sha256(label('spoken'), encode([digest, id, idBytes(log), seq, hash]))
    messages += 1
    last = id
  }
  return {
    ...{ digest, messages },
    last: last === undefined ? new Uint8Array(32) : sha256(utf8Encode(last)),
  }
}

function saidFirst({ again, ...here }: MessageNode['write']): Dep {
  const [first] = again ?? []
  return first === undefined ? here : depOfKey(first)
}
