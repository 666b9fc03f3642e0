/** BR12: main follows who holds the session; what others say stands beside it, record by record. */
import { branches, ownBranch } from '@baton/shared/conflict/branches'
import { mainHistory } from '@baton/shared/conflict/history'
import { type Lease, noLeases } from '@baton/shared/conflict/leases'
import type { TranscriptState } from '@baton/shared/conflict/transcript'
import { decodeTranscript, encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import type { LogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeAdopt } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { expect, it } from 'vitest'
import { nodePrimitives } from '../../support/signer.ts'
import {
  createTranscriptWorld,
  foldAll,
  readLines,
  session,
  type World,
  type Writer,
  type Written,
} from '../../support/transcript-world.ts'

const { sha256 } = nodePrimitives
const sidecar = 'tool-results/a.txt'
type Vector = ReadonlyMap<LogId, number>

/** A lease that stands where `signed` does, and who holds the session by it. */
function held(
  state: TranscriptState,
  from: Writer,
  to: Writer,
  { signed, vector = new Map() }: { readonly signed: Written; readonly vector?: Vector },
): TranscriptState {
  const takes = signed.log === to.log
  const lease: Lease = {
    ...{ epoch: 1, how: takes ? 'takeover' : 'transfer', holder: to.device, vector },
    ...{ log: signed.log, seq: signed.entry.seq, device: takes ? to.device : from.device },
    ...{ request: undefined, hash: new Uint8Array(32), deps: [] },
  }
  const tenures = [
    { epoch: 0, holder: from.device, by: undefined },
    { epoch: 1, holder: to.device, by: lease },
  ]
  state.held = { leases: noLeases(), holding: { tenures, passing: undefined } }
  return state
}

/** The entries with their logs in either order, and a fold that was kept in between. */
function folds(entries: World['entries']): TranscriptState[] {
  const logs = [...new Set(entries.map(({ log }) => log))]
  const by = (order: readonly LogId[]) =>
    order.flatMap((x) => entries.filter(({ log }) => log === x))
  const half = foldAll(by(logs).slice(0, entries.length - 2))
  const kept = decodeTranscript(sha256, session, encodeTranscript(sha256, half))
  return [
    foldAll(entries),
    foldAll(by(logs)),
    foldAll(by([...logs].reverse())),
    foldAll(entries, kept),
  ]
}

const main = (entries: World['entries'], state: TranscriptState) =>
  readLines(entries, mainHistory(state).get(mainFile))

it('BR12 what its holder writes after it handed over stands beside, and the next one goes on', () => {
  const { entries, writers } = createTranscriptWorld()
  const { alice, bob } = writers
  alice.append('one')
  alice.append('two')
  const signed = alice.raw(kinds.lease, 'signed over')
  bob.take(alice.shelf())
  // In the log that the lease stands in, without a gap, and in a later one.
  alice.append('late')
  for (const fold of folds(entries)) {
    expect(main(entries, held(fold, alice, bob, { signed }))).toEqual(['one', 'two'])
  }
  bob.epoch = 1
  bob.append('three')
  alice.restart()
  alice.append('later')
  for (const fold of folds(entries)) {
    expect(main(entries, fold)).toEqual(['one', 'two', 'late', 'later'])
    const state = held(fold, alice, bob, { signed })
    expect(main(entries, state)).toEqual(['one', 'two', 'three'])
    const [branch] = branches(state)
    expect(branches(state)).toHaveLength(1)
    expect(branch).toMatchObject({ device: alice.device, records: 2 })
    expect(readLines(entries, branch?.files[0]?.history)).toEqual(['one', 'two', 'late', 'later'])
    expect(ownBranch(state, bob.device)).toBeUndefined()
    expect(ownBranch(state, alice.device)).toMatchObject({ records: 2 })
  }
})

it('BR12 nobody’s word is main for its stamp or its epoch: only its holder’s, in its turn', () => {
  const { entries, writers } = createTranscriptWorld()
  const { alice, bob, carol } = writers
  alice.append('one')
  const signed = alice.raw(kinds.lease, 'signed over')
  for (const [other, epoch] of [
    [carol, 1],
    [alice, 1],
    [bob, 2],
    [bob, 0],
  ] as const) {
    other.take(alice.shelf())
    other.epoch = epoch
    other.append(`not its to say: ${epoch}`)
    other.rewind(1)
  }
  for (const fold of folds(entries)) {
    const state = held(fold, alice, bob, { signed })
    expect(main(entries, state)).toEqual(['one'])
    expect(
      branches(state)
        .map(({ device }) => device)
        .sort(),
    ).toEqual([carol.device, alice.device, bob.device, bob.device].sort())
  }
})

it('BR12 who takes it over says up to where it saw it, also in the midst of what was written', () => {
  const { entries, writers } = createTranscriptWorld()
  const { alice, bob } = writers
  for (const line of ['one', 'two', 'not seen']) alice.append(line)
  const [, seen] = alice.shelf().points
  bob.raw(kinds.record, 'something of its own')
  const signed = bob.raw(kinds.lease, 'taken')
  const at = seen?.at as { log: LogId; seq: number }
  bob.raw(kinds.adopt, encodeAdopt({ epoch: 1, file: mainFile, to: seen as never }))
  for (const fold of folds(entries)) {
    const state = held(fold, alice, bob, { signed, vector: new Map([[at.log, at.seq]]) })
    expect(main(entries, state)).toEqual(['one', 'two'])
    expect(branches(state)).toMatchObject([{ device: alice.device, records: 1 }])
  }
})

it('BR12 of a whole file what its holders said counts, and what was said beyond hides none of it', () => {
  const { entries, writers } = createTranscriptWorld()
  const { alice, bob } = writers
  alice.append('one')
  alice.whole(sidecar, 'first')
  const signed = alice.raw(kinds.lease, 'signed over')
  alice.whole(sidecar, 'late')
  const shown = (state: TranscriptState) => {
    const file = mainHistory(state).get(sidecar)
    return file?.kind === 'whole' ? Buffer.from(file.sha256).toString('hex') : undefined
  }
  const of = (text: string) => Buffer.from(sha256(Buffer.from(text))).toString('hex')
  for (const fold of folds(entries))
    expect(shown(held(fold, alice, bob, { signed }))).toBe(of('first'))
  bob.epoch = 1
  bob.whole(sidecar, 'second')
  for (const fold of folds(entries)) {
    expect(shown(held(fold, alice, bob, { signed }))).toBe(of('second'))
  }
})
