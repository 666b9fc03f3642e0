/**
 * What the sync machine says about logs that forked (rules FK3, FK5): the proof, once a link, to a
 * peer whose words show that it does not know it; and a wish to compare, once a link, where both hold
 * as much of a log and not the same.
 */
import { equalBytes } from '../bytes.ts'
import { idBytes, type LogId, type SessionId, splitLogId } from '../ids.ts'
import type { SyncEffect, SyncHead } from './sync-effects.ts'
import { type SyncForm, syncTypes } from './sync-messages.ts'
import type { Told } from './sync-rows.ts'

export function createForkTalk() {
  const told = new Set<LogId>()
  const suspected = new Set<LogId>()

  function tell(log: LogId): SyncEffect[] {
    told.add(log)
    return [{ kind: 'tell-fork', log }]
  }

  /** The peer is to give all of the log, from its beginning on. */
  function suspect(log: LogId): SyncEffect[] {
    if (suspected.has(log)) return []
    suspected.add(log)
    const { session } = splitLogId(log)
    const form: SyncForm<'want'> = [syncTypes.want, idBytes(session), [[idBytes(log), 0]], []]
    return [
      { kind: 'compare', log },
      { kind: 'send', form },
    ]
  }

  return {
    suspect,
    /** What follows from the peer's word on a log that ends here at `mine`. */
    compared({ log, seq, h, forked }: SyncHead, theirs: Told | undefined): SyncEffect[] {
      const same = theirs?.seq === seq && equalBytes(h.subarray(0, 8), theirs.h)
      if (same) return []
      if (forked && !told.has(log)) return tell(log)
      return theirs?.seq === seq ? suspect(log) : []
    },
    /** `from`: the peer told it. Compared anew where it turns out to have begun even earlier. */
    found(log: LogId, from: boolean, session: SessionId): SyncEffect[] {
      suspected.delete(log)
      const said = from ? [] : tell(log)
      told.add(log)
      return [...said, { kind: 'confirm', session }]
    },
  }
}
