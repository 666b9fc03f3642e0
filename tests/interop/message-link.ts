/**
 * Messages of any size up to 64 MiB over a bound channel: the first says who is there, the others go
 * in parts of 256 KiB, all on one lane, so that they keep their order.
 */
import type { Channel } from '@baton/client/core/ports/channel'
import { type Bytes, concat } from '@baton/shared/bytes'
import { decode, encode, type Value } from '@baton/shared/encoding/msgpack'
import { BatonError } from '@baton/shared/errors'
import { maxContentBytes } from '@baton/shared/limits'

const partBytes = 256 * 1024
const more = Uint8Array.of(0)
const last = Uint8Array.of(1)

export interface MessageLink {
  /** In the order said; what cannot go any more is dropped. */
  say(message: Value): void
}

export function createMessageLink(channel: Channel, heard: (message: Value) => void): MessageLink {
  let parts: Bytes[] = []
  let size = 0
  let going: Promise<void> = Promise.resolve()

  channel.receive((_lane, part) => {
    size += part.length
    if (size > maxContentBytes) throw new BatonError('too-large', 'a message without end')
    parts.push(part.subarray(1))
    if (part[0] === more[0]) return
    const whole = concat(...parts)
    parts = []
    size = 0
    heard(decode(whole, { maxBytes: maxContentBytes }))
  })

  async function send(bytes: Bytes): Promise<void> {
    for (let at = 0; at === 0 || at < bytes.length; at += partBytes) {
      const part = bytes.subarray(at, at + partBytes)
      await channel.send('live', concat(at + partBytes < bytes.length ? more : last, part))
    }
  }

  return {
    say(message) {
      const bytes = encode(message)
      going = going.then(() => send(bytes)).catch(() => undefined)
    },
  }
}
