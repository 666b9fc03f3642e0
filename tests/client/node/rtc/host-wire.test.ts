/** LH3: frames over the socket pair. */

import type { Socket } from 'node:net'
import {
  createFrameReader,
  createFrameWriter,
  type HostFrame,
} from '@baton/client/node/rtc/host-wire'
import { maxMessageBytes } from '@baton/shared/limits'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../../support/tries.ts'

/** What a socket is to the writer: something that takes chunks. */
function createSink() {
  const chunks: Buffer[] = []
  const socket = {
    destroyed: false,
    writableEnded: false,
    cork() {},
    uncork() {},
    write: (chunk: Uint8Array) => chunks.push(Buffer.from(chunk)),
  }
  return {
    socket,
    send: createFrameWriter(socket as unknown as Socket),
    bytes: () => Buffer.concat(chunks),
  }
}

const frame = fc.record({
  kind: fc.nat(255),
  lane: fc.nat(255),
  id: fc.nat(0xffffffff),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 2_040, max: 2_060 }).map((size) => new Uint8Array(size).fill(size & 255)),
  ),
})

const text = ({ kind, lane, id, body }: HostFrame) =>
  `${kind} ${lane} ${id} ${Buffer.from(body).toString('base64')}`

it('LH3 frames arrive whole and in order, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(4_000)), (frames, cuts) => {
      const { send, bytes } = createSink()
      for (const { kind, id, body, lane } of frames) send(kind, id, body, lane)
      const stream = bytes()
      const got: HostFrame[] = []
      const read = createFrameReader(
        (each) => got.push(each),
        () => expect.fail('not broken'),
      )
      let at = 0
      for (const cut of [...cuts, stream.length]) {
        const chunk = Buffer.from(stream.subarray(at, at + cut))
        at += chunk.length
        read(chunk)
        chunk.fill(0xee)
      }
      expect(got.map(text)).toEqual(frames.map(text))
    }),
    { numRuns: tries(100) },
  )
})

it('LH3 a frame beyond the bound breaks the stream once, and nothing is read after it', () => {
  const { send, bytes } = createSink()
  send(1, 1, new Uint8Array(3))
  const good = bytes()
  const huge = Buffer.from(good)
  huge.writeUInt32LE(maxMessageBytes * 2, 0)
  let broken = 0
  const got: HostFrame[] = []
  const read = createFrameReader(
    (each) => got.push(each),
    () => broken++,
  )
  read(Buffer.concat([good, huge, good]))
  read(good)
  expect([got.length, broken]).toEqual([1, 1])
})

it('LH3 writing to a socket that is gone does nothing', () => {
  const { socket, send, bytes } = createSink()
  socket.destroyed = true
  send(1, 1, new Uint8Array(3))
  expect(bytes()).toHaveLength(0)
})
