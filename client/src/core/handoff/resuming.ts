/**
 * Going on with a watched session on the device that got it (rules HF14, CL35): whoever handed it over
 * may ask for that, and that device alone decides: by what its person said of the other one, and whether
 * somebody sits at it. What is run is its own line for what it placed itself; nothing of it is told to it.
 */
import { toHex } from '@baton/shared/bytes'
import { decodeAs, encode } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { handoffReadyMs } from '@baton/shared/limits'
import { encodeHandoffQuestion, type HandoffRequest } from '@baton/shared/protocol/handoff'
import * as z from 'zod/mini'
import { type ResumeRunner, type ResumeWord, resumeWords } from '../handoffs-api.ts'
import type { Policies } from './policies.ts'
import { type HandoffPorts, handoffMethod } from './ports.ts'
import type { Requests } from './requests.ts'

export interface Resuming {
  /** The answer to a peer: what came of it here. Rejects with what the peer is to be told. */
  answer(peer: DeviceId, id: string): Promise<Uint8Array>
  /** Asks the device that a session was handed to. */
  ask(request: HandoffRequest): Promise<ResumeWord>
  /** What runs a line where a person sits, while there is one. */
  serve(runner: ResumeRunner): () => void
}

const answerSchema = z.tuple([z.enum(resumeWords)])

export function createResuming(
  ports: HandoffPorts,
  { requests, policies }: { readonly requests: Requests; readonly policies: Policies },
): Resuming {
  const { self, documents, places } = ports
  /** By request: it is run once, however often it is asked for. */
  const ran = new Set<string>()
  let serving: ResumeRunner | undefined

  async function wordFor(peer: DeviceId, id: string): Promise<ResumeWord> {
    const request = requests.get(id)
    if (request?.from !== peer || request.to !== self || request.kind !== 'transfer') {
      throw new BatonError('not-permitted', 'failed to resume: that was not handed over so')
    }
    const { session } = request
    if (ports.isGuest(peer) || policies.of(peer) !== 'always') return 'not-allowed'
    if (!ports.moving?.isWatched(session)) return 'no-agent'
    const last = (await documents.state(session)).holding.tenures.at(-1)
    const isHere = last?.holder === self && last.by?.request && toHex(last.by.request) === id
    const at = places.at(session)
    if (!isHere || !at) return 'not-here'
    if (ran.has(id)) return 'started'
    if (!serving) return 'no-terminal'
    if (!serving(at)) return 'busy'
    ran.add(id)
    return 'started'
  }

  return {
    answer: async (peer, id) => encode([await wordFor(peer, id)]),
    async ask({ id, from, to }) {
      if (from !== self) {
        throw new BatonError('invalid', 'failed to resume: this device did not hand that over')
      }
      const exchange = ports.reach(to)?.exchange
      if (!exchange) {
        throw new BatonError('peer-offline', 'failed to resume: the other device is not connected')
      }
      const question = encodeHandoffQuestion(['resume', id])
      const [word] = decodeAs(
        answerSchema,
        await exchange.ask(handoffMethod, question, handoffReadyMs),
      )
      return word
    },
    serve(runner) {
      serving = runner
      return () => {
        if (serving === runner) serving = undefined
      }
    },
  }
}
