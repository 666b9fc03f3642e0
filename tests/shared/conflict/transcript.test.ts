/** The transcript fold against a model of what its devices meant, over every order of their logs. */
import { branches, ownBranch } from '@baton/shared/conflict/branches'
import { carriedDigest, mainHistory } from '@baton/shared/conflict/history'
import { decodeTranscript, encodeTranscript } from '@baton/shared/conflict/transcript-cache'
import { createTranscript } from '@baton/shared/conflict/transcript-state'
import { kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../support/signer.ts'
import { shuffledWritten, transcriptWorld } from '../../support/transcript-histories.ts'
import {
  createTranscriptWorld,
  deviceOf,
  foldAll,
  names,
  readLines,
  session,
} from '../../support/transcript-world.ts'
import { tries } from '../../support/tries.ts'

const { sha256 } = nodePrimitives
const agentFile = 'subagents/agent-1.jsonl'
const sidecar = 'tool-results/a.txt'

describe('the fold', () => {
  it('BR1 gives the same bytes for every order, batching and repetition of the logs', () => {
    const order = fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(transcriptWorld, order, ({ entries }, rolls) => {
        const straight = encodeTranscript(sha256, foldAll(entries))
        const other = encodeTranscript(sha256, foldAll(shuffledWritten(entries, rolls)))
        expect(other).toEqual(straight)
      }),
      { numRuns: tries(150) },
    )
  })

  it('BR1 goes on from a cache taken anywhere as if it had folded all at once', () => {
    fc.assert(
      fc.property(transcriptWorld, fc.nat(), ({ entries }, cut) => {
        const at = cut % (entries.length + 1)
        const early = encodeTranscript(sha256, foldAll(entries.slice(0, at)))
        const state = decodeTranscript(sha256, session, early)
        expect(state).toBeDefined()
        const all = encodeTranscript(sha256, foldAll(entries, state))
        expect(all).toEqual(encodeTranscript(sha256, foldAll(entries)))
      }),
      { numRuns: tries(120) },
    )
  })

  it('BR3 main is the author’s last word, line for line', () => {
    fc.assert(
      fc.property(transcriptWorld, ({ entries, writers }) => {
        const main = mainHistory(foldAll(entries))
        for (const [path, { lines }] of writers.alice.told) {
          expect(readLines(entries, main.get(path))).toEqual(lines)
          expect(main.get(path)).toMatchObject({ end: { records: lines.length } })
        }
        const text = writers.alice.wholes.get(sidecar)
        const whole = main.get(sidecar)
        expect(whole?.kind === 'whole' ? whole.sha256 : undefined).toEqual(
          text === undefined ? undefined : sha256(new TextEncoder().encode(text)),
        )
      }),
      { numRuns: tries(150) },
    )
  })

  it('BR7 a device’s own view is its last word, where main does not hold that', () => {
    fc.assert(
      fc.property(transcriptWorld, ({ entries, writers }) => {
        const state = foldAll(entries)
        const main = mainHistory(state)
        for (const who of ['bob', 'carol'] as const) {
          const own = ownBranch(state, deviceOf(who))
          for (const [path, shelf] of writers[who].told) {
            const last = shelf.points.at(-1)
            const inMain = writers.alice.told.get(path)?.points.some((p) => p === last)
            const history = own?.files.find((each) => each.history.file === path)?.history
            const seen = readLines(entries, history ?? main.get(path))
            expect(seen).toEqual(inMain ? writers.alice.told.get(path)?.lines : shelf.lines)
          }
        }
        expect(ownBranch(state, deviceOf('alice'))).toBeUndefined()
        expect(ownBranch(state, deviceOf('mallory'))).toBeUndefined()
      }),
      { numRuns: tries(150) },
    )
  })

  it('BR5 every record of a device that may write is in main or in a branch', () => {
    fc.assert(
      fc.property(transcriptWorld, ({ entries }) => {
        const state = foldAll(entries)
        const spans = [
          ...mainHistory(state).values(),
          ...branches(state).flatMap(({ files }) => files.map(({ history }) => history)),
        ].flatMap((each) => (each.kind === 'records' ? each.spans : []))
        // What goes on from a device that may not write has its roots there, and is not shown.
        const mallory = state.pieces.filter(
          ({ log }) => state.logs.get(log)?.device === deviceOf('mallory'),
        )
        if (mallory.length > 0) return
        for (const { log, entry } of entries) {
          if (entry.kind !== kinds.record || !Array.isArray(entry.payload)) continue
          const shown = spans.some((s) => s.log === log && s.from <= entry.seq && entry.seq <= s.to)
          expect(shown).toBe(true)
        }
      }),
      { numRuns: tries(150) },
    )
  })

  it('BR6 a branch begins where it leaves main, and counts what main has not', () => {
    fc.assert(
      fc.property(transcriptWorld, ({ entries }) => {
        const state = foldAll(entries)
        const main = mainHistory(state)
        for (const branch of branches(state)) {
          let records = 0
          for (const { base, history } of branch.files) {
            const trunk = readLines(entries, main.get(history.file))
            const lines = readLines(entries, history)
            expect(lines.slice(0, base.records)).toEqual(trunk.slice(0, base.records))
            expect(lines.length).toBe(history.end.records)
            const next = lines[base.records]
            if (next !== undefined) expect(next).not.toBe(trunk[base.records])
            records += lines.length - base.records
          }
          expect(branch.records).toBe(records)
          expect(branch.records).toBeGreaterThan(0)
        }
      }),
      { numRuns: tries(150) },
    )
  })
})

describe('the cache', () => {
  it('BR8 with any byte changed, of another session or cut short counts as missing', () => {
    const { entries, writers } = createTranscriptWorld()
    writers.alice.append('one')
    writers.alice.whole(sidecar, 'text')
    const bytes = encodeTranscript(sha256, foldAll(entries))
    expect(decodeTranscript(sha256, session, bytes)).toBeDefined()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.slice()
        damaged[at] = (damaged[at] as number) ^ flip
        expect(decodeTranscript(sha256, session, damaged)).toBeUndefined()
        expect(decodeTranscript(sha256, session, bytes.subarray(0, at))).toBeUndefined()
      }),
    )
    const other = encodeTranscript(sha256, { ...createTranscript(session) })
    expect(other).not.toEqual(bytes)
  })
})

describe('the carried digest', () => {
  it('BR4 covers path, records, bytes and last record of every file, in any order of files', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice } = writers
    alice.append('one')
    alice.append('sub', agentFile)
    alice.whole(sidecar, 'text')
    const main = mainHistory(foldAll(entries))
    const digest = carriedDigest(sha256, main.values())
    expect(carriedDigest(sha256, [...main.values()].reverse())).toEqual(digest)
    for (const gone of main.keys()) {
      const rest = [...main.values()].filter((each) => each.file !== gone)
      expect(carriedDigest(sha256, rest)).not.toEqual(digest)
    }
    alice.append('two')
    expect(carriedDigest(sha256, mainHistory(foldAll(entries)).values())).not.toEqual(digest)
  })

  it('BR4 a file moved from one name to another is another session', () => {
    const named = (file: string) => {
      const { entries, writers } = createTranscriptWorld()
      writers.alice.append('one')
      writers.alice.append('sub', file)
      return carriedDigest(sha256, mainHistory(foldAll(entries)).values())
    }
    expect(named('subagents/a.jsonl')).not.toEqual(named('subagents/b.jsonl'))
    expect(names).toHaveLength(4)
  })
})
