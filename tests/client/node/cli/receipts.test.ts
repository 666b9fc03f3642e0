/** RE5: what `baton receipts` says of the copy, for people and as JSON. */

import type { ReceiptRow } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { createPaint } from '@baton/client/node/cli/paint'
import { receipts } from '@baton/client/node/cli/receipts'
import { expect, it } from 'vitest'
import { aReceipt, createFakeMesh } from '../../../support/fake-mesh.ts'

/** What the command writes into a terminal of that width. */
async function shown(rows: readonly ReceiptRow[], columns = 200) {
  const lines: string[] = []
  const objects: object[] = []
  const mesh = createFakeMesh({ receipts: rows })
  const terminal = {
    columns,
    paint: createPaint(false),
    line: (text: string) => void lines.push(text),
    object: (value: object) => void objects.push(value),
    tell: () => undefined,
  }
  const context = { terminal, control: () => mesh, now: () => 2000 }
  await receipts(context as unknown as Context)
  return { lines, objects }
}

const carried = { ...aReceipt, placed: undefined }
const unplaced = { code: 'place-live', message: 'the agent has it open' }

it('RE5 the list says where each copy stands, or why it does not', async () => {
  const rows: ReceiptRow[] = [
    aReceipt,
    carried,
    { ...carried, unplaced },
    { ...aReceipt, merged: 'extended' },
    { ...carried, merged: 'beside', unplaced },
    { ...aReceipt, placed: '/p\u001b[2J\u202e' },
  ]
  const { lines, objects } = await shown(rows)
  const [head, ...body] = lines
  expect(head).toContain('there')
  const fates = [
    `placed ${aReceipt.placed}`,
    'carried only',
    'not placed: place-live',
    `extended ${aReceipt.placed}`,
    'beside: place-live',
    'placed /p\ufffd[2J\ufffd',
  ]
  for (const [at, fate] of fates.entries()) expect(body[at]).toContain(fate)
  expect(objects).toEqual([{ type: 'result', ok: true, receipts: rows }])
  for (const line of (await shown(rows, 40)).lines) expect(line.length).toBeLessThanOrEqual(40)
})
