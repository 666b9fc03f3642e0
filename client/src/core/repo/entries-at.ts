/** Entries by their places, without what lies between them. */
import type { LogId } from '@baton/shared/ids'
import type { Entry } from '@baton/shared/log/entry'
import type { At } from '@baton/shared/model/agent-entries'
import type { Repository } from './repository.ts'
import { entriesOf } from './rows.ts'

/** Answers undefined for one that is not held, or cannot be read. */
export async function entriesAt(
  repository: Repository,
  places: Iterable<At>,
): Promise<(place: At) => Entry | undefined> {
  const wanted = new Map<LogId, Set<number>>()
  for (const { log, seq } of places) {
    const those = wanted.get(log) ?? new Set()
    wanted.set(log, those.add(seq))
  }
  const found = new Map<LogId, Map<number, Entry>>()
  for (const [log, those] of wanted) found.set(log, await readFrom(repository, log, those))
  return ({ log, seq }) => found.get(log)?.get(seq)
}

/** Runs of entries without any that is wanted are passed over: reading begins anew behind them. */
async function readFrom(
  repository: Repository,
  log: LogId,
  wanted: ReadonlySet<number>,
): Promise<Map<number, Entry>> {
  const found = new Map<number, Entry>()
  const seqs = [...wanted].sort((a, b) => a - b)
  let next = 0
  while (next < seqs.length) {
    const first = seqs[next] as number
    for await (const delta of repository.read(log, first - 1)) {
      for (const { seq, entry } of entriesOf(delta)) {
        if (seq !== seqs[next]) continue
        next += 1
        if (entry) found.set(seq, entry)
      }
      const last = delta.after + delta.bodies.length
      const following = seqs[next]
      if (following === undefined || following > last + delta.bodies.length) break
    }
    if ((seqs[next] ?? 0) === first) return found
  }
  return found
}
