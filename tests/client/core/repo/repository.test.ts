/** The repository over disks that die, fill up and go back in time. */
import { setImmediate as turn } from 'node:timers/promises'
import { factsOf } from '@baton/client/core/repo/rows'
import { collect } from '@baton/client/testing/rows'
import { splitLogId } from '@baton/shared/ids'
import { encodeDelta } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import { logRef } from '@baton/shared/log/log-ref'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { author, written } from '../../../support/author.ts'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { firstLog, hand, openTestRepo, recordOf, type TestRepo } from '../../../support/repo.ts'
import { session, signer } from '../../../support/signer.ts'

const one = session(1)
const two = session(2)

/** Rows whose key begins with a letter. */
const under = async (repo: TestRepo, letter: string) =>
  (await collect(repo.store)).filter(([key]) => String.fromCharCode(key[0] ?? 0) === letter)

describe('what comes from others', () => {
  it('RP1 is stored as it came, whatever it means, and read from any point', async () => {
    const repo = await openTestRepo(1)
    const writer = author(signer(2), one)
    writer.append(kinds.record, 'poison')
    writer.append(9999, { later: true })
    const sent = [...(await writer.seal()), ...(await written(writer, ['more', null]))]
    for (const delta of sent) expect(await repo.receive(delta)).toEqual({ at: 'stored' })
    const log = writer.log() as NonNullable<ReturnType<typeof writer.log>>
    const bodies = sent.flatMap((delta) => delta.bodies)
    for (let after = 0; after < bodies.length; after++) {
      const read: Uint8Array[] = []
      for await (const delta of repo.read(log, after)) read.push(...delta.bodies)
      expect(read).toEqual(bodies.slice(after))
    }
    for (const delta of sent) expect(await repo.receive(delta)).toEqual({ at: 'known' })
  })

  it('RP1 a gap, a forgery and another’s log under one’s own name are told apart', async () => {
    const repo = await openTestRepo(1)
    const writer = author(signer(2), one)
    const [first] = await written(writer, ['one'])
    const [second] = await written(writer, ['two'])
    if (!first || !second) throw new Error('nothing was written')
    expect(await repo.receive(second)).toEqual({ at: 'gap', have: 0 })
    const forged = { ...first, signature: first.signature.map((byte) => byte ^ 1) }
    expect(await repo.receive(forged)).toEqual({ at: 'refused' })
    expect(repo.heads(one)).toEqual([])
    expect(await repo.receive(first)).toEqual({ at: 'stored' })
    expect(await repo.receive(second)).toEqual({ at: 'stored' })
    expect(repo.head(first.log)?.seq).toBe(3)
  })

  it('RP1 runs of one log given at once are taken one after another', async () => {
    const repo = await openTestRepo(1)
    const writer = author(signer(2), one)
    const deltas = []
    for (let i = 0; i < 20; i++) deltas.push(...(await written(writer, [i])))
    const results = await Promise.all(deltas.map((delta) => repo.receive(delta)))
    expect(results.every(({ at }) => at === 'stored')).toBe(true)
  })

  it('RP1 a damaged head, a damaged run and a hole say store-corrupt', async () => {
    const from = await openTestRepo(1)
    for (const text of ['a', 'b', 'c']) await from.append(one, text)
    const log = firstLog(from)
    const [firstRun] = await under(from, 'd')
    if (!firstRun) throw new Error('no run')
    await from.store.write([{ put: firstRun[0], value: new Uint8Array([0, 0, 7]) }])
    await expect(from.lines(log)).rejects.toMatchObject({ code: 'store-corrupt' })
    await from.store.write([{ delete: firstRun[0] }])
    await expect(from.lines(log)).rejects.toMatchObject({ code: 'store-corrupt' })
    const [head] = await under(from, 'h')
    if (!head) throw new Error('no head')
    await from.store.write([{ put: head[0], value: new Uint8Array([7]) }])
    await expect(openTestRepo(1, { store: from.store })).rejects.toMatchObject({
      code: 'store-corrupt',
    })
  })
})

describe('what is known of the logs', () => {
  it('RP4 a log is durable up to what was flushed, and a crash never takes that back', async () => {
    const disk = createFaultyDisk(() => 0)
    const from = await openTestRepo(2)
    await from.append(one, 'a')
    await from.append(one, 'b')
    const repo = await openTestRepo(1, { store: await disk.open() })
    await hand(from, repo, one)
    const log = firstLog(from)
    expect([repo.head(log)?.seq, repo.durable(log)]).toEqual([3, 0])
    await repo.flush()
    expect(repo.durable(log)).toBe(3)
    await from.append(one, 'c')
    await hand(from, repo, one)
    const hold = disk.holdFlushes()
    const flushing = repo.flush()
    await from.append(one, 'd')
    await hand(from, repo, one)
    expect(repo.durable(log)).toBe(3)
    hold.release()
    await flushing
    // What came after the flush began is not part of it.
    expect(repo.durable(log)).toBe(4)
    await repo.flush()
    expect(repo.durable(log)).toBe(5)
    disk.crash()
    const again = await openTestRepo(1, { store: await disk.open() })
    expect(again.durable(log)).toBe(again.head(log)?.seq)
    expect(again.durable(log)).toBe(5)
  })

  it('RP4 the frontier follows every change and is the same for the same entries', async () => {
    const [a, b] = [await openTestRepo(1), await openTestRepo(2)]
    await a.append(one, 'a')
    await b.append(one, 'b')
    expect(a.frontier(one)).not.toEqual(b.frontier(one))
    await hand(a, b, one)
    await hand(b, a, one)
    expect(a.frontier(one)).toEqual(b.frontier(one))
    const before = a.frontier(one)
    await a.append(one, 'c')
    expect(a.frontier(one)).not.toEqual(before)
    expect(a.frontier(two)).toEqual(b.frontier(two))
    expect(a.sessions()).toEqual([one])
  })

  it('RP7 a short reference means the one log that has it, or none when two do', async () => {
    const repo = await openTestRepo(1)
    await repo.append(one, 'a')
    const log = firstLog(repo)
    expect(repo.resolve(logRef(log))).toBe(log)
    expect(repo.resolve(new Uint8Array(8))).toBeUndefined()
    const incarnation = splitLogId(log).incarnation.slice()
    incarnation[7] = (incarnation[7] as number) ^ 1
    const twin = author(signer(1), one, undefined, { random: () => incarnation })
    const [delta] = await written(twin, ['x'])
    if (!delta) throw new Error('nothing was written')
    await repo.receive(delta)
    expect(repo.resolve(logRef(log))).toBeUndefined()
  })

  it('RP9 what decides who may hold a session is told at once, and again after a restart', async () => {
    const repo = await openTestRepo(1)
    const told: number[] = []
    repo.onClaim(({ entry }) => void told.push(entry.kind))
    const writer = author(signer(2), one)
    writer.append(kinds.record, recordOf('x'))
    writer.append(kinds.grant, [new Uint8Array(32), 'copy'])
    for (const delta of await writer.seal()) await repo.receive(delta)
    await repo.write(one, (to) => {
      to.append(kinds.grant, 'malformed')
      return []
    })
    expect(told).toEqual([kinds.genesis, kinds.grant, kinds.genesis, kinds.grant])
    const again = await openTestRepo(1, { store: repo.store })
    const kept: string[] = []
    for await (const { log, entry } of again.claims()) kept.push(`${log} ${entry.seq}`)
    expect(kept).toHaveLength(4)
    const own = again.heads(one).map(({ log }) => [`${log} 1`, log])
    expect(kept).toEqual(expect.arrayContaining(own.map(([first]) => first)))
  })
})

describe('the clock', () => {
  it('RP8 stamps rise over restarts whatever the wall clock does, a failed write included', async () => {
    const disk = createFaultyDisk(() => 0)
    let start = 2_000_000_000_000
    const stamps: number[] = []
    for (let life = 0; life < 4; life++) {
      // Each life begins an hour earlier than the one before.
      const clock = createManualClock(start)
      const repo = await openTestRepo(1, { store: await disk.open(), clock })
      start -= 3_600_000
      disk.fill(0)
      await repo.append(one, 'lost').catch(() => undefined)
      disk.fill(undefined)
      await turn()
      clock.advance(5000)
      await repo.append(one, `life ${life}`)
      const logs = repo.heads(one).map(({ log }) => log)
      const last = logs.find((log) => repo.head(log)?.seq === 2)
      expect(last).toBeDefined()
      const all = await Promise.all(logs.map((log) => repo.entries(log)))
      stamps.push(Math.max(...all.flat().map(({ stamp }) => stamp.ms)))
      disk.crash()
    }
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b))
    expect(new Set(stamps).size).toBe(4)
  })

  it('RP8 what was received is behind what is written next', async () => {
    const ahead = await openTestRepo(2, { clock: createManualClock(1_700_000_030_000) })
    await ahead.append(one, 'theirs')
    const repo = await openTestRepo(1, { clock: createManualClock(1_700_000_000_000) })
    await hand(ahead, repo, one)
    await repo.append(one, 'mine')
    const stampOf = async (text: string) => {
      for (const { log } of repo.heads(one)) {
        if (!(await repo.lines(log)).includes(text)) continue
        return (await repo.entries(log)).at(-1)?.stamp
      }
      return undefined
    }
    const [mine, theirs] = [await stampOf('mine'), await stampOf('theirs')]
    expect(mine?.ms).toBeGreaterThanOrEqual(theirs?.ms ?? Number.POSITIVE_INFINITY)
  })
})

it('RP1 the facts of a delta are read without a throw from any bodies', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }), (bodies) => {
      const log = author(signer(1), one)
      log.append(kinds.record, null)
      const delta = {
        log: log.log() ?? ('' as never),
        after: 0,
        bodies,
        signature: new Uint8Array(64),
      }
      const { blobs, claims } = factsOf(delta)
      expect([blobs, claims]).toEqual([[], []])
      expect(encodeDelta(delta).length).toBeGreaterThan(0)
    }),
  )
})
