/** Two devices of peer.ts with a session on the first, joined by a channel that a test may cut. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SendEvent, SendOptions, Task } from '@baton/client/core/mesh-api'
import type { Store } from '@baton/client/core/ports/store'
import { deliverMethod, encodeQuestion } from '@baton/client/core/sessions/delivery'
import { viewFor } from '@baton/client/core/sessions/views'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { encodeTransfer, fromMessage, type TransferStatement } from '@baton/shared/model/receipt'
import { type ChannelPair, createChannelPair } from './channel-pair.ts'
import { sourceOf } from './claude.ts'
import { type CorpusSession, writeCorpus } from './corpus/corpus.ts'
import { openTestPeer, type TestPeer } from './peer.ts'
import { nodePrimitives } from './signer.ts'
import { tempFolder } from './temp.ts'

export interface TwoPeers {
  readonly root: string
  readonly alice: TestPeer
  readonly bob: TestPeer
  /** A directory that stands for the project on every device. */
  readonly project: string
  readonly found: CorpusSession
  /** What a send to bob says. */
  readonly options: SendOptions
  /** A device with a folder of its own and nothing in it. */
  open(seed: number, store?: Store): Promise<TestPeer>
}

export async function twoPeers(more: { aliceStore?: Store; bobStore?: Store } = {}) {
  const root = tempFolder('two-peers')
  const corpus = writeCorpus(join(root, 'corpus'), { seed: 1, sessions: 1, plain: true })
  const project = join(root, 'project')
  mkdirSync(project)
  const at = (seed: number, configDir: string, store?: Store) =>
    openTestPeer({ seed, source: sourceOf(configDir), ...(store ? { store } : {}) })
  const open = (seed: number, store?: Store) => at(seed, join(root, `${seed}`, '.claude'), store)
  const alice = await at(1, corpus.config, more.aliceStore)
  const bob = await open(2, more.bobStore)
  const found = corpus.sessions[0] as CorpusSession
  const options = { to: bob.device, maps: [], project }
  return { root, alice, bob, project, found, options, open } satisfies TwoPeers
}

/** Joins two devices. Without `auto` the test flushes. */
export async function link(one: TestPeer, other: TestPeer, auto = true): Promise<ChannelPair> {
  const pair = createChannelPair({ auto })
  pair.alice.admit()
  pair.bob.admit()
  await Promise.all([one.join(pair.alice, other.device), other.join(pair.bob, one.device)])
  return pair
}

/** All events of a task; `each` sees them as they come, and the next waits for it. */
export async function eventsOf(
  task: Task<SendEvent>,
  each: (event: SendEvent) => void | Promise<void> = () => undefined,
): Promise<SendEvent[]> {
  const events: SendEvent[] = []
  for await (const event of task.events) {
    events.push(event)
    await each(event)
  }
  return events
}

/**
 * As `eventsOf`, while the clock of the sender goes on as long as it has to: so slowly that no wait
 * of a minute ends while there is anything to do.
 */
export async function passing(
  { clock }: TestPeer,
  task: Task<SendEvent>,
  each?: (event: SendEvent) => void | Promise<void>,
): Promise<SendEvent[]> {
  let over = false
  const events = eventsOf(task, each).finally(() => {
    over = true
  })
  while (!over) await clock.elapse(2)
  return events
}

export type Done = Extract<SendEvent, { at: 'done' }>

export async function sent(from: TestPeer, ref: string, options: SendOptions): Promise<Done> {
  const last = (await eventsOf(from.send(ref, options))).at(-1)
  if (last?.at !== 'done') throw new Error(`the send did not end well: ${JSON.stringify(last)}`)
  return last
}

/** What `from` would truly say of a session it hands to `to`. */
export async function statementOf(
  from: TestPeer,
  to: DeviceId,
  session: SessionId,
): Promise<TransferStatement> {
  const state = await from.transcripts.state(session)
  const view = viewFor(state, nodePrimitives.sha256, from.device)
  return {
    session,
    from: from.device,
    to,
    at: 1_800_000_000_000,
    vector: from.repository
      .heads(session)
      .map(({ log, seq, hash }) => ({ log, seq, h: hash.slice(0, 8) })),
    digest: view.digest,
    records: view.records,
    bytes: view.bytes,
    last: view.last,
  }
}

export interface Asked {
  readonly signer?: TestPeer
  readonly maps?: readonly { readonly from: string; readonly to: string }[]
  readonly project?: string | undefined
  readonly carryOnly?: boolean
}

/** The question about a statement, signed by who asks unless told otherwise. */
export async function questionOf(
  from: TestPeer,
  statement: TransferStatement,
  { signer = from, maps = [], project, carryOnly = false }: Asked = {},
): Promise<Uint8Array> {
  const transfer = encodeTransfer(statement)
  const signature = await signer.keyring.sign(fromMessage(transfer))
  return encodeQuestion({ transfer, signature, maps, project, carryOnly })
}

/** Puts a question as it is; rejects with what the other device says. */
export function ask(from: TestPeer, to: TestPeer, body: Uint8Array): Promise<Uint8Array> {
  const exchange = from.exchange(to.device)
  if (!exchange) throw new Error('they are not joined')
  return exchange.ask(deliverMethod, body, 60_000)
}
