/**
 * What two peers say to each other to open a WebRTC connection. It travels sealed and padded; the
 * signaling service never sees it. simple-peer is fed nothing that did not pass this schema.
 */
import * as z from 'zod/mini'
import { maxCandidateChars, maxCandidates, maxSdpChars } from '../limits.ts'

const candidate = z.strictObject({
  candidate: z.string().check(z.maxLength(maxCandidateChars)),
  sdpMid: z.nullable(z.string().check(z.maxLength(16))),
  sdpMLineIndex: z.nullable(z.int().check(z.minimum(0), z.maximum(8))),
})

export const signalSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('offer'), sdp: z.string().check(z.maxLength(maxSdpChars)) }),
  z.strictObject({ type: z.literal('answer'), sdp: z.string().check(z.maxLength(maxSdpChars)) }),
  z.strictObject({
    type: z.literal('candidates'),
    list: z.array(candidate).check(z.minLength(1), z.maxLength(maxCandidates)),
  }),
  /** The answerer asks the offerer, who alone can, for an ICE restart. */
  z.strictObject({ type: z.literal('restart') }),
])

export type Signal = z.infer<typeof signalSchema>
