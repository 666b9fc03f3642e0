/**
 * What a recorded connection to the signaling service says, without the masks of WebSocket frames and
 * without HTTP header lines, which name programs and this machine and nothing of Baton's.
 */
import type { Recorder } from './recorder.ts'

/** First lines and bodies of both ways, and the payloads of all frames. */
export function overheard(recorder: Recorder): string {
  return recorder
    .connections()
    .flatMap(({ said, heard }) => [contentOf(said), contentOf(heard)])
    .join('\n')
}

/** Names of all header fields, in lower case. */
export function headersIn(recorder: Recorder): Set<string> {
  const names = new Set<string>()
  for (const { said, heard } of recorder.connections()) {
    for (const { lines } of [...messagesIn(said), ...messagesIn(heard)]) {
      for (const line of lines) names.add(line.slice(0, line.indexOf(':')).toLowerCase())
    }
  }
  return names
}

/** Everything in `text` that may be base64url of 12 bytes or more, decoded, as latin1. */
export const decodedRuns = (text: string): string =>
  [...text.matchAll(/[A-Za-z0-9_-]{16,}/g)]
    .map(([run]) => Buffer.from(run, 'base64url').toString('latin1'))
    .join('\n')

/** Ids, keys, tokens, nonces and blobs: what two listenings could be told apart or linked by. */
export const marksIn = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/[A-Za-z0-9_-]{16,}/g)]
      .map(([run]) => run)
      .filter((run) => /[0-9]/.test(run) || /[A-Z]/.test(run)),
  )

function contentOf(bytes: Buffer): string {
  return messagesIn(bytes)
    .map(
      ({ first, body, upgraded }) =>
        `${first}\n${upgraded ? framesIn(body) : body.toString('latin1')}`,
    )
    .join('\n')
}

interface Message {
  readonly first: string
  readonly lines: readonly string[]
  readonly body: Buffer
  readonly upgraded: boolean
}

function messagesIn(bytes: Buffer): Message[] {
  const messages: Message[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end < 0) throw new Error('no end of a head')
    const [first = '', ...lines] = bytes.subarray(at, end).toString('latin1').split('\r\n')
    const field = (name: string) =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim()
    if (field('transfer-encoding')) throw new Error('chunked: this reader does not know that')
    const upgraded = field('upgrade') !== undefined
    const from = end + 4
    const length = upgraded ? bytes.length - from : Number(field('content-length') ?? 0)
    messages.push({ first, lines, body: bytes.subarray(from, from + length), upgraded })
    at = from + length
  }
  return messages
}

/** RFC 6455, 5.2: payloads of whole frames, unmasked. */
function framesIn(bytes: Buffer): string {
  const payloads: string[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const second = bytes[at + 1] as number
    const short = second & 0x7f
    let from = at + 2
    let length = short
    if (short === 126) {
      length = bytes.readUInt16BE(from)
      from += 2
    } else if (short === 127) {
      length = Number(bytes.readBigUInt64BE(from))
      from += 8
    }
    const mask = second & 0x80 ? bytes.subarray(from, from + 4) : undefined
    if (mask) from += 4
    const payload = Buffer.from(bytes.subarray(from, from + length))
    if (mask)
      for (let i = 0; i < payload.length; i++)
        payload[i] = (payload[i] as number) ^ (mask[i & 3] as number)
    payloads.push(payload.toString('latin1'))
    at = from + length
  }
  return payloads.join('\n')
}
