/** DX1 to DX3: a folded document as bytes, and back. */
import { type Cuts, noCuts } from '@baton/shared/conflict/cuts'
import { createDocument, type DocumentState, nothingKnown } from '@baton/shared/conflict/document'
import {
  decodeDocument,
  decodeTail,
  encodeDocument,
  tailMessages,
} from '@baton/shared/conflict/document-cache'
import { foldDocument } from '@baton/shared/conflict/document-fold'
import { createLogTable, readLogTable } from '@baton/shared/conflict/log-table'
import { messageColumns, readMessageColumns } from '@baton/shared/conflict/message-columns'
import type { MessageNode } from '@baton/shared/conflict/messages'
import { joinLogId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkpointWorld, documentWorld } from '../../support/document-histories.ts'
import {
  createDocumentWorld,
  deviceOf,
  fold,
  nextOf,
  type Placed,
  session,
  value,
} from '../../support/document-world.ts'
import { saying } from '../../support/said-by-fold.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const again = (state: DocumentState, cuts = noCuts) =>
  decodeDocument(sha256, session, encodeDocument(sha256, state), cuts)

/** The whole fold, kept and read back after each of `stops` entries, as far as nothing is stale. */
function inPieces(
  all: readonly Placed[],
  stops: ReadonlySet<number>,
  cuts: Cuts = noCuts,
): DocumentState | undefined {
  let state = createDocument(session, nothingKnown(cuts))
  for (const [i, { log, entry }] of all.entries()) {
    if (!foldDocument(state, sha256, log, nextOf(entry)) || state.stale) return undefined
    if (!stops.has(i)) continue
    const read = again(state, cuts)
    expect(read).toBeDefined()
    if (read) state = read
  }
  return state
}

it('DX1 a fold that is kept and read back anywhere goes on as if it never was', () => {
  let compared = 0
  fc.assert(
    fc.property(documentWorld, fc.array(fc.nat(60), { maxLength: 4 }), ({ all }, stops) => {
      const pieces = inPieces(all, new Set(stops))
      if (!pieces) return
      compared += 1
      expect(saying(pieces)).toEqual(saying(fold(all)))
    }),
    { numRuns: tries(200) },
  )
  expect(compared).toBeGreaterThan(20)
})

it('DX1 a fold with superseded logs and with what is said again goes on as well', () => {
  let compared = 0
  fc.assert(
    fc.property(checkpointWorld, fc.nat(90), ({ all }, at) => {
      const begun = fold(all.slice(0, at))
      let state = again(begun, noCuts) as DocumentState
      expect(saying(state)).toEqual(saying(begun))
      for (const { log, entry } of all.slice(at)) {
        if (!foldDocument(state, sha256, log, nextOf(entry)) || state.stale) return
        state = again(state, noCuts) as DocumentState
      }
      if (state.superseded.size > 0) compared += 1
      expect(saying(state)).toEqual(saying(fold(all)))
    }),
    { numRuns: tries(600) },
  )
  expect(compared).toBeGreaterThan(0)
})

it('DX1 nor is anything lost of what is beyond a cut, and of those who had seen it', () => {
  let compared = 0
  fc.assert(
    fc.property(
      documentWorld,
      fc.array(fc.nat(60), { maxLength: 4 }),
      fc.nat(9),
      fc.nat(9),
      ({ all }, stops, which, seq) => {
        const logs = [...new Set(all.map(({ log }) => log))]
        const cut = logs[which % logs.length]
        const cuts: Cuts = (log) => (log === cut ? { seq, reason: 'forked' } : undefined)
        const pieces = inPieces(all, new Set(stops), cuts)
        if (!pieces) return
        compared += 1
        expect(saying(pieces)).toEqual(saying(fold(all, cuts)))
      },
    ),
    { numRuns: tries(300) },
  )
  expect(compared).toBeGreaterThan(20)
})

it('DX1 what was replaced by way of a write beyond a cut stays replaced when that one comes last', () => {
  const { writers } = createDocumentWorld()
  const { alice, bob, carol } = writers
  alice.grant('bob')
  alice.grant('carol')
  for (const each of [bob, carol]) each.pull(alice)
  const first = carol.set(['a'], value('first'))
  bob.pull(carol)
  const cut = bob.set(['a'], value('hidden')).log
  alice.pull(carol)
  alice.pull(bob)
  alice.set(['a'], value('last'))
  const cuts: Cuts = (log) => (log === cut ? { seq: 1, reason: 'revoked' } : undefined)
  const hidden = bob.seen.filter(({ log }) => log === cut)
  const others = [...alice.seen.filter(({ log }) => log !== cut && log !== first.log)]
  const theirs = carol.seen.filter(({ log }) => log === first.log)
  const known = hidden.splice(0, 1)
  const before = fold([...others.slice(0, 3), ...theirs, ...known, ...others.slice(3)], cuts)
  expect(before.waiting.list()).toEqual([])
  const read = again(before, cuts) as DocumentState
  for (const { log, entry } of hidden) foldDocument(read, sha256, log, nextOf(entry))
  const live = read.fields.get('["a"]')?.register.live.map(({ held }) => held)
  expect(live).toEqual([value('last')])
  expect(saying(read)).toEqual(saying(fold(alice.seen, cuts)))
})

it('DX1 what waits when a fold is kept is taken once what it waits for comes', () => {
  const { writers } = createDocumentWorld()
  const { alice, bob } = writers
  alice.grant('bob')
  bob.pull(alice)
  alice.set(['a'], value('first'))
  bob.pull(alice)
  bob.set(['a'], value('second'))
  const [mine, theirs] = [alice.seen, bob.seen.filter(({ log }) => log !== alice.seen[0]?.log)]
  const before = fold([...mine.slice(0, 2), ...theirs])
  expect(before.waiting.list()).toHaveLength(1)
  const read = again(before) as DocumentState
  for (const { log, entry } of mine.slice(2)) foldDocument(read, sha256, log, nextOf(entry))
  expect(saying(read)).toEqual(saying(fold([...mine, ...theirs])))
  expect(read.waiting.list()).toEqual([])
})

const device = deviceOf('alice')
const log = joinLogId(session, device, new Uint8Array(8).fill(1))
const other = joinLogId(session, deviceOf('bob'), new Uint8Array(8).fill(2))

it('DX2 columns give back every message as it was', () => {
  const node = fc.record({
    id: fc.string({ minLength: 1, maxLength: 30 }),
    parent: fc.option(fc.string({ minLength: 1, maxLength: 8 }), { nil: undefined }),
    epoch: fc.oneof(fc.nat(3), fc.constant(2 ** 40)),
    consumes: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    log: fc.constantFrom(log, other),
    seq: fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.constant(2 ** 45)),
    ms: fc.nat(2 ** 40),
    counter: fc.nat(65535),
    others: fc.array(fc.record({ log: fc.constantFrom(log, other), seq: fc.nat(9) })),
    streams: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.uniqueArray(node, { selector: ({ id }) => id, maxLength: 30 }), (given) => {
      const nodes = given.map(
        ({
          id,
          parent,
          epoch,
          consumes,
          others,
          log: at,
          seq,
          ms,
          counter,
          streams,
        }): MessageNode => {
          const hash = new Uint8Array(8).fill(seq % 251)
          const write = {
            log: at,
            seq,
            hash,
            device: splitLogId(at).device,
            stamp: { ms, counter },
          }
          const stream = streams ? { stream: write.device } : {}
          return { id, parent, epoch, consumes, others, write, ...stream }
        },
      )
      const table = createLogTable()
      const columns = messageColumns(nodes, table)
      expect(readMessageColumns(columns, readLogTable(table.ids()))).toEqual(nodes)
    }),
    { numRuns: tries(200) },
  )
})

function manyMessages(count: number): DocumentState {
  const { writers } = createDocumentWorld()
  let parent: string | undefined
  for (let i = 0; i < count; i++) {
    writers.alice.message(`m${i}`, parent, value(i))
    parent = `m${i}`
  }
  return writers.alice.state
}

it('DX2 only chunks that changed are others', () => {
  const first = encodeDocument(sha256, manyMessages(4200))
  const second = encodeDocument(sha256, manyMessages(5000))
  expect([first.chunks.length, second.chunks.length]).toEqual([2, 2])
  expect(second.chunks[0]).toEqual(first.chunks[0])
  expect(second.chunks[1]).not.toEqual(first.chunks[1])
})

it('DX3 whatever byte is damaged, and whatever is cut off, the cache counts as missing', () => {
  const cached = encodeDocument(sha256, manyMessages(40))
  const [chunk] = cached.chunks as [Uint8Array]
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('head', 'chunk', 'tail'), (at, part) => {
      const bytes = part === 'chunk' ? chunk : cached[part as 'head' | 'tail']
      const bad = bytes.slice()
      bad[at % bad.length] = (bad[at % bad.length] as number) ^ 1
      for (const wrong of [bad, bytes.subarray(0, at % bytes.length)]) {
        const rows = {
          head: part === 'head' ? wrong : cached.head,
          chunks: part === 'chunk' ? [wrong] : cached.chunks,
        }
        if (part === 'tail') expect(decodeTail(sha256, session, wrong, noCuts)).toBeUndefined()
        else expect(decodeDocument(sha256, session, rows, noCuts)).toBeUndefined()
      }
    }),
    { numRuns: tries(200) },
  )
})

it('DX3 another session, chunks of another time and other cuts are a cache of something else', () => {
  const cached = encodeDocument(sha256, manyMessages(10))
  const elsewhere = 'B'.repeat(22) as typeof session
  const cut = () => ({ seq: 5, reason: 'forked' }) as const
  const none: unknown[] = [
    decodeDocument(sha256, elsewhere, cached, noCuts),
    decodeDocument(sha256, session, { ...cached, chunks: [] }, noCuts),
    decodeDocument(
      sha256,
      session,
      { ...cached, chunks: encodeDocument(sha256, manyMessages(11)).chunks },
      noCuts,
    ),
    decodeDocument(sha256, session, cached, cut),
    decodeTail(sha256, elsewhere, cached.tail, noCuts),
    decodeTail(sha256, session, cached.tail, cut),
  ]
  expect(none.every((each) => each === undefined)).toBe(true)
  const beyond = () => ({ seq: 5000, reason: 'forked' }) as const
  expect(decodeDocument(sha256, session, cached, beyond)).toBeDefined()
})

it('DX4 the tail holds the last of the history and where its logs stood', () => {
  const state = manyMessages(tailMessages + 50)
  const tail = decodeTail(sha256, session, encodeDocument(sha256, state).tail, noCuts)
  expect(tail?.messages).toHaveLength(tailMessages)
  expect(tail?.messages.at(-1)).toEqual(state.messages.get(`m${tailMessages + 49}`))
  const places = [...state.logs].map(([id, { seq, hash }]) => [id, { seq, hash }])
  expect([...(tail?.logs ?? [])]).toEqual(places)
})

it('CU4 one that was kept while it waited is missing once what it waits for is beyond a cut', () => {
  const { alice, bob } = createDocumentWorld().writers
  const { log } = bob.append(kinds.row, ['c', 'k', 1])
  alice.append(kinds.register, [['x'], 1], [{ log, seq: 9, hash: new Uint8Array(8) }])
  const state = fold(alice.seen)
  const under = (seq: number) =>
    again(state, (each) => (each === log ? { seq, reason: 'revoked' } : undefined))
  expect(again(state)?.waiting.list()).toHaveLength(1)
  expect(under(9)?.waiting.list()).toHaveLength(1)
  expect(under(8)).toBeUndefined()
})
