/**
 * Asking others what they know of a log whose entries are to go (rule CX9), by the hashes of its last
 * ones: whoever holds less of it than its head, or another history, lets nothing go before that is
 * seen. Each device is asked once on a link; what one answers has to lead to the signed head.
 */
import { equalBytes, toHex } from '@baton/shared/bytes'
import { bytesField, seqField } from '@baton/shared/encoding/field'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import {
  type DeviceId,
  idBytes,
  logId,
  logIdBytes,
  type SessionId,
  splitLogId,
} from '@baton/shared/ids'
import { hashBytes, type SignedHead, signatureBytes } from '@baton/shared/log/chain'
import { decodeTrail, encodeTrail, isTrail, type Trail } from '@baton/shared/log/trail'
import type { Sha256 } from '@baton/shared/primitives'
import * as z from 'zod/mini'
import type { Exchange } from '../exchange/exchange.ts'
import type { Repository } from '../repo/repository.ts'
import type { Sharing } from '../sessions/sharing.ts'

export const trailMethod = 'trail'
const answerMs = 30_000
const nothing = new Uint8Array(0)

const questionSchema = z.tuple([
  bytesField(logIdBytes),
  seqField,
  bytesField(hashBytes),
  bytesField(signatureBytes),
])

export interface AnswerPorts {
  readonly repository: Repository
  readonly sharing: Pick<Sharing, 'isShared'>
}

/** The answer to `device`; of no bytes where nothing is known. Throws `invalid` or `not-permitted`. */
export async function answerTrail(
  { repository, sharing }: AnswerPorts,
  device: DeviceId,
  question: Uint8Array,
): Promise<Uint8Array> {
  const [id, seq, hash, signature] = decodeAs(questionSchema, question.slice())
  const log = logId(id)
  if (!sharing.isShared(splitLogId(log).session, device)) {
    throw new BatonError('not-permitted', 'failed to answer: the session is not shared')
  }
  // Read through only where there is something to be found.
  const reaches = (repository.head(log)?.seq ?? 0) >= seq
  const trail = reaches && (await repository.trail({ log, seq, hash, signature }))
  return trail ? encodeTrail(trail) : nothing
}

export interface TrailsPorts {
  readonly repository: Repository
  readonly sharing: Pick<Sharing, 'members'>
  readonly sha256: Sha256
  readonly links: { reach(device: DeviceId): { readonly exchange: Exchange } | undefined }
  readonly devices: { isRemoved(device: DeviceId): boolean }
  /** Someone answered. */
  answered(session: SessionId): void
}

export interface Trails {
  /** What others know of a log; `nobody` when all who may hold it said that they know nothing. */
  of(session: SessionId, head: SignedHead): Trail | 'asking' | 'nobody'
  /** The same, where it need not be known: `nobody` unless someone is about to answer. */
  soonOf(session: SessionId, head: SignedHead): Trail | 'asking' | 'nobody'
  forget(head: SignedHead): void
}

interface Asked {
  readonly on: WeakSet<Exchange>
  readonly none: Set<DeviceId>
  /** Questions under way. */
  open: number
  trail?: Trail
}

export function createTrails(ports: TrailsPorts): Trails {
  const { repository, sharing, sha256, links, devices } = ports
  const asked = new Map<string, Asked>()

  async function ask(device: DeviceId, exchange: Exchange, head: SignedHead, of: Asked) {
    of.on.add(exchange)
    of.open += 1
    const { log, seq, hash, signature } = head
    const question = encode([idBytes(log), seq, hash, signature])
    try {
      const answer = await exchange.ask(trailMethod, question, answerMs)
      const trail = answer.length > 0 ? decodeTrail(log, answer) : undefined
      if (!trail || trail.path.length === 0) of.none.add(device)
      else if (leadsTo(sha256, trail, head)) of.trail ??= { ...trail, head }
    } catch {
      // The link ended, or it is a device that does not know the question: asked again on the next.
    }
    of.open -= 1
    ports.answered(splitLogId(log).session)
  }

  function about(head: SignedHead): Asked {
    const key = keyOf(head)
    const known = asked.get(key) ?? { on: new WeakSet(), none: new Set(), open: 0 }
    asked.set(key, known)
    return known
  }

  function of(session: SessionId, head: SignedHead): Trail | 'asking' | 'nobody' {
    const known = about(head)
    if (known.trail) return known.trail
    const others = [...sharing.members(session)].filter(
      (device) => device !== repository.device && !devices.isRemoved(device),
    )
    for (const device of others) {
      const exchange = links.reach(device)?.exchange
      if (exchange && !known.on.has(exchange)) void ask(device, exchange, head, known)
    }
    return others.every((device) => known.none.has(device)) ? 'nobody' : 'asking'
  }

  return {
    of,
    soonOf(session, head) {
      const found = of(session, head)
      return found === 'asking' && about(head).open === 0 ? 'nobody' : found
    },
    forget: (head) => void asked.delete(keyOf(head)),
  }
}

const keyOf = ({ log, seq, hash }: SignedHead): string => `${log} ${seq} ${toHex(hash)}`

const leadsTo = (sha256: Sha256, trail: Trail, { seq, hash }: SignedHead): boolean =>
  trail.head.seq === seq && equalBytes(trail.head.hash, hash) && isTrail(sha256, trail)
