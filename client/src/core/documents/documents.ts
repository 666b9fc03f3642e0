/**
 * Session documents of this device (rules DC): made, changed, watched and read. What a document says
 * is folded in shared/conflict; this keeps folds up with the repository and writes entries for them.
 */
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { conflicts, history, shownOf } from '@baton/shared/conflict/conflicts'
import { createDocument, type DocumentState, nothingKnown } from '@baton/shared/conflict/document'
import { beginAnew, skipDocument } from '@baton/shared/conflict/document-anew'
import { type DocumentTail, tailMessages } from '@baton/shared/conflict/document-cache'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { stateDigest } from '@baton/shared/conflict/document-state'
import type { MessageNode } from '@baton/shared/conflict/messages'
import { placeKey } from '@baton/shared/conflict/redacted'
import type { Streaming } from '@baton/shared/conflict/streams'
import type { Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { hashBytes, nextHash, startHead } from '@baton/shared/log/chain'
import type { Descriptor } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import { type Change, heldOf, setAt, unsetAt } from '@baton/shared/model/changes'
import { pathKey } from '@baton/shared/model/document-entries'
import { mintSessionId, sessionNonceBytes } from '@baton/shared/model/session-id'
import type { Primitives } from '@baton/shared/primitives'
import type { AheadDesk } from '../ahead/desk.ts'
import type {
  ConflictRow,
  Document,
  DocumentKind,
  DocumentMessage,
  Documents,
  Settling,
} from '../mesh-api.ts'
import type { Clock, Random } from '../ports/platform.ts'
import type { Store } from '../ports/store.ts'
import type { Presence } from '../presence.ts'
import { type CutKeeper, cutOf } from '../repo/cuts.ts'
import { createFolds } from '../repo/folds.ts'
import { soonKey } from '../repo/keys.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from '../sessions/sharing.ts'
import { appendChanges, prepare, writesHistory } from './appending.ts'
import { type Ahead, readHeld, readMessages } from './bodies.ts'
import { readInputs, readTools } from './calls.ts'
import { conflictRows, settlingOf } from './conflict-rows.ts'
import { createDocumentCache } from './document-cache.ts'
import { createFollowing } from './following.ts'
import { createHolder, type Holder } from './holding.ts'
import { retractionsOf } from './redaction.ts'
import { checkMayWrite, damaged, noDocument } from './refusals.ts'
import { createStreaming } from './streaming.ts'
import { createWatching } from './watching.ts'

export interface DocumentsPorts {
  readonly repository: Repository
  readonly store: Store
  readonly cuts: CutKeeper
  readonly sharing: Sharing
  readonly ahead: AheadDesk
  readonly presence: Presence
  readonly primitives: Primitives
  readonly clock: Clock
  readonly random: Random
}

export interface DocumentKeeper extends Documents {
  readonly holder: Holder
  /** Breaks off all that this process is writing bit by bit of a session. */
  letGo(session: SessionId): Promise<void>
  /** What these messages say, of which the streams stand so. */
  read(nodes: readonly MessageNode[], streaming: Streaming): Promise<readonly DocumentMessage[]>
  state(session: SessionId): Promise<DocumentState>
  /** Keeps what was folded, for the next opening. */
  close(): Promise<void>
}

export function createDocuments(ports: DocumentsPorts): DocumentKeeper {
  const { repository, cuts, sharing, primitives } = ports
  const { sha256 } = primitives
  const holder = createHolder(repository)

  const cache = createDocumentCache(ports.store, repository, sha256)

  const { state, kept, isKept } = createFolds<DocumentState>(repository, cuts, {
    load: async (session, under) =>
      (await cache.load(session, under)) ?? createDocument(session, nothingKnown(under)),
    seq: ({ logs }, log) => logs.get(log)?.seq ?? 0,
    take(folded, log, entries, hashes) {
      const known = folded.logs.get(log)
      let at = 0
      // What is read back is chained anew: the disk may have other bytes by now.
      let chain = known?.hash ?? startHead(sha256, log).hash
      for (const { seq, entry, body } of entries) {
        const given = hashes?.slice(at, at + hashBytes)
        at += hashBytes
        // It came while this was read.
        if (seq <= (known?.seq ?? 0)) continue
        const hash = given ?? nextHash(sha256, chain, body)
        if (!foldDocument(folded, sha256, log, { seq, entry, hash })) return false
        cache.took(folded, 1)
        chain = hash
      }
      return true
    },
    skip: skipDocument,
    check(folded, { log, hash }) {
      if (!equalBytes(folded.logs.get(log)?.hash ?? hash, hash)) throw damaged()
    },
    anew(folded) {
      if (!folded.stale) return undefined
      const again = beginAnew(folded)
      cache.anew(folded, again)
      return again
    },
    settled: (_session, folded) => cache.settle(folded),
  })

  const watch = createWatching(ports)

  async function write(
    session: SessionId,
    seen: DocumentState,
    changes: readonly Change[],
    descriptor?: Descriptor,
  ): Promise<void> {
    const prepared = prepare(changes, sha256, repository.blobs)
    if (!descriptor && writesHistory(changes)) {
      return holder.write(session, seen, (to, epoch) => appendChanges(to, seen, prepared, epoch))
    }
    await repository.write(session, (to) => appendChanges(to, seen, prepared, 0), descriptor)
  }

  function mayWrite(session: SessionId, seen: DocumentState): void {
    const self = repository.device
    checkMayWrite(self, seen, cutOf(cuts.now(), session, self))
  }

  async function change(session: SessionId, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return
    const seen = await state(session)
    mayWrite(session, seen)
    await write(session, seen, changes)
  }

  function handle(session: SessionId): Document {
    return {
      session,
      async get(path) {
        const now = await state(session)
        const field = now.fields.get(pathKey(path))
        return field && (await readHeld(repository, shownOf(now, field)))
      },
      async entries(prefix = []) {
        const now = await state(session)
        const found: [readonly string[], Value][] = []
        for (const field of now.fields.values()) {
          if (!prefix.every((segment, i) => field.path[i] === segment)) continue
          const shown = await readHeld(repository, shownOf(now, field))
          if (shown !== undefined) found.push([field.path, shown])
        }
        return found.sort(([a], [b]) => (pathKey(a) < pathKey(b) ? -1 : 1))
      },
      set: (path, of) => change(session, [setAt(path, of)]),
      delete: (path) => change(session, [unsetAt(path)]),
      change: (changes) => change(session, changes),
      async say(of, { id = freshId(), consumes } = {}) {
        const line = history(await state(session))
        const parent = line.at(-1)?.id
        await change(session, [{ kind: 'message', id, parent, consumes, held: heldOf(of) }])
        return id
      },
      async history({ last } = {}) {
        const tail = await (last === undefined ? undefined : screen(session, last))
        const { messages, streaming: how } = tail ?? (await whole(session))
        return readMessages(repository, sha256, lastOf(messages, last), how, aheadIn(session))
      },
      tools: async () => readTools(repository, await state(session)),
      inputs: async () => readInputs(repository, await state(session)),
      stream: (fields, options = {}) => streaming.begin(session, fields, options),
      continue: (id) => streaming.continue(session, id),
      retract: (id) => retract(session, id),
      conflicts: async () => conflictRows(sha256, await state(session)),
      resolve: (id, settling) => resolve(session, id, settling),
      share: (device, { write: writes = false } = {}) =>
        sharing.grant(session, device, writes ? 'mirror' : 'copy'),
      digest: async () => toHex(stateDigest(sha256, await state(session))),
      watch: (handler) => watch(session, handler),
      follow: (id, handler) => following(session, id, handler),
    }
  }

  const aheadIn =
    (session: SessionId): Ahead =>
    (writer, id, offset) =>
      ports.ahead.after(session, writer, id, offset)

  const following = createFollowing({ repository, sha256, state, watch, aheadIn })

  async function whole(session: SessionId): Promise<Pick<DocumentTail, 'messages' | 'streaming'>> {
    const now = await state(session)
    return { messages: history(now), streaming: now }
  }

  /** The last messages of one that was not opened yet; the rest of it is read behind them. */
  async function screen(session: SessionId, last: number) {
    if (last > tailMessages || isKept(session)) return undefined
    const tail = await cache.tail(session, cuts.now())
    // Not awaited: whoever asks for it hears of what goes wrong.
    if (tail) settled(session)
    return tail
  }

  /** What is not settled now, on a full disk for example, is at the next opening. */
  const settled = (session: SessionId) => streaming.settle(session).catch(() => undefined)

  async function retract(session: SessionId, id: string): Promise<void> {
    await streaming.stop(session, id)
    const seen = await state(session)
    mayWrite(session, seen)
    const node = seen.messages.get(id)
    if (!node) {
      throw new BatonError('not-found', 'failed to take back: the session has no such message')
    }
    // Also where another's word stands in its place: that one may stop to count.
    const all = await retractionsOf(repository, node)
    const fresh = all.filter(({ deps: [place] }) => !seen.redactions.has(placeKey(place)))
    if (fresh.length === 0) return
    await repository.write(session, (to) => {
      for (const { deps, payload } of fresh) to.append(kinds.redact, payload, deps)
      // It is to go from the disks, too, should this process die first.
      return [{ put: soonKey(session), value: Uint8Array.of(1) }]
    })
  }

  const freshId = () => toHex(ports.random.bytes(12))
  const streaming = createStreaming({ ...ports, state, mayWrite, holder, freshId })

  async function resolve(session: SessionId, id: string, settling: Settling): Promise<void> {
    await change(session, [settlingOf(sha256, await state(session), id, settling)])
  }

  function describe(
    kind: DocumentKind,
    title: string | undefined,
    open: boolean,
  ): [SessionId, Descriptor] {
    const fresh = () => ports.random.bytes(sessionNonceBytes)
    const idOf = (of: Bytes) => mintSessionId(sha256, repository.device, of)
    let nonce = fresh()
    // On a command line a name that begins with a dash is an option.
    for (let tries = 0; tries < 8 && idOf(nonce).startsWith('-'); tries++) nonce = fresh()
    const named = title === undefined ? {} : { title: title.slice(0, 200) }
    const common = { nonce, created: ports.clock.now(), ...named }
    const descriptor =
      kind === 'agent'
        ? {
            ...{ kind, agent: 'baton', agentSession: toHex(ports.random.bytes(16)), ...common },
            ...(open && { open }),
          }
        : { kind, ...common }
    return [idOf(nonce), descriptor]
  }

  return {
    state,
    holder,
    letGo: (session) => streaming.letGo(session),
    read: (nodes, of) => readMessages(repository, sha256, nodes, of, () => ''),
    async close() {
      await streaming.close()
      for (const folded of kept()) await cache.settle(folded, true)
    },
    async create(kind, { title, changes = [], open = false } = {}) {
      const [session, descriptor] = describe(kind, title, open)
      const first = setAt(['meta', 'created'], ports.clock.now())
      await write(session, await state(session), [first, ...changes], descriptor)
      return handle(session)
    },
    async open(session) {
      // Where the last screen can be read at once, nobody waits for the rest.
      if ((await screen(session, 1)) !== undefined) return handle(session)
      if ((await state(session)).author === undefined) throw noDocument()
      await settled(session)
      return handle(session)
    },
    async withConflicts() {
      const found: { session: SessionId; conflicts: readonly ConflictRow[] }[] = []
      for (const session of repository.sessions()) {
        if (sharing.author(session) === undefined) continue
        const now = await state(session)
        if (conflicts(now).length > 0) found.push({ session, conflicts: conflictRows(sha256, now) })
      }
      return found
    },
  }
}

const lastOf = (nodes: readonly MessageNode[], last: number | undefined) =>
  last === undefined ? nodes : nodes.slice(-last || nodes.length)
