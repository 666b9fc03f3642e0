/** What has to hold once all is mended (rules SM1, SM3): the same for all, and nothing gone. */
import { readHeld } from '@baton/client/core/documents/bodies'
import type { Repository } from '@baton/client/core/repo/repository'
import { entriesOf } from '@baton/client/core/repo/rows'
import { toHex } from '@baton/shared/bytes'
import { conflicts } from '@baton/shared/conflict/conflicts'
import { stateDigest } from '@baton/shared/conflict/document-state'
import type { SessionId } from '@baton/shared/ids'
import { depKey } from '@baton/shared/log/again'
import { kinds } from '@baton/shared/log/kinds'
import { parseDocumentEntry } from '@baton/shared/model/document-entries'
import { isPiece, parseStream } from '@baton/shared/model/stream-entries'
import type { TestPeer } from '../support/peer.ts'
import { nodePrimitives } from '../support/signer.ts'
import type { SimDevice } from './device.ts'
import { broken, lost, replaced } from './guarantees.ts'
import { type Acknowledged, type History, type Look, Violation } from './history.ts'
import type { World } from './world.ts'

/** Values that running devices hold on disk, of logs that forked what all agree on. */
export async function present(
  of: readonly { readonly peer: { readonly repository: Repository } | undefined }[],
  session: SessionId,
): Promise<Set<string>> {
  const found = new Set<string>()
  for (const { peer } of of) {
    if (!peer) continue
    for (const { log } of peer.repository.heads(session)) {
      const durable = peer.repository.durable(log)
      for await (const delta of peer.repository.read(log, 0)) {
        for (const { seq, entry } of entriesOf(delta)) {
          if (seq > durable || !entry || entry.kind === kinds.genesis) continue
          const bit = entry.kind === kinds.stream ? parseStream(entry.payload) : undefined
          if (isPiece(bit)) found.add(bit.text)
          const held = parseDocumentEntry(entry.kind, entry.payload)?.held
          const value = held && (await readHeld(peer.repository, held))
          const name = Array.isArray(value) ? value[0] : value
          if (typeof name === 'string') found.add(name)
        }
      }
    }
  }
  return found
}

/** What a running device shows now; nothing while it does not hold the document. */
export async function look(
  device: SimDevice,
  session: SessionId,
  step: number,
): Promise<Look | undefined> {
  const { peer, process, name } = device
  if (!peer || !(await device.document(session))) return undefined
  const state = await peer.documents.state(session)
  const fields = new Map<string, readonly string[]>()
  for (const [path, { register }] of state.fields) {
    fields.set(
      path,
      register.live.map((write) => write.again?.[0] ?? depKey(write)),
    )
  }
  const rows = [...state.rows.values()].map(({ key }) => key)
  const items = new Set([...state.messages.keys(), ...rows, ...state.tools.keys()])
  const waiting = new Set(
    state.waiting
      .list()
      .map(({ log, entry, hash }) => depKey({ log, seq: entry.seq, hash: hash.slice(0, 8) })),
  )
  return { process, device: name, step, fields, items, waiting }
}

/** `drops`: what was replaced may be gone from the logs. */
export async function judge(
  world: World,
  history: History,
  session: SessionId,
  drops: boolean,
): Promise<void> {
  const { devices, faults } = world
  if (faults.length > 0) throw faults[0]
  const first = devices[0] as SimDevice
  if ((await missing(history, first, session, drops)).length > 0) await takeOver(world, session)
  const facts = await Promise.all(devices.map(({ peer }) => factsOf(peer as TestPeer, session)))
  for (const [i, each] of facts.entries()) {
    for (const key of ['frontier', 'forks', 'digest', 'conflicts', 'waiting'] as const) {
      if (each[key] === facts[0]?.[key]) continue
      throw new Violation(`${devices[i]?.name} and ${first.name} differ in ${key}`)
    }
  }
  const gone = await missing(history, first, session, drops)
  if (gone.length > 0) throw new Violation(`acknowledged and lost: ${JSON.stringify(gone[0])}`)
  const wrong = broken(history)
  if (wrong) throw new Violation(wrong)
  // A fold made anew says the same as the one that came along.
  world.drop(() => true)
  await (first.peer as TestPeer).repository.flush()
  first.crash()
  const anew = await factsOf(await first.start(), session)
  if (anew.digest !== facts[0]?.digest) throw new Violation('a fold made anew differs')
}

/** Acknowledged changes that a device does not hold, and that nothing it shows replaced. */
async function missing(
  history: History,
  device: SimDevice,
  session: SessionId,
  drops: boolean,
): Promise<readonly Acknowledged[]> {
  const seen = drops ? await look(device, session, 0) : undefined
  const mayBeGone = seen ? replaced(history, seen) : () => false
  return lost(history, await present([device], session)).filter((each) => !mayBeGone(each))
}

/**
 * Of a log that forked a device says again what it holds. Once it went back to a backup from before
 * that it holds nothing of it, and what others have of its words is theirs to take over: a person's
 * gesture, wherever it is listed (rules FK7, FK8, FK10).
 */
async function takeOver(world: World, session: SessionId): Promise<void> {
  for (const { peer } of world.devices) await peer?.forks.adoptAll(session)
  await world.mend()
}

async function factsOf(peer: TestPeer, session: SessionId) {
  await peer.forks.settled()
  const state = await peer.documents.state(session)
  const forks = peer.repository.forks.all().map(({ log, after }) => `${log} ${after.seq}`)
  return {
    frontier: toHex(peer.repository.frontier(session)),
    forks: forks.sort().join(),
    // Not opened for it: that could write.
    digest: toHex(stateDigest(nodePrimitives.sha256, state)),
    conflicts: JSON.stringify(conflicts(state)),
    waiting: state.waiting.list().length,
  }
}
