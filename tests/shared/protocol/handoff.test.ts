/** HF1, HF4, HF10: how a request may go on, and its forms. */
import { encode } from '@baton/shared/encoding/msgpack'
import { deviceId, sessionId } from '@baton/shared/ids'
import {
  encodeHandoffQuestion,
  encodePlace,
  encodeRequest,
  encodeStanding,
  type HandoffInput,
  type HandoffQuestion,
  type HandoffRequest,
  handoffKinds,
  handoffReasons,
  handoffStates,
  isOver,
  parseHandoffQuestion,
  parsePlace,
  parseRequest,
  parseStanding,
  stepHandoff,
} from '@baton/shared/protocol/handoff'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const device = bytes(32).map(deviceId)
const id = bytes(16).map((of) => Buffer.from(of).toString('hex'))
const count = fc.integer({ min: 0, max: 2 ** 48 })
const reason = fc.option(fc.constantFrom(...handoffReasons), { nil: undefined })
const request: fc.Arbitrary<HandoffRequest> = fc.record({
  ...{ id, kind: fc.constantFrom(...handoffKinds), session: bytes(16).map(sessionId) },
  title: fc.option(fc.string({ maxLength: 200 }), { nil: undefined }),
  ...{ from: device, to: device, askedBy: device, at: count, expiresAt: count },
  requires: fc.array(fc.string({ maxLength: 64 }), { maxLength: 32 }),
  ...{ state: fc.constantFrom(...handoffStates), reason },
})
const input: fc.Arbitrary<HandoffInput> = fc.oneof(
  fc.constantFrom<HandoffInput>({ on: 'accept' }, { on: 'arrive' }, { on: 'cancel' }),
  fc.record({
    on: fc.constantFrom('decline' as const, 'fail' as const),
    reason: fc.constantFrom(...handoffReasons),
  }),
  fc.record({ on: fc.constant('time' as const), now: count }),
)

it('HF4 an end is never left, nothing arrives that was not accepted, and only what waits expires', () => {
  fc.assert(
    fc.property(request, fc.array(input, { maxLength: 12 }), (begun, inputs) => {
      let now: HandoffRequest = { ...begun, state: 'pending', reason: undefined }
      for (const each of inputs) {
        const next = stepHandoff(now, each)
        if (isOver(now)) expect(next).toBe(now)
        if (next.state === 'active' && now !== next) expect(now.state).toBe('accepted')
        if (next.state === 'expired' && now !== next) {
          expect([now.state, each.on]).toEqual(['pending', 'time'])
          expect((each as { now: number }).now).toBeGreaterThanOrEqual(now.expiresAt)
        }
        if (now !== next && next.state === 'accepted') expect(now.state).toBe('pending')
        expect({ ...next, state: 0, reason: 0 }).toEqual({ ...now, state: 0, reason: 0 })
        now = next
      }
    }),
    { numRuns: tries(300) },
  )
})

it('HF1 requests, questions and answers read back as they were written', () => {
  fc.assert(
    fc.property(request, (of) => {
      expect(parseRequest(encodeRequest(of))).toEqual(of)
    }),
    { numRuns: tries(200) },
  )
  const [sixteen, log] = [new Uint8Array(16).fill(1), new Uint8Array(56).fill(2)]
  const name = '0'.repeat(32)
  const questions: HandoffQuestion[] = [
    ['offer', name, 'mirror', sixteen, 'a title', 1000, ['webrtc']],
    ['offer', name, 'observe', sixteen, null, 0, []],
    ['want', name, 'transfer', sixteen, 300_000],
    ['answer', name, false, 'busy'],
    ['answer', name, true, null],
    ['cancel', name],
    ['state', name],
    ['ready', name, [[log, 7]]],
    ['receipt', new Uint8Array(10), new Uint8Array(64)],
  ]
  for (const question of questions) {
    expect(parseHandoffQuestion(encodeHandoffQuestion(question))).toEqual(question)
  }
  const standing = { state: 'declined', reason: 'expired', capabilities: ['a', 'b'] } as const
  expect(parseStanding(encodeStanding(standing))).toEqual(standing)
  expect(parsePlace(encodePlace(log, 9, new Uint8Array(8)))).toEqual([log, 9, new Uint8Array(8)])
})

it('HF10 what has another form is refused, with `invalid`', () => {
  const sixteen = new Uint8Array(16)
  const name = '0'.repeat(32)
  for (const bad of [
    ...[null, [], ['offer'], ['cancel', name.slice(1)], ['cancel', name, 1], ['other', name]],
    ...[
      ['offer', name, 'mirror', sixteen, null, 300_001, []],
      ['want', name, 'x', sixteen, 1],
    ],
    ['offer', name, 'mirror', sixteen, null, 1, Array.from({ length: 33 }, () => 'a')],
    ['offer', name, 'mirror', sixteen, 'x'.repeat(201), 1, []],
    ['ready', name, Array.from({ length: 4097 }, () => [new Uint8Array(56), 1])],
  ]) {
    expect(() => parseHandoffQuestion(encode(bad as never))).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
  }
  for (const parse of [parseStanding, parsePlace, parseRequest]) {
    expect(() => parse(encode(['nothing']))).toThrow(expect.objectContaining({ code: 'invalid' }))
  }
})
