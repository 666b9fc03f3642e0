import { createLink } from '@baton/client/core/link/link'
import { dataHeadBytes } from '@baton/shared/encoding/frame'
import { expect, it } from 'vitest'
import { createLinkPair, pattern, same } from '../../../support/link-pair.ts'
import { createManualClock } from '../../../support/manual-clock.ts'
import { createPipePair } from '../../../support/pipe-pair.ts'
import { createRawPeer } from '../../../support/raw-peer.ts'

it('L22 4 MiB in the queues leave before the BYE where 2 s are enough', async () => {
  const pair = createLinkPair({ bytesPerMs: 5_000, gate: 'empty' })
  const sent = Array.from({ length: 60 }, (_, i) => pattern(65_536, i))
  const taken = Promise.allSettled(sent.map((message) => pair.alice.send('bulk', message)))
  await pair.clock.elapse(200)
  const closing = pair.alice.close('done')
  await pair.clock.elapse(2_500)
  await closing
  const accepted = (await taken).filter((one) => one.status === 'fulfilled')
  expect(pair.alice.end).toEqual({
    clean: true,
    code: 'link-closed',
    reason: 'done',
    unconfirmedBytes: 0,
  })
  expect(pair.bob.end).toEqual(pair.alice.end)
  expect(pair.bob.got.bulk).toHaveLength(accepted.length)
  expect(same(pair.bob.got.bulk, sent.slice(0, accepted.length))).toBe(true)
})

it('L23 what 2 s are not enough for is reported, to the byte that is missing', async () => {
  const pair = createLinkPair({ bytesPerMs: 50, gate: 'empty' })
  const sent = Array.from({ length: 10 }, (_, i) => pattern(100_000, i))
  for (const message of sent) await pair.alice.send('bulk', message)
  const closing = pair.alice.close('done')
  await pair.clock.elapse(2_700)
  await closing
  expect(pair.alice.end).toMatchObject({ clean: false, code: 'link-closed', reason: 'done' })
  const handed = pair.bob.got.bulk.length
  expect(handed).toBeLessThan(2)
  expect(pair.alice.end?.unconfirmedBytes).toBeGreaterThanOrEqual((10 - handed) * 100_000 * 0.95)
  expect(pair.alice.end?.unconfirmedBytes).toBeLessThanOrEqual(10 * 110_000)
  await pair.clock.elapse(2_000)
  expect(pair.bob.end).toBeDefined()
  expect(pair.clock.pending).toBe(0)
})

it('L22 the BYE waits for bulk that it overtook', async () => {
  const pair = createLinkPair({ bytesPerMs: 1_000, queueBytes: 1_000, gate: 1e9 })
  for (let i = 0; i < 3; i++) await pair.alice.send('bulk', pattern(80_000, i))
  const closing = pair.alice.close('done')
  await pair.clock.elapse(100)
  expect(pair.bob.end).toBeUndefined()
  await expect(pair.bob.send('live', pattern(1, 1))).rejects.toMatchObject({ code: 'link-closed' })
  await pair.clock.elapse(400)
  await closing
  expect(pair.bob.got.bulk).toHaveLength(3)
  expect(pair.alice.end?.clean).toBe(true)
})

it('L22 a peer that does not answer costs 500 ms, then the end is not clean', async () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  const peer = createRawPeer(pipes.bob)
  let end: unknown
  link.onClose((how) => {
    end = how
  })
  link.admit()
  await link.send('control', pattern(10, 1))
  void link.close('done')
  await clock.elapse(499)
  expect(end).toBeUndefined()
  expect(peer.heard.at(-1)).toMatchObject({ kind: 'bye', reason: 'done', sent: [42, 0, 0] })
  await clock.elapse(2)
  expect(end).toMatchObject({ clean: false, reason: 'done', unconfirmedBytes: 42 })
})

it('L22 both may leave at once, and both ends are clean', async () => {
  const pair = createLinkPair({ delayMs: 50, bytesPerMs: 1000 })
  for (let i = 0; i < 5; i++) {
    await pair.alice.send('bulk', pattern(20_000, i))
    await pair.bob.send('live', pattern(20_000, i))
  }
  const closing = Promise.all([pair.alice.close('left'), pair.bob.close('right')])
  await pair.clock.elapse(3_000)
  await closing
  expect(pair.alice.end).toMatchObject({ clean: true, unconfirmedBytes: 0 })
  expect(pair.bob.end).toMatchObject({ clean: true, unconfirmedBytes: 0 })
  expect(pair.bob.got.bulk).toHaveLength(5)
  expect(pair.alice.got.live).toHaveLength(5)
})

it('L23 the side that is left says what the other did not take', async () => {
  const pair = createLinkPair({ bytesPerMs: 100, queueBytes: 1000, gate: 'empty' })
  for (let i = 0; i < 5; i++) await pair.bob.send('bulk', pattern(50_000, i))
  await pair.clock.elapse(100)
  const closing = pair.alice.close('enough')
  await pair.clock.elapse(3_000)
  await closing
  expect(pair.bob.end).toMatchObject({ clean: false, reason: 'enough' })
  expect(pair.bob.end?.unconfirmedBytes).toBeGreaterThan(100_000)
  expect(pair.alice.end?.clean).toBe(true)
})

it('L22 a close before any admission takes no longer than its limits', async () => {
  const pair = createLinkPair({ strangers: true })
  let closed = false
  void pair.alice.close('not you').then(() => {
    closed = true
  })
  await pair.clock.elapse(600)
  expect(closed).toBe(true)
  expect(pair.bob.end).toMatchObject({ clean: true, reason: 'not you' })
})

it('L24 an ended link keeps no timer, and its frames that come late are ignored', async () => {
  const old = createLinkPair({ delayMs: 30 })
  for (let i = 0; i < 10; i++) void old.alice.send('live', pattern(100, i)).catch(() => {})
  old.pipes.fail('replaced')
  const before = old.bob.got.live.length
  await old.clock.elapse(10_000)
  expect(old.bob.got.live.length).toBe(before)
  expect(old.bob.end).toMatchObject({ clean: false, code: 'link-closed', reason: 'replaced' })
  expect(old.clock.pending).toBe(0)

  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  let handed = 0
  link.receive(() => {
    handed += 1
  })
  link.admit()
  pipes.alice.close()
  createRawPeer(pipes.bob).data(0, pattern(10, 1))
  const late = new Uint8Array(dataHeadBytes + 1).fill(0)
  late.set([0x1c, 0, 0, 0, 0, 0, 0, 1])
  pipes.inject('alice', 0, late)
  await clock.elapse(10)
  expect(handed).toBe(0)
})

it('L24 a receiver that is set after the end gets nothing that was kept', async () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: pipes.alice, clock })
  createRawPeer(pipes.bob).data(0, pattern(10, 1))
  await clock.elapse(1)
  pipes.fail('lost')
  let handed = 0
  link.receive(() => {
    handed += 1
  })
  await clock.elapse(1)
  expect(handed).toBe(0)
})

it('L24 a link that ends while the pipe is full leaves no timer', async () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const link = createLink({ pipe: { ...pipes.alice, buffered: () => 1e9 }, clock })
  createRawPeer(pipes.bob).admit()
  await clock.elapse(1)
  void link.send('bulk', pattern(1000, 1))
  pipes.fail('lost')
  expect(clock.pending).toBe(0)
})

it('L24 a pipe that is closed already makes a link that has ended', async () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  pipes.alice.close()
  await clock.elapse(1)
  const link = createLink({ pipe: pipes.alice, clock })
  let reason = ''
  link.onClose((end) => {
    reason = end.reason
  })
  expect(reason).toBe('closed here')
  await expect(link.send('live', pattern(1, 1))).rejects.toMatchObject({ code: 'link-closed' })
  await link.close('again')
  expect(clock.pending).toBe(0)
})

it('L24 a pipe that throws ends the link without a throw of its own', async () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const pipe = {
    ...pipes.alice,
    send() {
      throw new Error('OperationError: send queue is full')
    },
  }
  const link = createLink({ pipe, clock })
  let end: unknown
  link.onClose((how) => {
    end = how
  })
  await link.send('control', pattern(10, 1))
  expect(end).toMatchObject({ clean: false, code: 'link-closed', reason: 'pipe failed' })
})

it('L24 the trace tells how a link ended, and nothing of what it carried', async () => {
  const clock = createManualClock()
  const pipes = createPipePair(clock)
  const told: string[] = []
  const trace = (event: string, fields?: object) => told.push(`${event} ${JSON.stringify(fields)}`)
  const link = createLink({ pipe: pipes.alice, clock, trace })
  createLink({ pipe: pipes.bob, clock })
  const closing = link.close('a word of the caller')
  await clock.elapse(1_000)
  await closing
  expect(told).toEqual(['link.end {"code":"link-closed","clean":true,"unconfirmedBytes":0}'])
})

it('L24 a thousand links come and go and leave nothing behind', async () => {
  const clock = createManualClock()
  for (let i = 0; i < 1000; i++) {
    const pipes = createPipePair(clock)
    const alice = createLink({ pipe: pipes.alice, clock })
    const bob = createLink({ pipe: pipes.bob, clock })
    alice.admit()
    bob.admit()
    void alice.send('bulk', pattern(100, i)).catch(() => {})
    if (i % 2 === 0) pipes.fail('lost')
    else void bob.close('done')
    clock.advance(10)
  }
  clock.advance(1_000)
  expect(clock.pending).toBe(0)
})
