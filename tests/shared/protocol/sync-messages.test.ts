/** Sync messages as bytes. */
import { encode } from '@baton/shared/encoding/msgpack'
import { encodeSync, parseSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

describe('messages', () => {
  const hash = new Uint8Array(32)
  const good = [
    [syncTypes.hello, new Uint8Array(8), 0],
    [syncTypes.hello, new Uint8Array(8), null],
    [syncTypes.pushed],
    [syncTypes.check, new Uint8Array(8)],
    [syncTypes.state, [[new Uint8Array(16), new Uint8Array(8)]]],
    [syncTypes.vector, new Uint8Array(16), true, [[hash, new Uint8Array(8), 3, new Uint8Array(8)]]],
    [syncTypes.delta, new Uint8Array(9)],
    [syncTypes.shortDelta, new Uint8Array(8), 3, [new Uint8Array(1)], new Uint8Array(64)],
    [syncTypes.batch, 9, new Uint8Array(9)],
    [syncTypes.snapshot, new Uint8Array(9)],
    [syncTypes.blob, hash, 9, 0, false, new Uint8Array(9)],
    [
      syncTypes.ack,
      [
        [new Uint8Array(8), 3],
        [new Uint8Array(56), 3],
      ],
    ],
    [syncTypes.want, new Uint8Array(16), [[new Uint8Array(56), 0]], [[hash, 0]]],
    [syncTypes.trouble, 1],
    [syncTypes.ask, 1, 'deliver', new Uint8Array(9)],
    [syncTypes.answer, 1, new Uint8Array(9)],
    [syncTypes.refuse, 1, 'invalid', 'no'],
  ] as const

  it('SY1 read back as they were said', () => {
    for (const form of good) {
      const message = parseSync(encodeSync(form as never))
      expect(message?.form).toEqual(form)
      expect(syncTypes[message?.kind as keyof typeof syncTypes]).toBe(form[0])
    }
  })

  it('SY1 with any part of another kind are refused, and nothing is thrown but invalid or too-large', () => {
    const anything = fc.anything({ withTypedArray: true, maxDepth: 2 })
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(8), anything, (form, at, value) => {
        let bytes: Uint8Array
        try {
          bytes = encode(form.map((part, i) => (i === at ? value : part)) as never)
        } catch {
          return
        }
        try {
          parseSync(bytes)
        } catch (error) {
          expect(['invalid', 'too-large']).toContain((error as { code?: string }).code)
        }
      }),
      { numRuns: tries(500) },
    )
    const wrong = [
      [syncTypes.hello, new Uint8Array(7), 0],
      [syncTypes.hello, new Uint8Array(8)],
      [syncTypes.ack, [[new Uint8Array(9), 3]]],
      [syncTypes.shortDelta, new Uint8Array(8), 3, [], new Uint8Array(64)],
      [
        syncTypes.shortDelta,
        new Uint8Array(8),
        3,
        Array(257).fill(new Uint8Array(1)),
        new Uint8Array(64),
      ],
    ]
    for (const form of wrong) {
      expect(() => parseSync(encode(form as never))).toThrow('failed to read a sync message')
    }
  })

  it('SY1 of a type that a newer version added are passed over; without a type they are refused', () => {
    expect(parseSync(encode([63, 'later']))).toBeUndefined()
    for (const odd of [[], ['x'], [-1], 7, null, { type: 16 }]) {
      expect(() => parseSync(encode(odd as never))).toThrow('no type')
    }
  })
})
