/** What the sync machine may look at of this device (rules SY), as it stands when it looks. */
import { compareBytes } from '@baton/shared/bytes'
import { idBytes, splitLogId } from '@baton/shared/ids'
import type { SyncView } from '@baton/shared/protocol/sync-effects'
import type { ExchangePorts } from './exchange.ts'

type ViewPorts = Pick<ExchangePorts, 'repository' | 'acks' | 'primitives' | 'shared' | 'shares'>

export function viewOf(ports: ViewPorts): SyncView {
  const { repository, acks, primitives, shared, shares } = ports
  return {
    sessions: shared,
    shares,
    heads: (session) =>
      repository.ends(session).map(({ log, seq, hash, forked }) => ({ log, seq, h: hash, forked })),
    seq: repository.agreed,
    sessionDigest: (session) => repository.frontier(session).slice(0, 8),
    digest() {
      const sessions = shared()
        .filter((session) => repository.ends(session).length > 0)
        .map((session) => [idBytes(session), repository.frontier(session)] as const)
        .sort(([a], [b]) => compareBytes(a, b))
      return primitives.sha256(...sessions.flat()).slice(0, 8)
    },
    gone: (log) => repository.dropped(log)?.seq ?? 0,
    acked: (log) => acks.get(log),
    name: repository.name,
    resolve(name) {
      const log = repository.resolve(name)
      return log !== undefined && shares(splitLogId(log).session) ? log : undefined
    },
  }
}
