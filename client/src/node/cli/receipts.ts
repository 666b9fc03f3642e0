/** `baton receipts`: what was handed over, what became of it, and that both sides signed (rule RE5). */
import type { DeviceRow, ReceiptRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { nameOf } from './devices.ts'
import { safeLine } from './safe-text.ts'
import { table } from './table.ts'
import { ago, bytes } from './units.ts'

export async function receipts({ terminal, control, now }: Context): Promise<void> {
  const [rows, devices] = await Promise.all([control().receipts(), control().devices()])
  terminal.object({ type: 'result', ok: true, receipts: rows })
  const name = nameFrom(devices)
  const lines = table<ReceiptRow>(
    rows.toSorted((a, b) => b.at - a.at),
    [
      { title: 'receipt', value: ({ id }) => id.slice(0, 8), paint: terminal.paint.accent },
      { title: 'when', value: ({ at }) => ago(at, now()), align: 'right', drop: 2 },
      { title: 'from', value: ({ from }) => name(from), min: 6 },
      { title: 'to', value: ({ to }) => name(to), min: 6 },
      {
        title: 'there',
        value: (row) => safeLine(fateOf(row)),
        min: 12,
        paint: (text, { unplaced }) => (unplaced === undefined ? text : terminal.paint.warn(text)),
      },
      { title: 'records', value: ({ records }) => String(records), align: 'right', drop: 3 },
      { title: 'size', value: (row) => bytes(row.bytes), align: 'right', drop: 1 },
      { title: 'digest', value: ({ digest }) => digest.slice(0, 16), drop: 5 },
      {
        title: 'signed by',
        value: ({ signedBy }) => (signedBy.length === 2 ? 'both' : 'one'),
        drop: 4,
      },
    ],
    terminal.columns,
    terminal.paint.dim,
  )
  for (const line of lines) terminal.line(line)
  if (rows.length === 0) terminal.tell('no receipts yet: baton send and baton handoff make them')
}

/** What the receiver said it did with it. */
function fateOf({ placed, unplaced, merged, epoch }: ReceiptRow): string {
  if (epoch !== undefined) return `held there from epoch ${epoch} on`
  if (unplaced !== undefined) {
    return `${merged === undefined ? 'not placed' : merged}: ${unplaced.code}`
  }
  if (placed === undefined) return 'carried only'
  return merged === undefined ? `placed ${placed}` : `${merged} ${placed}`
}

const nameFrom = (devices: readonly DeviceRow[]) => (id: string) => {
  const row = devices.find((device) => device.id === id)
  if (row === undefined) return id.slice(0, 8)
  return row.self ? 'this device' : nameOf(row)
}
