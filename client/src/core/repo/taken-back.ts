/** What of a log that forked was taken back, and is not said again with the rest of it (rules FK7, RD2). */
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import type { Dep, Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import type { At } from '@baton/shared/model/agent-entries'
import { redactedPlace } from '@baton/shared/model/redaction'
import { parseStream } from '@baton/shared/model/stream-entries'
import type { Repository } from './repository.ts'
import { entriesOf } from './rows.ts'

export interface PlacedEntry {
  readonly entry: Entry
  readonly place: Dep
}

/**
 * Numbers of entries of a log, given from its first on, that were taken back, there or where they were
 * said again: they are not again. By their hash, where it is told: behind a fork another entry stands
 * in the same place.
 */
export async function takenBack(
  repository: Repository,
  session: SessionId,
  of: LogId,
  entries: AsyncIterable<PlacedEntry>,
): Promise<Set<number>> {
  const author = splitLogId(of).device
  const back = createBack()
  const said: { readonly at: At; readonly stood: readonly Dep[] }[] = []
  /** Where streams of its author begin, and what stands of each in this log. */
  const begun: { readonly at: At | Dep; readonly id: string }[] = []
  const pieces: { readonly seq: number; readonly id: string }[] = []
  const own: Dep[] = []
  const look = (at: At | Dep, entry: Entry) => {
    if (redactedPlace(at.log, entry)) for (const place of entry.deps) back.add(place)
    if (entry.again) said.push({ at, stood: entry.again })
    const stream = entry.kind === kinds.stream ? parseStream(entry.payload) : undefined
    if (!stream || splitLogId(at.log).device !== author) return
    if (stream.at === 'beginning') begun.push({ at, id: stream.id })
    if (at.log === of) pieces.push({ seq: at.seq, id: stream.id })
  }
  for await (const { entry, place } of entries) {
    own.push(place)
    look(place, entry)
  }
  for (const { log } of repository.heads(session)) {
    if (log === of) continue
    for await (const delta of repository.read(log, 0)) {
      for (const { seq, entry } of entriesOf(delta)) if (entry) look({ log, seq }, entry)
    }
  }
  for (const { at, stood } of said) if (back.has(at)) for (const place of stood) back.add(place)
  // With its beginning a stream is taken back whole.
  const streams = new Set(begun.flatMap(({ at, id }) => (back.has(at) ? [id] : [])))
  const gone = pieces.filter(({ id }) => streams.has(id)).map(({ seq }) => seq)
  return new Set([...gone, ...own.filter(back.has).map(({ seq }) => seq)])
}

/** Places that were taken back; of some the hash is not told, and of some that are asked for neither. */
function createBack() {
  const exact = new Set<string>()
  const anywhere = new Set<string>()
  const all = new Set<string>()
  return {
    add(place: Dep): void {
      all.add(placeKey(place))
      if (place.hash.some((byte) => byte !== 0)) exact.add(depKey(place))
      else anywhere.add(placeKey(place))
    },
    has: (at: At | Dep): boolean =>
      'hash' in at ? exact.has(depKey(at)) || anywhere.has(placeKey(at)) : all.has(placeKey(at)),
  }
}

const placeKey = ({ log, seq }: At): string => `${log} ${seq}`
