/** What has to hold once all is mended (rules SM4, SM5): one holder, the same for all, and nothing gone. */
import type { DocumentState } from '@baton/shared/conflict/document'
import type { Tenure } from '@baton/shared/conflict/leases'
import type { SessionId } from '@baton/shared/ids'
import type { HandoffPeer } from '../support/handoff-peers.ts'
import { Violation } from './history.ts'

export interface Tally {
  readonly acknowledged: readonly string[]
  /** Messages that were taken back. */
  readonly back: readonly string[]
  /** Went with a disk that went back to a backup; nobody else had it. */
  readonly gone: ReadonlySet<string>
}

export interface Faults {
  /** Devices took it from holders that were there. */
  readonly forces: boolean
  readonly restored: boolean
  mend(): Promise<void>
}

interface Judged {
  readonly name: string
  readonly peer: HandoffPeer | undefined
}

export interface Held {
  readonly tenures: readonly Tenure[]
  /** Logs that forked. */
  readonly forks: number
}

/** Throws a `Violation`. */
export async function judgeHandoffs(
  devices: readonly Judged[],
  session: SessionId,
  tally: Tally,
  faults: Faults,
): Promise<Held> {
  const peers = devices.map(({ peer }) => peer as HandoffPeer)
  const [first] = peers as [HandoffPeer]
  const forks = first.repository.forks.all().length
  if (forks > 0 && missing(await first.documents.state(session), tally).length > 0) {
    // Beyond a fork it is nobody's until a person takes it over, wherever it is listed (FK8, FK10).
    for (const { forks: care } of peers) await care.adoptAll(session)
    await faults.mend()
  }
  await agree(devices, session)
  const state = await first.documents.state(session)
  for (const value of missing(state, tally)) {
    const besides = faults.forces || faults.restored
    if (besides && state.beside.messages.has(value)) continue
    throw new Violation(`acknowledged and not in the history: ${value}`)
  }
  for (const id of tally.back) {
    if ((state.messages.get(id) ?? state.beside.messages.get(id))?.redacted) continue
    throw new Violation(`taken back, and shown: ${id}`)
  }
  const { tenures } = state.holding
  await onlyHolderWrites(peers, session)
  return { tenures, forks }
}

const missing = ({ messages }: DocumentState, { acknowledged, gone }: Tally) =>
  acknowledged.filter((value) => !messages.has(value) && !gone.has(value))

async function agree(devices: readonly Judged[], session: SessionId): Promise<void> {
  const facts = await Promise.all(
    devices.map(async ({ peer, name }) => {
      const { handoffs, documents } = peer as HandoffPeer
      const document = await documents.open(session)
      const { holder, epoch } = await handoffs.holding(session)
      return { name, digest: await document.digest(), holder, epoch, list: await handoffs.list() }
    }),
  )
  for (const { name, ...each } of facts) {
    if (each.digest !== facts[0]?.digest) throw new Violation(`${name} shows something else`)
    if (each.holder === undefined) throw new Violation(`nobody holds it, as ${name} sees it`)
    if (each.holder !== facts[0]?.holder) throw new Violation(`${name} sees another holder`)
    const open = each.list.find(({ state }) => state === 'pending' || state === 'accepted')
    if (open) throw new Violation(`${name} has a request that is ${open.state} for ever`)
  }
}

/** Exactly one can go on, and does. */
async function onlyHolderWrites(peers: readonly HandoffPeer[], session: SessionId): Promise<void> {
  const { holder } = await (peers[0] as HandoffPeer).handoffs.holding(session)
  for (const { self, documents } of peers) {
    const wrote = await (await documents.open(session)).say('after').then(
      () => true,
      () => false,
    )
    if (wrote !== (self === holder)) throw new Violation('another one than its holder writes')
  }
}
