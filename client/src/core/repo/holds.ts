/** Whether this device holds what a statement names: every log up to there, with the same history. */
import { equalBytes } from '@baton/shared/bytes'
import type { TransferStatement } from '@baton/shared/model/receipt'
import type { Repository } from './repository.ts'

export const holdsAll = (
  repository: Pick<Repository, 'head'>,
  { vector }: Pick<TransferStatement, 'vector'>,
): boolean =>
  vector.every(({ log, seq, h }) => {
    const head = repository.head(log)
    if (!head || head.seq < seq) return false
    return head.seq > seq || equalBytes(head.hash.subarray(0, 8), h)
  })
