/** A peer that is no link: it writes frames by hand, so that it can break every rule. */
import type { FramePipe, PipeLane } from '@baton/client/core/ports/pipe'
import type { Bytes } from '@baton/shared/bytes'
import {
  decodeFrame,
  encodeData,
  encodeLinkFrame,
  type Frame,
  type FrameLane,
  type LinkFrame,
} from '@baton/shared/encoding/frame'

export interface RawPeer {
  /** What the link sent, decoded. */
  readonly heard: Frame[]
  /** `message[from..to)` as the next frame of its pipe lane, or as frame `seq`. */
  data(lane: FrameLane, message: Bytes, part?: { from?: number; to?: number; seq?: number }): void
  signal(frame: LinkFrame): void
  raw(lane: PipeLane, bytes: Bytes): void
  /** Grants the link plenty on every lane, as an admission does. */
  admit(): void
}

export function createRawPeer(pipe: FramePipe): RawPeer {
  const seqs = [0, 0]
  const heard: Frame[] = []
  const out = new Uint8Array(1_100_000)
  const next = (lane: PipeLane): number => {
    const seq = seqs[lane] as number
    seqs[lane] = seq + 1
    return seq
  }
  pipe.onMessage((_lane, bytes) => {
    const frame = decodeFrame(bytes)
    if (frame !== undefined) heard.push(frame)
  })
  const signal = (frame: LinkFrame) =>
    pipe.send(0, out.subarray(0, encodeLinkFrame(out, next(0), frame)))

  return {
    heard,
    data(lane, message, { from = 0, to = message.length, seq } = {}) {
      const pipeLane = lane === 2 ? 1 : 0
      const number = seq ?? next(pipeLane)
      pipe.send(pipeLane, out.subarray(0, encodeData(out, number, lane, message, from, to)))
    },
    signal,
    raw: (lane, bytes) => pipe.send(lane, bytes),
    admit() {
      for (const lane of [0, 1, 2] as const) {
        signal({ kind: 'credit', lane, consumed: 0, window: 262_144 })
      }
    },
  }
}
