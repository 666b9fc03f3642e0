/**
 * Receipts of transfers (rule RE6): once the session is held at the other end, both sign what was handed
 * over, and each keeps both signatures. A receipt that does not come about takes nothing back.
 */
import { equalBytes, toHex } from '@baton/shared/bytes'
import type { Tenure } from '@baton/shared/conflict/leases'
import { spokenUpTo } from '@baton/shared/conflict/spoken'
import { bytesField, bytesUpTo } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, idBytes, type SessionId, splitLogId } from '@baton/shared/ids'
import { handoffReadyMs } from '@baton/shared/limits'
import {
  encodeReport,
  encodeTransfer,
  fromMessage,
  parseTransfer,
  toMessage,
} from '@baton/shared/model/receipt'
import type { Primitives } from '@baton/shared/primitives'
import { encodeHandoffQuestion, type HandoffRequest } from '@baton/shared/protocol/handoff'
import * as z from 'zod/mini'
import type { Keyring } from '../ports/platform.ts'
import { holdsAll } from '../repo/holds.ts'
import type { Receipts } from '../sessions/receipts.ts'
import { type HandoffPorts, handoffMethod } from './ports.ts'

export interface SigningPorts extends HandoffPorts {
  readonly primitives: Primitives
  readonly keyring: Keyring
  readonly receipts: Receipts
}

/** An encoded TransferStatement and its sender's signature. */
export interface Signed {
  readonly transfer: Uint8Array
  readonly signature: Uint8Array
}

export interface Signing {
  /** What this device handed over, signed; undefined when nothing went over by this request. */
  make(request: HandoffRequest): Promise<Signed | undefined>
  /** Has the new holder sign what it got; resolves when both signatures are kept here. */
  ask(request: HandoffRequest, signed: Signed): Promise<void>
  /** Signs what this device got, as it finds it, and keeps both signatures. */
  answer(peer: DeviceId, transfer: Uint8Array, signature: Uint8Array): Promise<Uint8Array>
}

const answerSchema = z.tuple([bytesUpTo(64 * 1024), bytesField(64)])
const nothing = { placed: undefined, unplaced: undefined, merged: undefined, neutralised: {} }

/** Receipts of one transfer, while this process runs: each is kept, and one is enough. */
const maxSigned = 8

export function createSigning(ports: SigningPorts): Signing {
  const signed = new Map<string, number>()
  const { self, repository, documents, primitives, keyring, receipts, clock } = ports

  /** Of the epoch before the one in which `to` holds it. */
  async function spoken(session: SessionId, epoch: number) {
    return spokenUpTo(primitives.sha256, await documents.state(session), epoch - 1)
  }

  return {
    async make({ id, session, to }) {
      const { tenures } = (await documents.state(session)).holding
      const by = ({ by: lease }: Tenure) => lease?.request && toHex(lease.request) === id
      const epoch = tenures.findIndex(by)
      if (epoch < 1) return undefined
      const heads = repository.heads(session)
      const { digest, messages, last } = await spoken(session, epoch)
      const transfer = encodeTransfer({
        ...{ session, from: self, to, at: clock.now(), digest, records: messages, last, epoch },
        bytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
        vector: heads.map(({ log, seq, hash }) => ({ log, seq, h: hash.slice(0, 8) })),
      })
      return { transfer, signature: await keyring.sign(fromMessage(transfer)) }
    },
    async ask({ to }, { transfer, signature }) {
      const exchange = ports.reach(to)?.exchange
      if (!exchange)
        throw new BatonError('peer-offline', 'failed to sign: the other device is gone')
      const question = encodeHandoffQuestion(['receipt', transfer, signature])
      const reply = await exchange.ask(handoffMethod, question, handoffReadyMs)
      const [report, toSignature] = decodeAs(answerSchema, reply)
      await receipts.keep({ transfer, report, fromSignature: signature, toSignature })
    },
    async answer(peer, transfer, signature) {
      const statement = parseTransfer(transfer)
      const { session, from, to, epoch, vector } = statement
      if (from !== peer || to !== self || !ports.sharing.isShared(session, peer)) {
        throw new BatonError('not-permitted', 'failed to sign: the session is not shared so')
      }
      if (!(await primitives.verify(idBytes(peer), fromMessage(transfer), signature))) {
        throw new BatonError('bad-signature', 'failed to sign: it is not signed')
      }
      const earlier = await receipts.of(transfer)
      if (earlier) return encode([earlier.report, earlier.toSignature])
      const named = vector.every(({ log }) => splitLogId(log).session === session)
      const { tenures } = (await documents.state(session)).holding
      const [before, now] = [tenures[(epoch ?? 0) - 1], tenures[epoch ?? -1]]
      if (!named || now?.holder !== self || before?.holder !== peer || epoch === undefined) {
        throw new BatonError('invalid', 'failed to sign: the session did not go over so')
      }
      if (!holdsAll(repository, statement)) {
        throw new BatonError('source-changed', 'failed to sign: not everything is here yet')
      }
      const { digest, messages, last } = await spoken(session, epoch)
      const same = equalBytes(digest, statement.digest) && equalBytes(last, statement.last)
      if (!same || messages !== statement.records) {
        throw new BatonError('invalid', 'failed to sign: this device shows another history')
      }
      const key = `${session} ${epoch} ${peer}`
      const asked = signed.get(key) ?? 0
      if (asked >= maxSigned) {
        throw new BatonError('not-permitted', 'failed to sign: that was asked too often')
      }
      signed.set(key, asked + 1)
      const report = encodeReport(nothing)
      const toSignature = await keyring.sign(toMessage(transfer, report))
      await receipts.keep({ transfer, report, fromSignature: signature, toSignature })
      return encode([report, toSignature])
    },
  }
}
