/**
 * Receipts in the store, and as rows for people (rules RE3, RE4): one for each transfer, under its
 * hash, so that a transfer that is asked for again finds what was signed the first time.
 */
import { type Bytes, equalBytes, toHex } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { idBytes } from '@baton/shared/ids'
import {
  encodeReceipt,
  fromMessage,
  parseReceipt,
  parseReport,
  parseTransfer,
  type Receipt,
  toMessage,
} from '@baton/shared/model/receipt'
import type { Primitives } from '@baton/shared/primitives'
import { traceFault } from '../fault.ts'
import type { ReceiptRow } from '../mesh-api.ts'
import type { Trace } from '../ports/platform.ts'
import type { Store } from '../ports/store.ts'
import { receiptKey, under } from '../repo/keys.ts'

export interface Receipts {
  /** Checks both signatures, then keeps it, durably. Throws `bad-signature`. */
  keep(receipt: Receipt): Promise<ReceiptRow>
  /** What was kept for exactly this transfer. */
  of(transfer: Bytes): Promise<Receipt | undefined>
  /** The newest first. */
  all(): Promise<ReceiptRow[]>
}

export function createReceipts(store: Store, primitives: Primitives, trace: Trace): Receipts {
  const keyOf = (transfer: Bytes): Bytes => receiptKey(primitives.sha256(transfer))

  async function isSigned(receipt: Receipt): Promise<boolean> {
    const { transfer, report, fromSignature, toSignature } = receipt
    const { from, to } = parseTransfer(transfer)
    const [sent, received] = await Promise.all([
      primitives.verify(idBytes(from), fromMessage(transfer), fromSignature),
      primitives.verify(idBytes(to), toMessage(transfer, report), toSignature),
    ])
    return sent && received
  }

  function row({ transfer, report }: Receipt): ReceiptRow {
    const { session, from, to, at, records, bytes, last, digest, epoch } = parseTransfer(transfer)
    const { placed, unplaced, merged, neutralised } = parseReport(report)
    return {
      id: toHex(primitives.sha256(transfer)).slice(0, 16),
      session,
      from,
      to,
      at,
      records,
      bytes,
      lastRecord: toHex(last),
      digest: toHex(digest),
      placed: placed?.path,
      unplaced: unplaced && { code: unplaced.code, message: unplaced.message },
      merged,
      neutralised,
      ...(epoch === undefined ? {} : { epoch }),
      signedBy: [from, to],
    }
  }

  /** Undefined for what is damaged, which is as if it were not there: a trace tells of it. */
  async function read(key: Bytes, value: Bytes): Promise<Receipt | undefined> {
    try {
      const receipt = parseReceipt(value)
      parseReport(receipt.report)
      if (equalBytes(key, keyOf(receipt.transfer)) && (await isSigned(receipt))) return receipt
      trace('receipt.damaged', { error: 'bad-signature' })
    } catch (error) {
      traceFault(trace, 'receipt.damaged', error)
    }
    return undefined
  }

  return {
    async keep(receipt) {
      if (!(await isSigned(receipt))) {
        throw new BatonError('bad-signature', 'failed to keep a receipt: it is not signed')
      }
      const kept = row(receipt)
      await store.write([{ put: keyOf(receipt.transfer), value: encodeReceipt(receipt) }])
      await store.flush()
      return kept
    },
    async of(transfer) {
      const key = keyOf(transfer)
      const value = await store.get(key)
      return value && read(key, value)
    },
    async all() {
      const found: ReceiptRow[] = []
      for await (const [key, value] of store.list(under('r'))) {
        const receipt = await read(key, value)
        if (receipt) found.push(row(receipt))
      }
      return found.sort((a, b) => b.at - a.at)
    },
  }
}
