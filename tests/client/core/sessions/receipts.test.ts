/** RE3 to RE5: receipts on both sides, damaged ones, and what they say of the copy. */
import { join } from 'node:path'
import { createMemoryStore } from '@baton/client/core/memory/store'
import { under } from '@baton/client/core/repo/keys'
import { createReceipts } from '@baton/client/core/sessions/receipts'
import { encodeReport, encodeTransfer, fromMessage, toMessage } from '@baton/shared/model/receipt'
import { expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { link, sent, statementOf, twoPeers } from '../../../support/two-peers.ts'

it('RE3 both sides keep one receipt of a transfer, equal and signed by both', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const { receipt } = await sent(alice, found.id, options)
  expect(receipt.signedBy).toEqual([alice.device, bob.device])
  expect(await alice.receipts.all()).toEqual([receipt])
  expect(await bob.receipts.all()).toEqual([receipt])
})

it('RE3 a receipt that either did not sign is not kept', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const { receipt } = await sent(alice, found.id, options)
  const transfer = encodeTransfer(await statementOf(alice, bob.device, receipt.session))
  const report = encodeReport({
    placed: undefined,
    unplaced: undefined,
    merged: undefined,
    neutralised: {},
  })
  const fromSignature = await alice.keyring.sign(fromMessage(transfer))
  const toSignature = await bob.keyring.sign(toMessage(transfer, report))
  const bad = [
    { transfer, report, fromSignature: toSignature, toSignature },
    { transfer, report, fromSignature, toSignature: fromSignature },
    {
      transfer,
      report: encodeReport({ ...nothing, merged: 'beside' }),
      fromSignature,
      toSignature,
    },
  ]
  for (const each of bad) {
    await expect(alice.receipts.keep(each)).rejects.toMatchObject({ code: 'bad-signature' })
  }
  expect(await alice.receipts.all()).toEqual([receipt])
  await alice.receipts.keep({ transfer, report, fromSignature, toSignature })
  expect(await alice.receipts.all()).toHaveLength(2)
})

const nothing = { placed: undefined, unplaced: undefined, merged: undefined, neutralised: {} }

it('RE4 a damaged receipt is passed over, traced, and hides no other', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  await sent(alice, found.id, options)
  agentAppends(found.path, 2, 1)
  alice.clock.advance(1000)
  const { receipt } = await sent(alice, found.id, options)
  const rows: (readonly [Uint8Array, Uint8Array])[] = []
  for await (const row of alice.store.list(under('r'))) rows.push(row)
  expect(rows).toHaveLength(2)
  const store = createMemoryStore()
  const traced: unknown[] = []
  const receipts = createReceipts(store, nodePrimitives, (...line) => void traced.push(line))
  for (const [key, value] of rows) {
    const whole = (await alice.receipts.all()).length
    expect(whole).toBe(2)
    for (const at of [0, 40, value.length >> 1, value.length - 1]) {
      const changed = value.slice()
      changed[at] = (changed[at] as number) ^ 1
      for (const damaged of [changed, value.slice(0, at)]) {
        await store.write(rows.map(([put, as]) => ({ put, value: put === key ? damaged : as })))
        traced.length = 0
        expect(await receipts.all()).toHaveLength(1)
        expect(traced).toMatchObject([['receipt.damaged', {}]])
      }
    }
  }
  const other = rows[0] as (typeof rows)[number]
  const moved = (rows[1] as (typeof rows)[number])[0]
  await store.write([
    ...rows.map(([put, value]) => ({ put, value })),
    { put: moved, value: other[1] },
  ])
  expect(await receipts.all()).toHaveLength(1)
  expect((await alice.receipts.all())[0]).toEqual(receipt)
})

it('RE5 a receipt says where the copy was placed, why it was not, and what it went into', async () => {
  const { alice, bob, root, found, options } = await twoPeers()
  await link(alice, bob)
  const carried = await sent(alice, found.id, { to: bob.device, maps: [], carryOnly: true })
  expect(carried.receipt).toMatchObject({ placed: undefined, unplaced: undefined })
  alice.clock.advance(1000)
  const nowhere = await sent(alice, found.id, { ...options, project: join(root, 'nowhere') })
  expect(nowhere.receipt).toMatchObject({
    placed: undefined,
    unplaced: { code: 'place-unmapped', message: expect.stringContaining('no directory here') },
  })
  alice.clock.advance(1000)
  const there = await sent(alice, found.id, options)
  expect(there.placed?.path).toContain(found.id)
  expect(there.receipt).toMatchObject({ placed: there.placed?.path, unplaced: undefined })
  agentAppends(there.placed?.path as string, 2, 1)
  const back = await sent(bob, found.id, { to: alice.device, maps: [] })
  expect(back.receipt).toMatchObject({ placed: found.path, merged: 'extended' })
  expect(await bob.receipts.all()).toEqual(expect.arrayContaining([back.receipt]))
  expect(await alice.receipts.all()).toEqual(
    expect.arrayContaining([carried.receipt, nowhere.receipt, there.receipt, back.receipt]),
  )
})
