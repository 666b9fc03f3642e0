/**
 * What every Channel must do, whatever carries it: `channelContract(name, setup)` runs it against one.
 * It waits for events, never for a time of its own, so that a manual clock and real WebRTC both pass.
 */
import type { Channel, ChannelEnd, Lane } from '@baton/client/core/ports/channel'
import type { Bytes } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { maxMessageBytes } from '@baton/shared/limits'
import { afterEach, describe, expect, it } from 'vitest'

export interface ChannelEnds {
  readonly alice: Channel
  readonly bob: Channel
  /** Lets some time pass: a few ms of a manual clock, or of the real one. */
  move(): Promise<void>
  /** The connection is lost without a word; both ends learn of it in the end. */
  lose(): void
  /** Frees what `setup` opened; both channels may be closed already. */
  dispose(): Promise<void>
}

/** Enough for the slowest implementation: 60 s of `move` by 5 ms. */
const patience = 12_000

const fill = (size: number, seed: number): Bytes => {
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 255
  return bytes
}

const same = (left: readonly Bytes[], right: readonly Bytes[]): boolean =>
  left.length === right.length &&
  left.every((message, i) => Buffer.compare(message, right[i] as Bytes) === 0)

export function channelContract(name: string, setup: () => Promise<ChannelEnds>): void {
  describe(`channel: ${name}`, () => {
    let ends: ChannelEnds | undefined
    afterEach(async () => {
      await ends?.dispose()
      ends = undefined
    })

    async function open(admit = true): Promise<ChannelEnds> {
      ends = await setup()
      if (admit) {
        ends.alice.admit()
        ends.bob.admit()
      }
      return ends
    }

    async function until(holds: () => boolean): Promise<void> {
      for (let i = 0; i < patience && !holds(); i++) await ends?.move()
      expect(holds(), 'what the test waits for never came').toBe(true)
    }

    /** Some time in which nothing more should happen. */
    async function rest(): Promise<void> {
      for (let i = 0; i < 20; i++) await ends?.move()
    }

    function collect(channel: Channel): Record<Lane, Bytes[]> {
      const got: Record<Lane, Bytes[]> = { control: [], live: [], bulk: [] }
      channel.receive((lane, message) => {
        got[lane].push(message)
      })
      return got
    }

    const codeOf = (run: Promise<unknown>) =>
      run.then(
        () => 'resolved',
        (error: unknown) => (isBatonError(error) ? error.code : 'other'),
      )

    const ending = (channel: Channel) =>
      new Promise<ChannelEnd>((resolve) => channel.onClose(resolve))

    it('L1 hands over messages of any size whole, once and in the order of their lane', async () => {
      const { alice, bob } = await open()
      const got = collect(bob)
      const sizes = [0, 1, 16_376, 16_384, 16_385, 65_528, 65_536, 65_537, 262_144, 262_145]
      const sent = [...sizes, maxMessageBytes, 0].map(fill)
      const all = sent.flatMap((message) => [
        alice.send('bulk', message),
        alice.send('live', message),
      ])
      await until(() => got.bulk.length === sent.length && got.live.length === sent.length)
      await Promise.all(all)
      expect(same(got.bulk, sent)).toBe(true)
      expect(same(got.live, sent)).toBe(true)
    })

    it('L1 refuses a message above the limit and goes on', async () => {
      const { alice, bob } = await open()
      const got = collect(bob)
      expect(await codeOf(alice.send('bulk', new Uint8Array(maxMessageBytes + 1)))).toBe(
        'too-large',
      )
      await alice.send('control', fill(5, 1))
      await until(() => got.control.length === 1)
    })

    it('L1 carries both directions at once', async () => {
      const { alice, bob } = await open()
      const atBob = collect(bob)
      const atAlice = collect(alice)
      const some = Array.from({ length: 50 }, (_, i) => fill(10_000, i))
      const sends = some.flatMap((message) => [
        alice.send('live', message),
        bob.send('live', message),
      ])
      await until(() => atAlice.live.length === 50 && atBob.live.length === 50)
      await Promise.all(sends)
      expect(same(atAlice.live, some)).toBe(true)
      expect(same(atBob.live, some)).toBe(true)
    })

    it('L26 keeps what came before the receiver', async () => {
      const { alice, bob } = await open()
      await alice.send('control', fill(9, 1))
      await alice.send('control', fill(9, 2))
      await rest()
      const got = collect(bob)
      await alice.send('control', fill(9, 3))
      await until(() => got.control.length === 3)
      expect(got.control).toEqual([fill(9, 1), fill(9, 2), fill(9, 3)])
    })

    it('L9 holds a sender back while its receiver is busy, and only on that lane', async () => {
      const { alice, bob } = await open()
      const got: Record<Lane, number> = { control: 0, live: 0, bulk: 0 }
      let release = () => {}
      const busy = new Promise<void>((resolve) => {
        release = resolve
      })
      bob.receive((lane, message) => {
        got[lane] += message.length
        return lane === 'bulk' ? busy : undefined
      })
      const total = 24 * 1024 * 1024
      let taken = 0
      const feeding = (async () => {
        for (; taken < total; taken += 65_536) await alice.send('bulk', fill(65_536, 1))
      })()
      await until(() => got.bulk > 0)
      await rest()
      expect(taken).toBeLessThan(8 * 1024 * 1024)
      expect(got.bulk).toBeLessThan(6 * 1024 * 1024)
      await alice.send('control', fill(100, 1))
      await alice.send('live', fill(100, 1))
      await until(() => got.control === 100 && got.live === 100)
      const before = got.bulk
      release()
      await until(() => got.bulk === total)
      await feeding
      expect(before).toBeLessThan(total)
    })

    it('L15 lets little through before admission, and the rest after it', async () => {
      const { alice, bob } = await open(false)
      const got = collect(bob)
      const sent = Array.from({ length: 6 }, (_, i) => fill(1000, i))
      const sends = [...sent.map((m) => alice.send('control', m)), alice.send('live', fill(10, 9))]
      await until(() => got.control.length > 0)
      await rest()
      expect(got.control).toEqual(sent.slice(0, 4))
      expect(got.live).toEqual([])
      bob.admit()
      await until(() => got.control.length === 6 && got.live.length === 1)
      await Promise.all(sends)
      expect(got.control).toEqual(sent)
    })

    it('L22 delivers what was taken before it closes, and both ends know', async () => {
      const { alice, bob } = await open()
      const got = collect(bob)
      const endings = Promise.all([ending(alice), ending(bob)])
      for (let i = 0; i < 20; i++) await alice.send('bulk', fill(50_000, i))
      const closing = alice.close('going away')
      expect(await codeOf(alice.send('control', fill(1, 1)))).toBe('link-closed')
      let closed = false
      void closing.then(() => {
        closed = true
      })
      await until(() => closed)
      expect(got.bulk.length).toBe(20)
      await rest()
      for (const end of await endings) {
        expect(end).toMatchObject({ clean: true, code: 'link-closed', reason: 'going away' })
        expect(end.unconfirmedBytes).toBe(0)
      }
      expect(await codeOf(bob.send('control', fill(1, 1)))).toBe('link-closed')
    })

    it('L22 may be closed twice, from both sides and afterwards', async () => {
      const { alice, bob } = await open()
      collect(alice)
      collect(bob)
      let closed = 0
      const count = () => {
        closed += 1
      }
      for (const channel of [alice, bob, alice]) void channel.close('done').then(count)
      await until(() => closed === 3)
      await alice.close('again')
      expect((await ending(alice)).clean).toBe(true)
      expect((await ending(bob)).clean).toBe(true)
    })

    it('L23 says what a lost connection may have lost', async () => {
      const { alice, bob, lose } = await open()
      bob.receive(() => new Promise(() => {}))
      const endings = Promise.all([ending(alice), ending(bob)])
      let known = false
      void endings.then(() => {
        known = true
      })
      const refused: Promise<string>[] = []
      for (let i = 0; i < 100; i++) refused.push(codeOf(alice.send('bulk', fill(65_536, i))))
      lose()
      await until(() => known)
      const [atAlice, atBob] = await endings
      expect(atAlice.clean).toBe(false)
      expect(atBob.clean).toBe(false)
      expect(atAlice.unconfirmedBytes).toBeGreaterThan(500_000)
      expect(await Promise.all(refused)).toContain('link-closed')
    })

    it('L24 hands over nothing after its end, and tells that end to whoever asks later', async () => {
      const { alice, bob } = await open()
      let ended = false
      let late = 0
      bob.receive(() => {
        if (ended) late += 1
      })
      bob.onClose(() => {
        ended = true
      })
      const sends = Array.from({ length: 60 }, (_, i) =>
        codeOf(alice.send('bulk', fill(65_536, i))),
      )
      const closing = bob.close('enough')
      let closed = false
      void closing.then(() => {
        closed = true
      })
      await until(() => closed)
      await rest()
      await Promise.all(sends)
      expect(late).toBe(0)
      expect((await ending(bob)).reason).toBe('enough')
    })

    it.each(['throws', 'rejects'])('L25 ends when its receiver %s', async (how) => {
      const { alice, bob } = await open()
      bob.receive(() => {
        if (how === 'rejects') return Promise.reject(new Error('no'))
        throw new Error('no')
      })
      const over = ending(bob)
      let known = false
      void over.then(() => {
        known = true
      })
      await alice.send('control', fill(3, 3))
      await until(() => known)
      expect(await over).toMatchObject({ clean: false, reason: 'receiver failed' })
    })

    it('L30 tells facts: the same two fingerprints on both sides, and growing counts', async () => {
      const { alice, bob } = await open()
      const got = collect(bob)
      expect(alice.fingerprints.local).toEqual(bob.fingerprints.remote)
      expect(alice.fingerprints.remote).toEqual(bob.fingerprints.local)
      await alice.send('bulk', fill(10_000, 1))
      await until(() => got.bulk.length === 1)
      expect(alice.facts().bytesSent).toBeGreaterThanOrEqual(10_000)
      expect(bob.facts().bytesReceived).toBeGreaterThanOrEqual(10_000)
      expect(['direct', 'relayed', 'unknown']).toContain(alice.facts().path)
    })
  })
}
