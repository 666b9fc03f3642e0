/** Main and branches by example: adoption under way, rewinds, restored backups, liars. */
import { branches, ownBranch } from '@baton/shared/conflict/branches'
import { mainHistory } from '@baton/shared/conflict/history'
import { mainFile } from '@baton/shared/model/carried-path'
import { describe, expect, it } from 'vitest'
import { createTranscriptWorld, foldAll, readLines } from '../../support/transcript-world.ts'

const agentFile = 'subagents/agent-1.jsonl'
const sidecar = 'tool-results/a.txt'

describe('main', () => {
  it('BR4 is the last word of which everything is held, while an adopted branch is on its way', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob } = writers
    alice.append('one')
    bob.take(alice.shelf())
    bob.append('two')
    alice.adopt(bob)
    const held = entries.filter(({ log }) => log === alice.log)
    const early = foldAll(held)
    expect(readLines(entries, mainHistory(early).get(mainFile))).toEqual(['one'])
    const later = foldAll(entries, early)
    expect(readLines(entries, mainHistory(later).get(mainFile))).toEqual(['one', 'two'])
  })

  it('BR3 goes on over a rewind, a restart and another device’s branch', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob } = writers
    for (const line of ['one', 'two', 'three']) alice.append(line)
    alice.rewind(1)
    alice.append('two again')
    alice.restart()
    alice.append('three again')
    bob.take(alice.shelf())
    bob.append('four')
    alice.adopt(bob)
    alice.append('five')
    const state = foldAll(entries)
    expect(readLines(entries, mainHistory(state).get(mainFile))).toEqual([
      'one',
      'two again',
      'three again',
      'four',
      'five',
    ])
    const [left] = branches(state)
    expect(left).toMatchObject({ device: alice.device, records: 2 })
    expect(readLines(entries, left?.files[0]?.history)).toEqual(['one', 'two', 'three'])
  })

  it('BR3 of two logs that go on from one, the one that spoke last is main', () => {
    for (const lives of [3, 4, 5, 6]) {
      const first = createTranscriptWorld()
      first.writers.alice.append('one')
      const shelf = first.writers.alice.shelf()
      const backup = first.writers.alice.log
      first.writers.alice.restart()
      first.writers.alice.append('first life')
      // The same device restored from a backup: another incarnation goes on from the first log.
      const second = createTranscriptWorld([], lives)
      const { alice } = second.writers
      alice.restart(backup)
      alice.take(shelf)
      alice.append('second life')
      const all = [...first.entries, ...second.entries]
      for (const entries of [all, [...second.entries, ...first.entries]]) {
        const state = foldAll(entries)
        expect(readLines(all, mainHistory(state).get(mainFile))).toEqual(['one', 'second life'])
        const left = branches(state)[0]?.files[0]?.history
        expect(readLines(all, left)).toEqual(['one', 'first life'])
      }
    }
  })
})

describe('branches', () => {
  it('BR5 what a device writes that is not granted is kept and shown nowhere', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob, mallory } = writers
    alice.append('one')
    bob.take(alice.shelf())
    bob.append('two')
    mallory.take(bob.shelf())
    mallory.append('evil')
    const state = foldAll(entries)
    expect(branches(state).map(({ device }) => device)).toEqual([bob.device])
    alice.grant('mallory')
    expect(branches(foldAll(entries)).map(({ device }) => device)).toEqual([mallory.device])
  })

  it('BR5 grants count from the author alone', () => {
    const { entries, writers } = createTranscriptWorld(['bob'])
    const { alice, bob, mallory } = writers
    alice.append('one')
    bob.grant('mallory')
    mallory.take(alice.shelf())
    mallory.append('evil')
    expect(branches(foldAll(entries))).toEqual([])
  })

  it('BR6 the newest of every file make one branch, and it has the highest number', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob } = writers
    alice.append('one')
    bob.take(alice.shelf())
    for (let i = 0; i < 11; i++) {
      bob.rewind(1)
      bob.append(`try ${i}`)
    }
    bob.append('sub', agentFile)
    const found = branches(foldAll(entries))
    expect(found).toHaveLength(11)
    const last = found.at(-1)
    expect(last?.name).toBe(`${bob.device.slice(0, 8)}-11`)
    expect(last?.files.map(({ history }) => history.file)).toEqual([agentFile, mainFile])
    expect(readLines(entries, last?.files[1]?.history)).toEqual(['one', 'try 10'])
    expect(found.slice(0, -1).every(({ files }) => files.length === 1)).toBe(true)
  })

  it('BR6 a whole file stands beside main only in a version that main never had', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob } = writers
    const wholes = () => ownBranch(foldAll(entries), bob.device)?.wholes.map(({ file }) => file)
    alice.append('one')
    alice.whole(sidecar, 'first')
    bob.take(alice.shelf())
    bob.append('two')
    bob.whole(sidecar, 'second')
    expect(wholes()).toEqual([sidecar])
    alice.adopt(bob)
    alice.whole(sidecar, 'second')
    alice.whole(sidecar, 'third')
    bob.append('three')
    // Bob's second version is behind Alice's third: adopting his lines must not bring it back.
    expect(wholes()).toEqual([])
  })

  it('BR5 a base that does not fit what stands there is no history', () => {
    const { entries, writers } = createTranscriptWorld()
    const { alice, bob } = writers
    for (const line of ['one', 'two', 'three']) alice.append(line)
    const [first, , third] = alice.shelf().points
    const claim = (point: object) => ({
      lines: ['one'],
      points: [{ ...(first as NonNullable<typeof first>), ...point }],
    })
    // A point that names the first record but says it is the third, and so on.
    const lies = [
      { record: third?.record, records: 3, bytes: third?.bytes },
      { records: 7 },
      { at: { log: first?.at?.log, seq: 999 } },
      { at: third?.at },
      { at: { log: alice.log, seq: 1 } },
    ]
    for (const lie of lies) {
      bob.take(claim(lie))
      bob.append('lie')
    }
    bob.take(alice.shelf())
    bob.append('four')
    const found = branches(foldAll(entries))
    expect(found).toHaveLength(1)
    expect(readLines(entries, found[0]?.files[0]?.history).at(-1)).toBe('four')
  })
})
