/**
 * Local descriptions and candidates on their way to the peer. Rules RT7, RT8: candidates go in
 * batches, after their description, at most as many as the other guard takes, and TCP host
 * candidates (which only one kind of engine gathers) not at all. It knows no peer connection.
 */

import { isBatonError } from '@baton/shared/errors'
import { maxCandidates } from '@baton/shared/limits'
import { type CandidateType, checkCandidate } from '@baton/shared/protocol/sdp'
import type { Signal } from '@baton/shared/protocol/signal'
import type { Clock } from '../core/ports/platform.ts'
import type { Description } from './peer.ts'

const batchMs = 50
/** The first batch of a generation: host candidates come within a millisecond of each other. */
const firstBatchMs = 10
/** Room is kept for the candidates that come last and matter most across networks. */
const maxHostCandidates = 24

type Candidates = Extract<Signal, { type: 'candidates' }>['list']

export interface Outbox {
  describe(description: Description): void
  candidate(candidate: RTCIceCandidateInit): void
  /** Sends the last description and its candidates again. */
  repeat(): void
  /** Candidates sent, by type, over all generations. */
  readonly sent: ReadonlyMap<CandidateType, number>
  close(): void
}

export function createOutbox(options: {
  readonly clock: Clock
  readonly relays: boolean
  signal(signal: Signal): void
}): Outbox {
  const sent = new Map<CandidateType, number>()
  let description: Description | undefined
  /** Candidates of the current generation that went out, and those that wait for their batch. */
  let generation: Candidates = []
  let hosts = 0
  let batch: Candidates = []
  let cancelBatch: (() => void) | undefined
  let closed = false

  function flush(): void {
    cancelBatch = undefined
    if (closed || batch.length === 0) return
    const list = batch
    batch = []
    generation.push(...list)
    options.signal({ type: 'candidates', list })
  }

  return {
    describe(next) {
      if (closed) return
      description = withoutCandidates(next)
      generation = []
      // Candidates may come before the description they belong to; older ones are of no more use.
      const ufrag = /^a=ice-ufrag:(\S+)/m.exec(next.sdp)?.[1] ?? ''
      batch = batch.filter(({ candidate }) => checkCandidate(candidate).ufrag === ufrag)
      hosts = batch.length
      options.signal(description)
    },
    candidate(init) {
      const text = init.candidate ?? ''
      if (closed || text === '') return
      const type = usable(text)
      if (!type || (type === 'relay' && !options.relays)) return
      if (generation.length + batch.length >= maxCandidates) return
      if (type === 'host' && ++hosts > maxHostCandidates) return
      sent.set(type, (sent.get(type) ?? 0) + 1)
      batch.push({
        candidate: text,
        sdpMid: init.sdpMid ?? null,
        sdpMLineIndex: init.sdpMLineIndex ?? null,
      })
      const first = generation.length === 0
      cancelBatch ??= options.clock.after(first ? firstBatchMs : batchMs, flush)
    },
    repeat() {
      if (closed || !description) return
      options.signal(description)
      if (generation.length > 0) options.signal({ type: 'candidates', list: generation })
    },
    sent,
    close() {
      closed = true
      cancelBatch?.()
    },
  }
}

/** Native candidates that the other guard would refuse are not worth a signal. */
function usable(text: string): CandidateType | undefined {
  try {
    const { type, transport } = checkCandidate(text)
    return transport === 'tcp' && type === 'host' ? undefined : type
  } catch (error) {
    if (!isBatonError(error)) throw error
    return undefined
  }
}

/** They come one by one as well, and here they would pass the caps and the policy. */
function withoutCandidates({ type, sdp }: Description): Description {
  return { type, sdp: sdp.replace(/^a=candidate:.*\r?\n/gm, '') }
}
