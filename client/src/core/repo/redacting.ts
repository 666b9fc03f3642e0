/**
 * Takes the bodies of redacted entries off the disk (rules RD5 to RD7): the hash of each stays in its
 * place, so that the log goes on verifying here and wherever it is sent. Only the author of a log takes
 * back what stands in it; a body that is missing without that counts as not held.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { type LogId, logId } from '@baton/shared/ids'
import { readEntry } from '@baton/shared/log/again'
import { entryHash, isWithheld, withheld, withheldHash } from '@baton/shared/log/chain'
import type { Delta } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import type { At } from '@baton/shared/model/agent-entries'
import type { Sha256 } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { Store, Write } from '../ports/store.ts'
import { blobKey, deltaKey, deltasAfter, redactKey, under } from './keys.ts'
import type { Packing } from './packing.ts'
import {
  blobOf,
  type DeltaFacts,
  decodeStored,
  encodeStored,
  factsOf,
  fromStore,
  redactDone,
  seqOfKey,
} from './rows.ts'

export interface Redacting {
  /** True for an entry whose author took it back. */
  isTaken(log: LogId, seq: number): boolean
  /** Entries were stored: bodies that are to go by what they say, or among them, go. */
  grew(delta: Delta, facts: DeltaFacts): void
  /** Resolves when everything that is to go is gone. */
  settled(): Promise<void>
}

export interface RedactingPorts {
  readonly store: Store
  readonly packing: Packing
  readonly sha256: Sha256
  /** What was lacking is not any more. */
  completed(hash: Bytes): void
}

export async function openRedacting(ports: RedactingPorts): Promise<Redacting> {
  const { store, packing, sha256 } = ports
  const taken = new Map<LogId, Set<number>>()
  const due = new Map<LogId, Set<number>>()
  const inTurn = createLanes<LogId>()
  let work: Promise<unknown> = Promise.resolve()

  for await (const [key, row] of store.list(under('x'))) {
    const log = logId(key.slice(1, 57))
    note(taken, log, seqOfKey(key))
    if (row[0] !== redactDone[0]) note(due, log, seqOfKey(key))
  }
  for (const [log, seqs] of due) for (const seq of seqs) later({ log, seq })

  function later(at: At): void {
    const done = inTurn(at.log, () => erase(at))
    // A disk that refuses it is asked again at the next start.
    work = Promise.allSettled([work, done])
  }

  async function erase({ log, seq }: At): Promise<void> {
    for await (const [key, row] of store.list({ ...deltasAfter(log, seq - 1), limit: 1 })) {
      const stored = decodeStored(row)
      if (stored.after >= seq) return
      const delta = await fromStore('entries', () => packing.open(stored.packed))
      const body = delta.bodies[seq - delta.after - 1] as Bytes
      const rows: Write[] = [{ put: redactKey(log, seq), value: redactDone }]
      if (isWithheld(body)) ports.completed(withheldHash(body))
      else if (isMessage(body, seq)) rows.push(...(await rowsWithout(delta, seq, body, key)))
      await store.write(rows)
      await store.flush()
      due.get(log)?.delete(seq)
    }
  }

  async function rowsWithout(delta: Delta, seq: number, body: Bytes, key: Bytes): Promise<Write[]> {
    const bodies = delta.bodies.map((each) =>
      each === body ? withheld(entryHash(sha256, body)) : each,
    )
    const left: Delta = { ...delta, bodies }
    const packed = await packing.pack(left)
    const { blobs } = factsOf(left)
    const value = encodeStored({ after: delta.after, blobs, packed })
    const rows: Write[] = [{ put: deltaKey(delta.log, seqOfKey(key)), value }]
    const blob = blobOf(readEntry(body, seq))
    if (blob && !(await isNamedElsewhere(blob, key))) {
      rows.push({ delete: blobKey(blob) })
      for await (const [chunk] of store.list(under('b', blob))) rows.push({ delete: chunk })
      ports.completed(blob)
    }
    return rows
  }

  /** By any other run of any log: content is kept once, whoever names it. */
  async function isNamedElsewhere(blob: Bytes, run: Bytes): Promise<boolean> {
    for await (const [key, row] of store.list(under('d'))) {
      if (equalBytes(key, run)) continue
      if (decodeStored(row).blobs.some((each) => equalBytes(each, blob))) return true
    }
    return false
  }

  return {
    isTaken: (log, seq) => taken.get(log)?.has(seq) ?? false,
    grew({ log, after, bodies }, { redactions }) {
      for (const place of redactions) {
        note(taken, place.log, place.seq)
        note(due, place.log, place.seq)
        later(place)
      }
      for (const seq of due.get(log) ?? []) {
        if (seq > after && seq <= after + bodies.length) later({ log, seq })
      }
    },
    async settled() {
      await work
    },
  }
}

/** Nothing else is taken back: a log without its beginning or its grants would mean something else. */
function isMessage(body: Bytes, seq: number): boolean {
  try {
    return readEntry(body, seq).kind === kinds.message
  } catch {
    return false
  }
}

function note(places: Map<LogId, Set<number>>, log: LogId, seq: number): void {
  const those = places.get(log) ?? new Set()
  places.set(log, those.add(seq))
}
