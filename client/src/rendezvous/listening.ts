/**
 * Listening at one mailbox until closed (rules RZ9 to RZ12): prove the key, read, and begin again
 * when the service has forgotten. One that was replaced by a newer listener with the same key, which
 * only another process of this device can be, comes back after minutes: two must not fight.
 */
import { fromBase64url, toBase64url } from '@baton/shared/bytes'
import { listenChallenge } from '@baton/shared/protocol/rendezvous'
import type { Trace } from '../core/ports/platform.ts'
import type { Listening, ListenKey } from '../core/ports/rendezvous.ts'
import { decodeBlob } from './blob.ts'
import type { Calls } from './calls.ts'
import type { Pause } from './pause.ts'
import { readStream, type StreamOptions } from './stream.ts'

export interface ListeningOptions {
  readonly calls: Calls
  readonly pause: Pause
  readonly stream: Omit<StreamOptions, 'giveUpMs'>
  /** The service's name in the proof: the host that was dialled. */
  readonly host: string
  readonly trace: Trace
}

const replacedMs = 5 * 60_000
const refusedMs = 60_000
const closeMs = 2_000

export function createListening(
  key: ListenKey,
  handler: (blob: Uint8Array) => void,
  options: ListeningOptions,
): Listening & { closed(): Promise<void> } {
  const { calls, pause } = options
  const { stop } = options.stream
  let token: string | undefined
  let closing: Promise<unknown> = Promise.resolve()
  let isReady = () => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })

  /** A token, or how long to wait at least before the next try. */
  async function prove(): Promise<string | number> {
    const mailbox = toBase64url(key.mailbox)
    const challenged = await calls.call('challenge', { mailbox }, undefined, stop)
    if (challenged.at !== 'answered')
      return challenged.at === 'refused' ? (challenged.waitMs ?? 0) : 0
    const { nonce } = challenged.answer
    const challenge = listenChallenge(options.host, key.mailbox, fromBase64url(nonce))
    const request = {
      key: toBase64url(key.publicKey),
      nonce,
      signature: toBase64url(key.sign(challenge)),
    }
    const listening = await calls.call('listen', request, undefined, stop)
    if (listening.at === 'answered') return listening.answer.token
    if (listening.at === 'unreachable') return 0
    options.trace('rendezvous.listen-refused', { refusal: listening.refusal })
    return listening.refusal === 'refused' ? refusedMs : (listening.waitMs ?? 0)
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stop.done; ) {
      const proven = await prove()
      if (typeof proven === 'number') {
        await pause(failures++, proven)
        continue
      }
      failures = 0
      token = proven
      isReady()
      const stream = { ...options.stream, giveUpMs: undefined }
      const end = await readStream(token, stream, (event) => {
        const blob = event.kind === 'message' ? decodeBlob(event.blob) : undefined
        if (blob) handler(blob)
      })
      if (end !== 'stopped') token = undefined
      if (end === 'replaced') {
        options.trace('rendezvous.replaced')
        await pause(0, replacedMs)
      }
    }
  }

  void run()
  return {
    ready,
    close() {
      if (stop.done) return
      stop.stop()
      isReady()
      if (token !== undefined) closing = calls.call('close', { token }, closeMs)
    },
    async closed() {
      await closing
    },
  }
}
