/** What a device writes itself, on disks that die, fill up and go back in time (SYN-F-1, SYN-F-2). */
import { setImmediate as turn } from 'node:timers/promises'
import { collect } from '@baton/client/testing/rows'
import { utf8Encode } from '@baton/shared/bytes'
import { splitLogId } from '@baton/shared/ids'
import { parseGenesis } from '@baton/shared/log/genesis'
import { kinds } from '@baton/shared/log/kinds'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { author } from '../../../support/author.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { firstLog, hand, openTestRepo, recordOf, watchedKeyring } from '../../../support/repo.ts'
import { session, signer } from '../../../support/signer.ts'
import { tries } from '../../../support/tries.ts'

const one = session(1)
const two = session(2)

describe('what this device writes', () => {
  it('RP2 is told when it is durable and not before', async () => {
    const disk = createFaultyDisk()
    const repo = await openTestRepo(1, { store: await disk.open() })
    const told: string[] = []
    repo.onGrew((id, _log, own) => told.push(`${id === one} ${own}`))
    const hold = disk.holdFlushes()
    let done = false
    const writing = repo.append(one, 'text').then(() => {
      done = true
    })
    for (let i = 0; i < 20; i++) await Promise.resolve()
    expect([done, told, repo.heads(one)]).toEqual([false, [], []])
    hold.release()
    await writing
    expect(told).toEqual(['true true'])
    expect(repo.durable(firstLog(repo))).toBe(2)
  })

  it('RP2 all entries of a write are told, in order, before it is told that the log grew', async () => {
    const repo = await openTestRepo(1)
    const seqs: number[] = []
    repo.onEntries((_log, entries) => seqs.push(...entries.map(({ seq }) => seq)))
    const known: number[] = []
    repo.onGrew(() => known.push(seqs.length))
    // Two runs: one is signed at every 256th entry.
    await repo.append(one, ...Array.from({ length: 300 }, (_, i) => `${i}`))
    expect(seqs).toEqual(Array.from({ length: 301 }, (_, i) => i + 1))
    expect(known).toEqual([301])
  })

  it('RP2 calls that come while a flush is in flight share the next one', async () => {
    const repo = await openTestRepo(1)
    let batches = 0
    const { write } = repo.store
    repo.store.write = (batch) => {
      batches += 1
      return write(batch)
    }
    await Promise.all(Array.from({ length: 100 }, (_, i) => repo.append(one, `${i}`)))
    expect(batches).toBeLessThanOrEqual(2)
    expect(await repo.lines(firstLog(repo))).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`))
  })

  it('RP2 rows and entries of a write come together or not at all, at every write boundary', async () => {
    for (let boundary = 0; boundary < 6; boundary++) {
      const disk = createFaultyDisk(() => 0)
      const repo = await openTestRepo(1, { store: await disk.open() })
      disk.fill(boundary)
      const written: number[] = []
      for (let i = 0; i < 4; i++) {
        const row = { put: utf8Encode('zcursor'), value: new Uint8Array([i + 1]) }
        await repo
          .write(one, (to) => {
            to.append(kinds.record, recordOf(`${i}`))
            return [row]
          })
          .then(
            () => written.push(i),
            () => undefined,
          )
      }
      disk.crash()
      disk.fill(undefined)
      const again = await openTestRepo(1, { store: await disk.open() })
      const cursor = (await again.store.get(utf8Encode('zcursor')))?.[0] ?? 0
      expect(cursor).toBe(written.length === 0 ? 0 : (written.at(-1) ?? 0) + 1)
      expect(await again.all(one)).toEqual(written.map(String))
    }
  })

  it('RP3 no seq is signed twice and no acknowledged entry is lost, over any crashes', async () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ do: fc.constant('write'), count: fc.integer({ min: 1, max: 4 }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('crash'), count: fc.nat(100) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('full'), count: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('held'), count: fc.nat(3) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const signed = new Map<string, string>()
        let roll = 0
        const disk = createFaultyDisk(() => (roll % 100) / 100)
        const open = async () =>
          openTestRepo(1, { store: await disk.open(), keyring: watchedKeyring(1, signed) })
        let repo = await open()
        const acked: string[] = []
        let count = 0
        for (const { do: what, count: n } of steps) {
          if (what === 'full') {
            disk.fill(n)
            continue
          }
          const texts = Array.from({ length: what === 'crash' ? 2 : n }, () => `${count++}`)
          const hold = what === 'held' || what === 'crash' ? disk.holdFlushes() : undefined
          const writes = texts.map((text) =>
            repo.append(one, text).then(
              () => void acked.push(text),
              () => undefined,
            ),
          )
          for (let i = 0; i < 30; i++) await Promise.resolve()
          if (what === 'crash') {
            roll = n
            disk.crash()
            disk.fill(undefined)
          }
          hold?.release()
          await Promise.all(writes)
          if (what === 'crash') repo = await open()
        }
        disk.crash()
        disk.fill(undefined)
        const lines = await (await open()).all(one)
        expect(lines).toEqual(expect.arrayContaining(acked))
        expect(new Set(lines).size).toBe(lines.length)
      }),
      { numRuns: tries(60) },
    )
  })

  it('RP3 a build that throws fails the calls of its session alone, which goes on in a new log', async () => {
    const repo = await openTestRepo(1)
    await repo.append(one, 'before')
    const fail = new Error('no')
    const results = await Promise.allSettled([
      repo.append(two, 'other'),
      repo.write(one, (to) => {
        to.append(kinds.record, recordOf('half'))
        throw fail
      }),
      repo.append(one, 'beside'),
      repo.append(two, 'other again'),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    await repo.append(one, 'after')
    expect(await repo.all(one)).toEqual(['after', 'before'])
    expect(repo.heads(one)).toHaveLength(2)
    expect(await repo.all(two)).toEqual(['other', 'other again'])
  })

  it('RP3 after a disk that was full writing goes on, in a new log', async () => {
    const disk = createFaultyDisk()
    const signed = new Map<string, string>()
    const keyring = watchedKeyring(1, signed)
    const repo = await openTestRepo(1, { store: await disk.open(), keyring })
    await repo.append(one, 'before')
    disk.fill(0)
    await expect(repo.append(one, 'no room')).rejects.toMatchObject({ code: 'store-full' })
    disk.fill(undefined)
    // Nothing is taken while refusals are being told (rule ST9).
    await turn()
    await repo.append(one, 'after')
    expect(await repo.all(one)).toEqual(['after', 'before'])
    expect(repo.heads(one)).toHaveLength(2)
  })

  it('RP3 every opening writes a log of its own that names the one before', async () => {
    const first = await openTestRepo(1)
    await first.append(one, 'a')
    const second = await openTestRepo(1, { store: first.store })
    await second.append(one, 'b')
    await second.append(one, 'c')
    const logs = second.heads(one).map(({ log }) => log)
    expect(logs).toHaveLength(2)
    const newer = logs.find((log) => log !== firstLog(first))
    const [genesis] = await second.entries(newer as NonNullable<typeof newer>)
    const own = splitLogId(newer as NonNullable<typeof newer>).incarnation
    const before = parseGenesis(genesis?.payload ?? null, own).predecessor
    expect(before).toMatchObject({
      incarnation: splitLogId(firstLog(first)).incarnation,
      seq: 2,
      hash: first.head(firstLog(first))?.hash,
    })
  })

  it('RP3 a device restored from a backup takes its own entries back and goes on in a new log', async () => {
    const disk = createFaultyDisk()
    const signed = new Map<string, string>()
    const before = await openTestRepo(1, {
      store: await disk.open(),
      keyring: watchedKeyring(1, signed),
    })
    await before.append(one, 'a')
    const backup = await collect(before.store)
    await before.append(one, 'b')
    const peer = await openTestRepo(2)
    await hand(before, peer, one)

    const restored = await openTestRepo(1, { keyring: watchedKeyring(1, signed) })
    await restored.store.write(backup.map(([put, value]) => ({ put, value })))
    const again = await openTestRepo(1, {
      store: restored.store,
      keyring: watchedKeyring(1, signed),
    })
    await again.append(one, 'offline')
    await hand(peer, again, one)
    await again.append(one, 'after')
    await hand(again, peer, one)
    expect(await again.all(one)).toEqual(['a', 'after', 'b', 'offline'])
    expect(await peer.all(one)).toEqual(await again.all(one))
    expect(again.frontier(one)).toEqual(peer.frontier(one))
  })

  it('RP3 more of the log that is being written, from a clone, ends that log', async () => {
    const incarnation = new Uint8Array(8).fill(7)
    const clock = createManualClock()
    const repo = await openTestRepo(1, { clock, random: { bytes: () => incarnation } })
    await repo.append(one, 'a')
    const log = firstLog(repo)
    let counter = 0
    const clone = author(signer(1), one, undefined, {
      random: () => incarnation,
      stamp: () => ({ ms: clock.now(), counter: counter++ }),
    })
    clone.append(kinds.record, recordOf('a'))
    clone.append(kinds.record, recordOf('of the clone'))
    const [delta] = await clone.seal()
    if (!delta) throw new Error('nothing was written')
    expect(await repo.receive(delta)).toEqual({ at: 'stored' })
    incarnation.fill(8)
    await repo.append(one, 'b')
    expect(await repo.lines(log)).toEqual(['a', 'of the clone'])
    expect(repo.heads(one)).toHaveLength(2)
    expect(await repo.all(one)).toEqual(['a', 'b', 'of the clone'])
  })
})
