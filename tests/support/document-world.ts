/**
 * Devices that write one document as its rules say, each seeing only what was delivered to it, and
 * the whole set of entries for folds in any order. Beside each write stands what its author had seen,
 * as a model to hold the fold against.
 */
import { type Cuts, noCuts } from '@baton/shared/conflict/cuts'
import { createDocument, type DocumentState, nothingKnown } from '@baton/shared/conflict/document'
import { beginAnew, skipDocument } from '@baton/shared/conflict/document-anew'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { candidates } from '@baton/shared/conflict/register'
import { canRestate, restate } from '@baton/shared/conflict/restating'
import type { Superseded } from '@baton/shared/conflict/superseded'
import type { Value } from '@baton/shared/encoding/msgpack'
import { joinLogId, type LogId, splitLogId } from '@baton/shared/ids'
import { readEntry } from '@baton/shared/log/again'
import type { SignedHead } from '@baton/shared/log/chain'
import { encodeCheckpoint } from '@baton/shared/log/checkpoint'
import { type Dep, type Entry, encodeEntry } from '@baton/shared/log/entry'
import { type Descriptor, genesisPayload } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import { encodeGrant, type GrantKind } from '@baton/shared/model/agent-entries'
import {
  encodeCapture,
  encodeInbox,
  encodeMessage,
  encodeRegister,
  encodeRow,
  encodeTool,
  type Held,
  type Path,
  parseMessage,
  pathKey,
  type ToolStatus,
} from '@baton/shared/model/document-entries'
import { encodeRedaction } from '@baton/shared/model/redaction'
import { mintSessionId } from '@baton/shared/model/session-id'
import { encodeStream, type StreamPiece } from '@baton/shared/model/stream-entries'
import { nodePrimitives, signer } from './signer.ts'

const { sha256 } = nodePrimitives
const nonce = new Uint8Array(16).fill(7)
export const names = ['alice', 'bob', 'carol', 'mallory'] as const
export type Name = (typeof names)[number]
const devices = names.map((_, i) => signer(i + 1).device)
export const deviceOf = (name: Name) => devices[names.indexOf(name)] as (typeof devices)[number]
export const session = mintSessionId(sha256, deviceOf('alice'), nonce)

export interface Placed {
  readonly log: LogId
  readonly entry: Entry
}

/** A register write and all writes of the same register that its author had seen. */
export interface Modelled extends Placed {
  readonly path: string
  readonly saw: ReadonlySet<Modelled>
}

/** Its hash does not matter to a fold: it is only what others name it by. */
export const nextOf = (entry: Entry) => ({
  seq: entry.seq,
  entry,
  hash: new Uint8Array(32),
})

export const value = (of: Value): Held => ({ at: 'value', value: of })

/**
 * Folds logs given in any order, again while one waits for another, anew when a writer appears.
 * `dropped`: logs that are held up to there without their entries.
 */
export function fold(
  placed: readonly Placed[],
  cuts: Cuts = noCuts,
  dropped: Superseded = new Map(),
): DocumentState {
  let state = createDocument(session, nothingKnown(cuts))
  for (;;) {
    for (const [log, seq] of dropped) skipDocument(state, log, { seq, hash: new Uint8Array(32) })
    let rest = placed
    for (;;) {
      const blocked = new Set<LogId>()
      const left = rest.filter(({ log, entry }) => {
        const next = nextOf(entry)
        const taken = !blocked.has(log) && foldDocument(state, sha256, log, next)
        if (!taken) blocked.add(log)
        return !taken
      })
      if (left.length === rest.length) break
      rest = left
    }
    if (!state.stale) return state
    state = beginAnew(state)
  }
}

const federation = { kind: 'federation', nonce, created: 5 }
/** One device at a time writes its history. */
export const heldSession = { kind: 'agent', nonce, created: 5, agent: 'baton', agentSession: 'a' }

/** `numbered`: by which byte the nth log of a device is known; of equal stamps the order of logs decides. */
export function createDocumentWorld(
  describes: Descriptor = federation,
  numbered = (nth: number) => nth,
) {
  const all: Placed[] = []
  const modelled: Modelled[] = []
  let clock = 1_000_000

  function createDevice(name: Name) {
    const device = deviceOf(name)
    const seen: Placed[] = []
    let state = createDocument(session)
    let incarnation = 0
    let log: LogId | undefined
    let seq = 0
    let skew = 0

    function take(placed: Placed): void {
      if (placed.entry.seq <= (state.logs.get(placed.log)?.seq ?? 0)) return
      seen.push(placed)
      if (!foldDocument(state, sha256, placed.log, nextOf(placed.entry)) || state.stale) {
        state = fold(seen)
      }
    }

    function append(kind: number, payload: Value, deps: readonly Dep[] = []): Placed {
      if (log === undefined) {
        incarnation += 1
        const inc = new Uint8Array(8).fill(numbered(incarnation))
        inc[0] = names.indexOf(name)
        log = joinLogId(session, device, inc)
        seq = 0
        const first = name === 'alice' && incarnation === 1
        const descriptor = first ? describes : undefined
        add(kinds.genesis, genesisPayload({ predecessor: undefined, descriptor }), [])
      }
      return add(kind, payload, deps)
    }

    function add(kind: number, payload: Value, deps: readonly Dep[]): Placed {
      seq += 1
      clock += 1
      const stamp = { ms: Math.max(1, clock + skew), counter: 0 }
      // Through its bytes, so that what is folded is what others would read.
      const entry = readEntry(encodeEntry({ kind, seq, stamp, deps, payload }), seq)
      const placed = { log: log as LogId, entry }
      all.push(placed)
      take(placed)
      return placed
    }

    const seenOf = (path: string) =>
      modelled.filter(
        (each) =>
          each.path === path &&
          // What does not count is not shown to anyone, its own author included; but a log is a line.
          (each.log === log || state.writers.has(splitLogId(each.log).device)) &&
          seen.some((p) => p.log === each.log && p.entry === each.entry),
      )

    return {
      get state() {
        return state
      },
      /** From here on its stamps are off by so many ms. */
      skew(ms: number) {
        skew = ms
      },
      restart() {
        log = undefined
      },
      append,
      /**
       * Says its own logs again and supersedes them, of these only where `picks` says so by number;
       * `stop`: after so many entries of that it dies.
       */
      checkpoint(picks: (log: number) => boolean = () => true, stop = Number.POSITIVE_INFINITY) {
        const own = new Map<LogId, Placed[]>()
        for (const placed of seen) {
          if (splitLogId(placed.log).device !== device) continue
          own.set(placed.log, [...(own.get(placed.log) ?? []), placed])
        }
        const logs = [...own.values()]
          .filter((_, i) => picks(i))
          .map((log) =>
            log.map(({ log, entry }) => ({ place: depOf({ log, seq: entry.seq }), entry })),
          )
          .filter((log) => log.every(canRestate))
        const restatement = restate(state, logs.flat())
        if (!restatement || logs.length === 0) return
        const signed = { hash: new Uint8Array(32), signature: new Uint8Array(64) }
        const ends = logs.map((log) => ({ ...log[log.length - 1]?.place, ...signed }) as SignedHead)
        const named = new Map(restatement.heads.map((head) => [head.log, head]))
        for (const end of ends) named.set(end.log, end)
        log = undefined
        for (const { payload, deps } of restatement.entries.slice(0, stop)) {
          append(kinds.again, payload, deps)
        }
        if (restatement.entries.length <= stop) {
          append(kinds.checkpoint, encodeCheckpoint([...named.values()]))
        }
        log = undefined
      },
      grant: (to: Name, kind: GrantKind = 'mirror') =>
        append(kinds.grant, encodeGrant({ device: deviceOf(to), kind })),
      set(path: Path, held: Held): Modelled {
        const key = pathKey(path)
        const field = state.fields.get(key)
        const deps = field ? candidates(field.register).map(depOf) : []
        const before = seenOf(key)
        const saw = new Set(before.flatMap((each) => [each, ...each.saw]))
        const placed = append(kinds.register, encodeRegister({ path, held }), deps)
        const told = { ...placed, path: key, saw }
        modelled.push(told)
        return told
      },
      row: (collection: string, key: string, held: Held) =>
        append(kinds.row, encodeRow({ collection, key, held })),
      /** Takes back one of its messages, counted from the last; `as`: under another id, as a liar would. */
      redact(back = 0, as?: string): Placed | undefined {
        const messages = seen.filter(
          ({ log: at, entry }) => splitLogId(at).device === device && entry.kind === kinds.message,
        )
        const own = messages.at(-1 - (back % (messages.length || 1)))
        const said = own && parseMessage(own.entry.payload)
        if (!own || !said) return undefined
        const { stamp, seq: at } = own.entry
        const payload = encodeRedaction({ ...said, stamp, id: as ?? said.id })
        return append(kinds.redact, payload, [depOf({ log: own.log, seq: at })])
      },
      inbox: (id: string, held: Held) => append(kinds.inbox, encodeInbox({ id, held })),
      message: (id: string, parent: string | undefined, held: Held, consumes?: string, epoch = 0) =>
        append(kinds.message, encodeMessage({ epoch, id, parent, held, consumes })),
      begin: (id: string, parent: string | undefined, fields = { role: 'assistant' }) =>
        append(
          kinds.stream,
          encodeStream({ at: 'beginning', epoch: 0, id, parent, consumes: undefined, fields }),
        ),
      /** `offset` in bytes; `whole`: an end that says this is all of it. */
      piece(
        id: string,
        offset: number,
        text: string,
        { at = 'piece' as StreamPiece['at'], whole = '', epoch = 0 } = {},
      ) {
        const hash = at === 'end' ? sha256(new TextEncoder().encode(whole)) : undefined
        return append(kinds.stream, encodeStream({ at, epoch, id, offset, text, hash }))
      },
      goOn: (id: string, author: Name, offset: number, epoch: number) =>
        append(
          kinds.stream,
          encodeStream({ at: 'going-on', epoch, id, offset, author: deviceOf(author) }),
        ),
      tool: (call: string, status: ToolStatus, held: Held = { at: 'absent' }) =>
        append(kinds.tool, encodeTool({ epoch: 0, call, status, held })),
      capture(origin: string, held: Held) {
        const register = state.captures.get(origin)
        const deps = register ? candidates(register).map(depOf) : []
        return append(kinds.capture, encodeCapture({ origin, held }), deps)
      },
      /** Takes what the other device has, its logs in their order; `most` entries. */
      pull(from: { readonly seen: readonly Placed[] }, most = Number.POSITIVE_INFINITY) {
        let left = most
        for (const placed of from.seen) {
          if (left <= 0) return
          const have = state.logs.get(placed.log)?.seq ?? 0
          if (placed.entry.seq !== have + 1) continue
          take(placed)
          left -= 1
        }
      },
      seen: seen as readonly Placed[],
    }
  }

  const writers = {
    alice: createDevice('alice'),
    bob: createDevice('bob'),
    carol: createDevice('carol'),
    mallory: createDevice('mallory'),
  }
  return { all: all as readonly Placed[], modelled: modelled as readonly Modelled[], writers }
}

export type DocumentWorld = ReturnType<typeof createDocumentWorld>

export const depOf = ({ log, seq }: { log: LogId; seq: number }): Dep => ({
  log,
  seq,
  hash: new Uint8Array(8),
})
