/**
 * Answers `deliver` (rules DV1 to DV6): checks that this device holds what the sender names, merges
 * or places it, and signs. A refusal to place is not a refusal of the session: it is carried,
 * readable, and the report says why no file was written.
 */
import { equalBytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, idBytes, type SessionId, splitLogId } from '@baton/shared/ids'
import {
  encodeReport,
  fromMessage,
  parseTransfer,
  type TransferStatement,
  toMessage,
} from '@baton/shared/model/receipt'
import type { Primitives } from '@baton/shared/primitives'
import { createLanes } from '../lanes.ts'
import type { ReceiptRow } from '../mesh-api.ts'
import type { Keyring, Trace } from '../ports/platform.ts'
import type { Placed, Source } from '../ports/source.ts'
import { holdsAll } from '../repo/holds.ts'
import type { Repository } from '../repo/repository.ts'
import { type DeliverQuestion, encodeAnswer, parseQuestion } from './delivery.ts'
import type { Merging } from './merging.ts'
import { attempt, notPlaced, type Outcome } from './outcome.ts'
import type { PlaceHere, Placing } from './placing.ts'
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
  /** Where a person here wants it, whatever the sender says. */
  where?(session: SessionId): PlaceHere | undefined
  received(receipt: ReceiptRow, placed: Pick<Placed, 'path' | 'resume'> | undefined): void
}

export type Receiver = (peer: DeviceId, body: Uint8Array) => Promise<Uint8Array>

/** The answers to questions of a peer, encoded. They reject with what the peer is to be told. */
export function createReceiver(ports: ReceiverPorts): Receiver {
  const { repository, transcripts, primitives } = ports
  /** Questions about one session follow each other: each decides on what the one before left. */
  const inTurn = createLanes<SessionId>()

  /** What is said of the session is what stands here: this device signs for it. */
  function check(transfer: TransferStatement, view: SessionView): void {
    if (!equalBytes(view.digest, transfer.digest)) {
      throw new BatonError('source-changed', 'failed to deliver: the session has moved on')
    }
    const { records, bytes, last } = transfer
    if (records !== view.records || bytes !== view.bytes || !equalBytes(last, view.last)) {
      throw new BatonError('invalid', 'failed to deliver: it is not what the sender says it is')
    }
  }

  async function act(
    { session }: TransferStatement,
    view: SessionView,
    { maps, project, carryOnly }: DeliverQuestion,
  ): Promise<Outcome> {
    const { descriptor } = await transcripts.state(session)
    const merges = await ports.merging.isFor(session)
    const where = ports.where?.(session)
    const source = descriptor && ports.sourceOf(descriptor.agent)
    // What is signed for was read back from the disk: here, or by writing the file.
    const readBack = () => transcripts.verify(view.files.values())
    if (!descriptor || !source) {
      await readBack()
      return notPlaced('not-found', 'no agent here reads such a session', 'it is kept for reading')
    }
    if (carryOnly || merges) await readBack()
    if (carryOnly) return { placed: undefined, unplaced: undefined, merged: undefined }
    if (merges) return ports.merging.merge(source, session, view)
    const folder = where?.project ?? project
    const outcome = await attempt(ports.trace, () =>
      ports.placing.place(source, {
        session,
        descriptor,
        view,
        maps: [...(where?.maps ?? []), ...maps],
        ...(folder === undefined ? {} : { project: folder }),
      }),
    )
    if (!outcome.placed) await readBack()
    return outcome
  }

  async function deliver(transfer: TransferStatement, question: DeliverQuestion) {
    const { session, digest } = transfer
    const earlier = await ports.receipts.of(question.transfer)
    if (earlier) return encodeAnswer({ ...earlier, digest, signature: earlier.toSignature })
    if (!holdsAll(repository, transfer)) {
      throw new BatonError('source-changed', 'failed to deliver: not everything is here yet')
    }
    await ports.refresh(transfer)
    const view = viewFor(await transcripts.state(session), primitives.sha256, transfer.from)
    check(transfer, view)
    const { placed, unplaced, merged } = await act(transfer, view, question)
    const report = encodeReport({
      placed: placed && { path: placed.path, resume: placed.resume },
      unplaced,
      merged,
      neutralised: placed?.neutralised ?? {},
    })
    const signature = await ports.keyring.sign(toMessage(question.transfer, report))
    const receipt = await ports.receipts.keep({
      transfer: question.transfer,
      report,
      fromSignature: question.signature,
      toSignature: signature,
    })
    ports.received(receipt, placed)
    return encodeAnswer({ digest: view.digest, report, signature })
  }

  return async (peer, body) => {
    const question = parseQuestion(body)
    const transfer = parseTransfer(question.transfer)
    const { session, from, to, vector } = transfer
    if (from !== peer || to !== repository.device || !ports.sharing.isShared(session, peer)) {
      throw new BatonError('not-permitted', 'failed to deliver: the session is not shared so')
    }
    if (vector.some(({ log }) => splitLogId(log).session !== session)) {
      throw new BatonError('invalid', 'failed to deliver: it names another session')
    }
    const { transfer: signed, signature } = question
    if (!(await primitives.verify(idBytes(peer), fromMessage(signed), signature))) {
      throw new BatonError('bad-signature', 'failed to deliver: it is not signed')
    }
    return inTurn(session, () => deliver(transfer, question))
  }
}
