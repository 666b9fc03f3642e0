/** Logs whose author signed two histories, as a copied machine or a forger does. */
import type { Repository } from '@baton/client/core/repo/repository'
import { toHex } from '@baton/shared/bytes'
import type { Value } from '@baton/shared/encoding/msgpack'
import type { LogId, SessionId } from '@baton/shared/ids'
import type { VerifiedDelta } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import { author } from './author.ts'
import { type Signer, signer } from './signer.ts'

export const forker = signer(9)

/** Runs of one log for each history; `runs` are the payloads of each run, one entry each. */
export async function histories(
  session: SessionId,
  incarnation: number,
  ...runs: readonly (readonly (readonly Value[])[])[]
): Promise<VerifiedDelta[][]> {
  return Promise.all(runs.map((each) => history(forker, session, incarnation, each)))
}

async function history(
  who: Signer,
  session: SessionId,
  incarnation: number,
  runs: readonly (readonly Value[])[],
): Promise<VerifiedDelta[]> {
  const random = () => new Uint8Array(8).fill(incarnation)
  const writer = author(who, session, undefined, { random })
  const made: VerifiedDelta[] = []
  for (const payloads of runs) {
    for (const payload of payloads) writer.append(kinds.record, payload)
    made.push(...(await writer.seal()))
  }
  return made
}

export async function give(repo: Repository, runs: readonly VerifiedDelta[]): Promise<void> {
  for (const run of runs) await repo.receive(run)
  await repo.flush()
}

/** The log of a history. */
export const logOf = (runs: readonly VerifiedDelta[]): LogId => (runs[0] as VerifiedDelta).log

/** Where a device ends a log, or where it thinks that it forked. */
export function endOf(repo: Repository, session: SessionId, log: LogId): string {
  const end = repo.ends(session).find((each) => each.log === log)
  return end ? `${end.seq} ${toHex(end.hash.slice(0, 4))} ${end.forked}` : 'none'
}
