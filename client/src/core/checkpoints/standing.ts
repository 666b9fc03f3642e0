/** What of a device's logs is held, as the one who says it again, or checks that, looks at it. */
import type { Standing } from '@baton/shared/conflict/restating'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { readEntry } from '@baton/shared/log/again'
import { type Head, nextHash, startHead } from '@baton/shared/log/chain'
import { checkpointHeads } from '@baton/shared/log/checkpoint'
import { depHashBytes, type Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { Sha256 } from '@baton/shared/primitives'
import type { Repository } from '../repo/repository.ts'

export interface StandingLog {
  readonly entries: readonly Standing[]
  /** Where they end. */
  readonly head: Head
}

/** All that is held of a log up to `seq`, in order; undefined for one with an entry of `not`. */
export async function standingLog<N extends ReadonlySet<number> | undefined = undefined>(
  repository: Repository,
  sha256: Sha256,
  log: LogId,
  seq: number,
  not?: N,
): Promise<StandingLog | (N extends undefined ? never : undefined)> {
  let head: Head = repository.dropped(log) ?? startHead(sha256, log)
  const entries: Standing[] = []
  for await (const { bodies } of repository.read(log, head.seq)) {
    for (const body of bodies) {
      if (head.seq >= seq) break
      head = { seq: head.seq + 1, hash: nextHash(sha256, head.hash, body) }
      const place = { log, seq: head.seq, hash: head.hash.slice(0, depHashBytes) }
      const entry = readable(body, head.seq)
      if (entry && not?.has(entry.kind)) return undefined as never
      entries.push({ place, entry })
    }
  }
  return { entries, head }
}

/**
 * What other checkpoints of the author of `of` that are on this disk said again: of the logs that they
 * name, up to each. The log that told of one may be gone by now, superseded in its turn.
 */
export async function saidElsewhere(
  repository: Repository,
  sha256: Sha256,
  of: LogId,
  isCut: (log: LogId, seq: number) => boolean,
): Promise<Standing[]> {
  const { session, device } = splitLogId(of)
  const said: Standing[] = []
  for (const { log } of repository.heads(session)) {
    if (log === of || splitLogId(log).device !== device) continue
    const { entries } = await standingLog(repository, sha256, log, repository.durable(log))
    const last = entries.findLast(({ entry }) => entry?.kind === kinds.checkpoint)
    if (!last || isCut(log, last.place.seq)) continue
    const upTo = entries.slice(0, entries.indexOf(last) + 1)
    const named = upTo.flatMap(({ entry }) => (entry && checkpointHeads(log, entry)) ?? [])
    const logs = new Set(named.map((head) => head.log))
    said.push(...upTo.filter(({ entry }) => entry?.again?.some((at) => logs.has(at.log))))
  }
  return said
}

function readable(body: Uint8Array, seq: number): Entry | undefined {
  try {
    return readEntry(body, seq)
  } catch {
    return undefined
  }
}

export const isOwn = (repository: Repository, log: LogId): boolean =>
  splitLogId(log).device === repository.device
