/** LE: payloads by which a session changes hands, there and back, and whatever else could stand there. */
import { decode, encode } from '@baton/shared/encoding/msgpack'
import { deviceId, joinLogId, sessionId } from '@baton/shared/ids'
import {
  declineReasons,
  encodeAccept,
  encodeDecline,
  encodeLease,
  encodeReady,
  isDecline,
  parseAccept,
  parseLease,
  parseReady,
} from '@baton/shared/model/lease-entries'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const session = sessionId(new Uint8Array(16).fill(3))
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const vector = fc
  .array(fc.tuple(bytes(32), bytes(8), fc.integer({ min: 1, max: 2 ** 48 })), { maxLength: 20 })
  .map((all) => new Map(all.map(([d, i, seq]) => [joinLogId(session, deviceId(d), i), seq])))
const lease = fc.record({
  epoch: fc.integer({ min: 1, max: 2 ** 48 }),
  how: fc.constantFrom('transfer' as const, 'takeover' as const),
  holder: bytes(32).map(deviceId),
  request: fc.option(bytes(16), { nil: undefined }),
  vector,
})
const wired = (value: Parameters<typeof encode>[0]) => decode(encode(value))
const sorted = (of: ReadonlyMap<string, number> | undefined) => [...(of ?? [])].sort()

it('LE1 readies, leases, accepts and declines read back as they were written', () => {
  fc.assert(
    fc.property(lease, (of) => {
      const read = parseLease(session, wired(encodeLease(of)))
      expect({ ...read, vector: sorted(read?.vector) }).toEqual({
        ...of,
        vector: sorted(of.vector),
      })
    }),
    { numRuns: tries(200) },
  )
  fc.assert(
    fc.property(bytes(16), vector, (request, of) => {
      const ready = parseReady(session, wired(encodeReady({ request, vector: of })))
      expect(ready?.request).toEqual(request)
      expect(sorted(ready?.vector)).toEqual(sorted(of))
      expect(sorted(parseAccept(session, wired(encodeAccept({ vector: of })))?.vector)).toEqual(
        sorted(of),
      )
    }),
    { numRuns: tries(100) },
  )
  for (const reason of declineReasons) expect(isDecline(wired(encodeDecline(reason)))).toBe(true)
})

it('LE2 what is malformed in any part is nothing, and nothing throws', () => {
  const whole = (vector: unknown) =>
    [
      [parseReady, [new Uint8Array(16), vector]],
      [parseLease, [1, 0, new Uint8Array(32), null, vector]],
      [parseAccept, [vector]],
    ] as const
  for (const [parse, payload] of whole([])) expect(parse(session, payload)).toBeDefined()
  const [device, inc] = [new Uint8Array(32), new Uint8Array(8)]
  const vectors = [
    ...[null, 1, {}, [1], [[device]], [[new Uint8Array(31), []]], [[device, [[inc, 0]]]]],
    ...[[[device, [[inc, 1.5]]]], [[device, [[new Uint8Array(7), 1]]]], [[device, [[inc]]]]],
  ]
  for (const bad of vectors) {
    for (const [parse, payload] of whole(bad)) expect(parse(session, payload)).toBeUndefined()
  }
  for (const payload of [
    ...[null, [], [0, 0, device, null, []], [1, 2, device, null, []], [1, 0, inc, null, []]],
    ...[
      [1, 0, device, inc, []],
      [2 ** 48 + 1, 0, device, null, []],
      ['1', 0, device, null, []],
    ],
  ]) {
    expect(parseLease(session, payload)).toBeUndefined()
  }
  expect([isDecline([]), isDecline([1]), isDecline(['x'.repeat(65)]), isDecline(null)]).toEqual([
    false,
    false,
    false,
    false,
  ])
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      for (const parse of [parseReady, parseLease, parseAccept]) parse(session, anything)
      isDecline(anything)
    }),
    { numRuns: tries(300) },
  )
})

it('LE2 a vector of more logs than a session may have is none', () => {
  const logs = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const inc = new Uint8Array(8)
      new DataView(inc.buffer).setUint32(0, i)
      return [inc, 1]
    })
  const accept = (count: number) => parseAccept(session, [[[new Uint8Array(32), logs(count)]]])
  expect(accept(4096)?.vector.size).toBe(4096)
  expect(accept(4097)).toBeUndefined()
})
