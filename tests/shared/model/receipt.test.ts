/** Receipts as bytes: what is signed, and what is refused on reading. */
import { encode } from '@baton/shared/encoding/msgpack'
import { joinLogId, sessionId } from '@baton/shared/ids'
import {
  encodeReceipt,
  encodeReport,
  encodeTransfer,
  fromMessage,
  type PlacementReport,
  parseReceipt,
  parseReport,
  parseTransfer,
  type TransferStatement,
  toMessage,
} from '@baton/shared/model/receipt'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { signer } from '../../support/signer.ts'

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte)
const session = sessionId(fill(16, 1))
const [from, to] = [signer(1).device, signer(2).device]

const statement: TransferStatement = {
  session,
  from,
  to,
  at: 1_790_000_000_000,
  vector: [{ log: joinLogId(session, from, fill(8, 2)), seq: 12, h: fill(8, 3) }],
  digest: fill(32, 4),
  records: 10,
  bytes: 1000,
  last: fill(32, 5),
}

const nothing: PlacementReport = {
  placed: undefined,
  unplaced: undefined,
  merged: undefined,
  neutralised: {},
}

it('RE1 a transfer, a report and a receipt read back as they were written', () => {
  expect(parseTransfer(encodeTransfer(statement))).toEqual(statement)
  const neutralised = { 'permission-mode': 3, 'allowed-tools': 1 }
  const report = { ...nothing, placed: { path: '/p', resume: 'cd /p' }, neutralised }
  const unplaced = { code: 'place-live', message: 'it is open', hint: 'close it' }
  for (const each of [report, { ...nothing, unplaced, merged: 'beside' as const }, nothing]) {
    expect(parseReport(encodeReport(each))).toEqual(each)
  }
  const receipt = {
    transfer: encodeTransfer(statement),
    report: encodeReport(report),
    fromSignature: fill(64, 6),
    toSignature: fill(64, 7),
  }
  expect(parseReceipt(encodeReceipt(receipt))).toEqual(receipt)
})

it('RE1 a report is the same bytes whatever order its counts came in', () => {
  const a = encodeReport({ ...nothing, neutralised: { a: 1, b: 2 } })
  const b = encodeReport({ ...nothing, neutralised: { b: 2, a: 1 } })
  expect(a).toEqual(b)
})

it('RE1 bytes that are no transfer, report or receipt are refused as invalid or too large', () => {
  const bytes = encodeTransfer(statement)
  const codes = (run: () => unknown) => {
    try {
      run()
      return 'read'
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 80 }), (at, noise) => {
      const cut = bytes.slice(0, at)
      for (const parse of [parseTransfer, parseReport, parseReceipt]) {
        expect(codes(() => parse(cut))).toBe('invalid')
        expect(['invalid', 'too-large', 'read']).toContain(codes(() => parse(noise)))
      }
    }),
  )
  const long = encode([null, null, null, Array.from({ length: 257 }, (_, i) => [`${i}`, 1])])
  expect(codes(() => parseReport(long))).toBe('invalid')
  for (const odd of [['/p'], ['/'.repeat(4097), ''], 'path', true]) {
    expect(codes(() => parseReport(encode([odd, null, null, []])))).toBe('invalid')
  }
})

it('RE2 what the two sign is never the same bytes, whatever transfer and report are', () => {
  const any = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(any, any, any, (transfer, other, report) => {
      for (const signed of [transfer, other]) {
        expect(fromMessage(transfer)).not.toEqual(toMessage(signed, report))
      }
    }),
  )
  const transfer = encodeTransfer(statement)
  const report = encodeReport(nothing)
  expect(toMessage(transfer, report)).not.toEqual(toMessage(report, transfer))
})
