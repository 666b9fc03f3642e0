/** Receipts in the store, and as rows for people (rules RE1 to RE3). */
import { type Bytes, toHex } from '@baton/shared/bytes'
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
import type { ReceiptRow } from '../mesh-api.ts'
import type { Store } from '../ports/store.ts'
import { receiptKey, under } from '../repo/keys.ts'

export interface Receipts {
  /** Checks both signatures, then keeps it, durably. Throws `bad-signature`. */
  keep(receipt: Receipt): Promise<ReceiptRow>
  all(): Promise<ReceiptRow[]>
}

export function createReceipts(store: Store, primitives: Primitives): Receipts {
  const id = (receipt: Receipt): Bytes => primitives.sha256(encodeReceipt(receipt))

  function row(receipt: Receipt): ReceiptRow {
    const transfer = parseTransfer(receipt.transfer)
    return {
      id: toHex(id(receipt)).slice(0, 16),
      session: transfer.session,
      from: transfer.from,
      to: transfer.to,
      at: transfer.at,
      records: transfer.records,
      bytes: transfer.bytes,
      lastRecord: toHex(transfer.last),
      digest: toHex(transfer.digest),
      neutralised: parseReport(receipt.report).neutralised,
      signedBy: [transfer.from, transfer.to],
    }
  }

  return {
    async keep(receipt) {
      const { from, to } = parseTransfer(receipt.transfer)
      const good =
        (await primitives.verify(
          idBytes(from),
          fromMessage(receipt.transfer),
          receipt.fromSignature,
        )) &&
        (await primitives.verify(
          idBytes(to),
          toMessage(receipt.transfer, receipt.report),
          receipt.toSignature,
        ))
      if (!good) throw new BatonError('bad-signature', 'failed to keep a receipt: it is not signed')
      await store.write([{ put: receiptKey(id(receipt)), value: encodeReceipt(receipt) }])
      await store.flush()
      return row(receipt)
    },
    async all() {
      const found: ReceiptRow[] = []
      for await (const [, value] of store.list(under('r'))) found.push(row(parseReceipt(value)))
      return found.sort((a, b) => b.at - a.at)
    },
  }
}
