/**
 * Answers `deliver` (rules DV2 to DV6): checks that this device holds what the sender names, merges
 * or places it, and signs. A refusal to place is not a refusal of the session: it is carried,
 * readable, and the answer says why no file was written.
 */
import { equalBytes } from '@baton/shared/bytes'
import { BatonError, isBatonError } from '@baton/shared/errors'
import { type DeviceId, idBytes } from '@baton/shared/ids'
import {
  encodeReport,
  fromMessage,
  parseTransfer,
  type TransferStatement,
  toMessage,
} from '@baton/shared/model/receipt'
import type { Primitives } from '@baton/shared/primitives'
import type { ReceiptRow } from '../mesh-api.ts'
import type { Keyring, Trace } from '../ports/platform.ts'
import type { Placed, Source } from '../ports/source.ts'
import type { Repository } from '../repo/repository.ts'
import { type DeliverAnswer, encodeAnswer, parseQuestion } from './delivery.ts'
import type { Merging } from './merging.ts'
import type { Placing } from './placing.ts'
import type { Receipts } from './receipts.ts'
import type { Sharing } from './sharing.ts'
import type { Transcripts } from './transcripts.ts'
import { type SessionView, viewFor } from './views.ts'

export interface ReceiverPorts {
  readonly repository: Repository
  readonly transcripts: Transcripts
  readonly placing: Placing
  readonly merging: Merging
  readonly sharing: Sharing
  readonly receipts: Receipts
  readonly keyring: Keyring
  readonly primitives: Primitives
  readonly trace: Trace
  sourceOf(agent: string): Source | undefined
  /** Takes what this device's own files have beyond the log, before anything is decided. */
  refresh(transfer: TransferStatement): Promise<void>
  received(receipt: ReceiptRow, placed: string | undefined): void
}

interface Outcome {
  readonly placed: Placed | undefined
  readonly unplaced: DeliverAnswer['unplaced']
  readonly merged: DeliverAnswer['merged']
}

export function createReceiver(ports: ReceiverPorts) {
  const { repository, transcripts, primitives } = ports

  /** Every log of the statement is held at least up to where it says, with the same history. */
  function holds(transfer: TransferStatement): boolean {
    return transfer.vector.every(({ log, seq, h }) => {
      const head = repository.head(log)
      if (!head || head.seq < seq) return false
      return head.seq > seq || equalBytes(head.hash.subarray(0, 8), h)
    })
  }

  async function act(
    transfer: TransferStatement,
    view: SessionView,
    question: ReturnType<typeof parseQuestion>,
  ): Promise<Outcome> {
    const state = await transcripts.state(transfer.session)
    const source = state.descriptor && ports.sourceOf(state.descriptor.agent)
    if (!state.descriptor || !source) {
      return refused('not-found', 'no agent here reads such a session', 'it is kept for reading')
    }
    if (state.author === repository.device)
      return ports.merging.merge(source, transfer.session, view)
    if (question.carryOnly) return { placed: undefined, unplaced: undefined, merged: undefined }
    try {
      const placed = await ports.placing.place(source, {
        session: transfer.session,
        descriptor: state.descriptor,
        view,
        maps: question.maps,
        ...(question.project === undefined ? {} : { project: question.project }),
      })
      return { placed, unplaced: undefined, merged: undefined }
    } catch (error) {
      if (!isBatonError(error)) throw error
      ports.trace('not-placed', { code: error.code })
      return refused(error.code, error.message, error.hint ?? '')
    }
  }

  /** The answer to a question of `peer`, encoded. Throws what the peer is to be told. */
  return async function answer(peer: DeviceId, body: Uint8Array): Promise<Uint8Array> {
    const question = parseQuestion(body)
    const transfer = parseTransfer(question.transfer)
    const self = repository.device
    if (
      transfer.from !== peer ||
      transfer.to !== self ||
      !ports.sharing.isShared(transfer.session, peer)
    ) {
      throw new BatonError('not-permitted', 'failed to deliver: the session is not shared so')
    }
    const signed = await primitives.verify(
      idBytes(peer),
      fromMessage(question.transfer),
      question.signature,
    )
    if (!signed) throw new BatonError('bad-signature', 'failed to deliver: it is not signed')
    if (!holds(transfer)) {
      throw new BatonError('source-changed', 'failed to deliver: not everything is here yet')
    }
    await ports.refresh(transfer)
    const view = viewFor(await transcripts.state(transfer.session), primitives.sha256, peer)
    if (!equalBytes(view.digest, transfer.digest)) {
      throw new BatonError('source-changed', 'failed to deliver: the session has moved on')
    }
    const outcome = await act(transfer, view, question)
    const report = encodeReport({
      placed: outcome.placed !== undefined,
      neutralised: outcome.placed?.neutralised ?? {},
    })
    const signature = await ports.keyring.sign(toMessage(question.transfer, report))
    const receipt = await ports.receipts.keep({
      transfer: question.transfer,
      report,
      fromSignature: question.signature,
      toSignature: signature,
    })
    ports.received(receipt, outcome.placed?.path)
    return encodeAnswer({
      digest: view.digest,
      report,
      signature,
      placed: outcome.placed && { path: outcome.placed.path, resume: outcome.placed.resume },
      unplaced: outcome.unplaced,
      merged: outcome.merged,
    })
  }
}

export type Receiver = ReturnType<typeof createReceiver>

function refused(code: string, message: string, hint: string): Outcome {
  const unplaced = { code, message: message.slice(0, 512), hint: hint.slice(0, 1024) }
  return { placed: undefined, unplaced, merged: undefined }
}
