/**
 * Decides which signals of the peer reach the peer connection. Rules RT5 to RT7: simple-peer
 * destroys itself on a second answer, junk or a stale candidate, so those end here. It keeps the
 * state of the negotiation as the signals show it, and knows no peer connection.
 */
import { type Bytes, equalBytes } from '@baton/shared/bytes'
import { isBatonError } from '@baton/shared/errors'
import { maxCandidates } from '@baton/shared/limits'
import { type CandidateType, checkCandidate, checkSdp } from '@baton/shared/protocol/sdp'
import { signalSchema } from '@baton/shared/protocol/signal'
import type { Description } from './peer.ts'

/** What one signal may cause, in order. */
export type Admitted =
  | { readonly kind: 'description'; readonly description: Description }
  | { readonly kind: 'candidate'; readonly candidate: string }
  /** The answerer asks for an ICE restart. */
  | { readonly kind: 'restart' }
  /** The offerer has not heard the answer to its current offer. */
  | { readonly kind: 'repeat' }

export interface Remote {
  readonly ufrag: string
  readonly fingerprint: Bytes
  readonly maxMessageBytes: number
}

export interface SignalGuard {
  receive(signal: unknown): readonly Admitted[]
  /** A local offer is out, or a local answer: says which signal of the peer may come next. */
  described(): void
  /** The current description of the peer. */
  readonly remote: Remote | undefined
  /** Candidates taken, by type, over all generations. */
  readonly taken: ReadonlyMap<CandidateType, number>
  /** `address port` of relay candidates refused under policy `direct`. */
  readonly refusedRelays: ReadonlySet<string>
  /** Signals and candidates dropped. */
  readonly dropped: number
}

const maxRetired = 64

export function createSignalGuard(options: {
  readonly initiator: boolean
  readonly relays: boolean
}): SignalGuard {
  let remote: Remote | undefined
  /** Initiator: an offer waits for its answer. Answerer: an offer was taken and not yet answered. */
  let open = false
  let inGeneration = 0
  let dropped = 0
  let held: { readonly candidate: string; readonly ufrag: string | undefined }[] = []
  const retired = new Set<string>()
  const taken = new Map<CandidateType, number>()
  const refusedRelays = new Set<string>()

  const drop = (count = 1): readonly Admitted[] => {
    dropped += count
    return []
  }

  function describe(description: Description): readonly Admitted[] {
    const answers = description.type === 'answer'
    if (answers !== options.initiator) return drop()
    const checked = checkSdp(description.sdp)
    if (checked.ufrag === remote?.ufrag) return answers || open ? drop() : [{ kind: 'repeat' }]
    if (retired.has(checked.ufrag) || open !== answers) return drop()
    if (remote && !equalBytes(remote.fingerprint, checked.fingerprint)) return drop()

    if (remote) retire(remote.ufrag)
    remote = checked
    open = !answers
    inGeneration = 0
    const [sdp, inline] = takeCandidates(description.sdp)
    const early = held
    held = []
    const later = early.flatMap((each) => offerCandidate(each.candidate, each.ufrag))
    return [
      { kind: 'description', description: { type: description.type, sdp } },
      ...inline,
      ...later,
    ]
  }

  /** Candidates inside a description go the way of all others, so that one cap holds for both. */
  function takeCandidates(sdp: string): [string, Admitted[]] {
    const lines = sdp.split(/\r?\n/)
    const candidates = lines.filter((line) => line.startsWith('a=candidate:'))
    const rest = lines.filter((line) => !line.startsWith('a=candidate:'))
    return [
      rest.join('\r\n'),
      candidates.flatMap((line) => offerCandidate(line.slice(2), remote?.ufrag)),
    ]
  }

  function offerCandidate(candidate: string, ufrag: string | undefined): readonly Admitted[] {
    const { type } = checkCandidate(candidate)
    if (ufrag !== undefined && retired.has(ufrag)) return drop()
    if (!remote || (ufrag !== undefined && ufrag !== remote.ufrag)) {
      if (held.length >= maxCandidates) return drop()
      held.push({ candidate, ufrag })
      return []
    }
    if (inGeneration >= maxCandidates) return drop()
    inGeneration++
    if (type === 'relay' && !options.relays) {
      const [, , , , address = '', port = ''] = candidate.split(' ')
      if (refusedRelays.size < maxCandidates) refusedRelays.add(`${address} ${port}`)
      return drop()
    }
    taken.set(type, (taken.get(type) ?? 0) + 1)
    return [{ kind: 'candidate', candidate }]
  }

  function retire(ufrag: string): void {
    retired.add(ufrag)
    const [oldest] = retired
    if (retired.size > maxRetired && oldest !== undefined) retired.delete(oldest)
  }

  function receive(signal: unknown): readonly Admitted[] {
    const parsed = signalSchema.safeParse(signal)
    if (!parsed.success) return drop()
    switch (parsed.data.type) {
      case 'offer':
      case 'answer':
        return quietly(() => describe(parsed.data as Description))
      case 'candidates':
        return parsed.data.list.flatMap(({ candidate }) =>
          quietly(() => offerCandidate(candidate, checkCandidate(candidate).ufrag)),
        )
      case 'restart':
        return options.initiator && !open ? [{ kind: 'restart' }] : drop()
    }
  }

  function quietly(run: () => readonly Admitted[]): readonly Admitted[] {
    try {
      return run()
    } catch (error) {
      if (!isBatonError(error)) throw error
      return drop()
    }
  }

  return {
    receive,
    described() {
      open = options.initiator
    },
    get remote() {
      return remote
    },
    taken,
    refusedRelays,
    get dropped() {
      return dropped
    },
  }
}
