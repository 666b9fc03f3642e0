/** BR11: what a disk that gives back other bytes can make a device sign, place or show: nothing. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { under } from '@baton/client/core/repo/keys'
import type { SessionId } from '@baton/shared/ids'
import { describe, expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { atText, rot } from '../../../support/rot.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

/** Bob holds alice's session, not placed. */
async function carried() {
  const two = await twoPeers()
  await link(two.alice, two.bob)
  const { receipt } = await sent(two.alice, two.found.id, { ...two.options, carryOnly: true })
  // Another transfer than the one that has its receipt.
  await two.alice.clock.elapse(1)
  return { ...two, session: receipt.session }
}

const heads = ({ repository }: TestPeer, session: SessionId) =>
  repository.heads(session).map(({ log, seq }) => `${log} ${seq}`)

describe('what is signed for was read back', () => {
  it('BR11 no file is placed and no receipt signed, by whoever is asked, carried only or not placed', async () => {
    const { alice, bob, found, options, session } = await carried()
    await rot(bob.store, session)
    const before = await bob.receipts.all()
    await expect(sent(alice, found.id, options)).rejects.toThrow(
      'the receiving device cannot read back what it stored',
    )
    await alice.clock.elapse(1)
    for (const more of [{}, { carryOnly: true }, { project: '/nowhere/at/all' }]) {
      await expect(sent(alice, found.id, { ...options, ...more })).rejects.toThrow('store-corrupt')
      await alice.clock.elapse(1)
    }
    expect(await bob.receipts.all()).toEqual(before)
    for await (const each of bob.source?.find() ?? []) expect(each).toBeUndefined()
  })

  it.each(['flipped', 'longer', 'without its row'])('BR11 nor when a blob is %s', async (how) => {
    const two = await twoPeers()
    const { alice, bob, found, options } = two
    const [line = '{}'] = agentAppends(found.path, 1, 3)
    const large = { ...JSON.parse(line), uuid: '11111111-1111-4111-8111-111111111111' }
    large.message = { role: 'user', content: 'z'.repeat(100_000) }
    appendFileSync(found.path, `${JSON.stringify(large)}\n`)
    await link(alice, bob)
    await sent(alice, found.id, { ...options, carryOnly: true })
    await alice.clock.elapse(1)
    let rows = 0
    for await (const [put, chunk] of bob.store.list(under(how === 'without its row' ? 'B' : 'b'))) {
      rows += 1
      if (how === 'without its row') await bob.store.write([{ delete: put }])
      else {
        const value = how === 'longer' ? Buffer.concat([chunk, chunk]) : Buffer.from(chunk)
        value[5] = (value[5] ?? 0) ^ 1
        await bob.store.write([{ put, value: new Uint8Array(value) }])
      }
    }
    expect(rows).toBeGreaterThan(0)
    await expect(sent(alice, found.id, options)).rejects.toThrow('store-corrupt')
  })

  it('BR11 nor when the blob of a whole file is flipped', async () => {
    const { alice, bob, found, options } = await twoPeers()
    const beside = join(dirname(found.path), basename(found.path, '.jsonl'))
    mkdirSync(beside, { recursive: true })
    writeFileSync(join(beside, 'notes.txt'), 'z'.repeat(100_000))
    await link(alice, bob)
    const more = { ...options, carryOnly: true }
    await sent(alice, found.id, more)
    await alice.clock.elapse(1)
    const rows: (readonly [Uint8Array, Uint8Array])[] = []
    for await (const row of bob.store.list(under('b'))) rows.push(row)
    expect(rows.length).toBeGreaterThan(0)
    for (const [put, chunk] of rows) {
      chunk[5] = (chunk[5] ?? 0) ^ 1
      await bob.store.write([{ put, value: chunk }])
    }
    await expect(sent(alice, found.id, more)).rejects.toThrow('store-corrupt')
  })

  it('BR11 lines are not shown to their end, not even when the last fills a bunch', async () => {
    const { bob, session } = await carried()
    const main = await bob.transcripts.main(session)
    await rot(bob.store, session)
    let refused = 0
    for (const history of main.values()) {
      let given = 0
      const read = history.kind === 'records' ? bob.transcripts.lines : bob.transcripts.chunks
      const all = async () => {
        for await (const part of read(history)) given += part.length
      }
      await all().catch((error: { code?: string }) => {
        expect(error.code).toBe('store-corrupt')
        refused += 1
      })
      if (history.kind === 'records' && refused > 0) expect(given).toBeLessThan(history.end.records)
    }
    expect(refused).toBeGreaterThan(0)
  })
})

describe('an agent’s file', () => {
  it('BR11 that would be extended by more than a gather stays as it was, to the byte', async () => {
    const { alice, bob, found, options } = await twoPeers()
    await link(alice, bob)
    const first = await sent(alice, found.id, options)
    const copy = first.placed?.path ?? ''
    const before = readFileSync(copy)
    agentAppends(found.path, 5000, 1)
    await alice.clock.elapse(1)
    await sent(alice, found.id, { ...options, carryOnly: true })
    const { session } = first.receipt
    await rot(bob.store, session, (raw, index, runs) =>
      index === Math.floor(runs * 0.7) ? raw.indexOf('"role":"', raw.length >> 1) + 8 : undefined,
    )
    await alice.clock.elapse(1)
    await expect(sent(alice, found.id, options)).rejects.toThrow('store-corrupt')
    expect(readFileSync(copy).equals(before)).toBe(true)
    // And what stands there is not taken for something that its agent wrote.
    const own = heads(bob, session)
    for (const file of await bob.library.filesOf(session)) await bob.taking.file(file)
    expect(heads(bob, session)).toEqual(own)
  })

  /** Bob's agent went on with the copy and wrote notes; alice holds that, not merged. */
  async function back(notes: string) {
    const { alice, bob, found, options } = await twoPeers()
    await link(alice, bob)
    const first = await sent(alice, found.id, options)
    const copy = first.placed?.path ?? ''
    const folder = join(dirname(copy), basename(copy, '.jsonl'))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'notes.txt'), notes)
    agentAppends(copy, 3, 1)
    const { session } = first.receipt
    await bob.clock.elapse(1)
    await sent(bob, session, { to: alice.device, maps: [], carryOnly: true })
    await bob.clock.elapse(1)
    const line = readFileSync(copy, 'utf8').trim().split('\n').at(-1) ?? ''
    const theirs = join(dirname(found.path), basename(found.path, '.jsonl'), 'notes.txt')
    return { alice, bob, session, line, theirs }
  }

  it.each(['a whole file', 'a line'])(
    'BR11 is not merged when %s of it rotted: nothing is signed',
    async (what) => {
      const { alice, bob, session, line, theirs } = await back('my own notes '.repeat(20))
      const text = what === 'a line' ? line.slice(0, 200) : 'my own notes'
      await rot(alice.store, session, atText(text))
      const before = heads(alice, session)
      await expect(sent(bob, session, { to: alice.device, maps: [] })).rejects.toThrow(
        'store-corrupt',
      )
      expect(heads(alice, session)).toEqual(before)
      expect(existsSync(theirs)).toBe(false)
    },
  )
})
