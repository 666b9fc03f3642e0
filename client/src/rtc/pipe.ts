/**
 * FramePipe over two open data channels. Rules RT13, RT14, RT18: no message larger than both ends take
 * ever reaches the native send, which answers some by closing the channel, and messages that come
 * before the handler wait for it. It knows neither signals nor how the channels were opened.
 */

import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import type { ChannelFacts, Fingerprints } from '../core/ports/channel.ts'
import type { FramePipe, PipeLane } from '../core/ports/pipe.ts'

/** What every engine takes in one message; a peer may announce less (RFC 8841). */
export const nativeMaxMessageBytes = 262_144
const browserGateBytes = 128 * 1024
/**
 * Where nothing tells of room each look at `bufferedAmount` stops this thread for the library's own,
 * and it stays 0 until 2 MB are queued: this much more between two looks changes nothing.
 */
const unseenBytes = 64 * 1024
/** A peer that has not proven its key may send 4 KiB; more than this early is no peer of ours. */
const maxEarlyBytes = 256 * 1024

export interface OpenPipe {
  readonly pipe: FramePipe
  /** The channels are gone: tells the link once and lets nothing more through. */
  ended(reason: string): void
}

export interface PipeParts {
  readonly fingerprints: Fingerprints
  readonly maxMessageBytes: number
  path(): ChannelFacts['path']
  restart(): void
  /** Closes the connection; `ended` follows. */
  close(reason: string): void
}

/**
 * Takes the channels' events over in the tick they were made, so that nothing is lost; `finish`
 * hands the pipe over once both are open.
 */
export function adoptChannels(
  channels: readonly [RTCDataChannel, RTCDataChannel],
  onOpen: () => void,
  refuse: (reason: string) => void,
) {
  let early: [PipeLane, Bytes][] = []
  let earlyBytes = 0
  let onMessage: ((lane: PipeLane, message: Bytes) => void) | undefined
  let onDrain = () => {}
  let onClose: ((reason: string) => void) | undefined
  let end: string | undefined

  const arrive = (lane: PipeLane, data: unknown): void => {
    if (end !== undefined) return
    if (!(data instanceof ArrayBuffer)) {
      refuse('text where bytes belong')
      return
    }
    const message = new Uint8Array(data)
    if (onMessage) {
      onMessage(lane, message)
      return
    }
    earlyBytes += message.length
    if (earlyBytes > maxEarlyBytes || early.length >= 64) refuse('too much too early')
    else early.push([lane, message])
  }
  const isOpen = () => channels.every(({ readyState }) => readyState === 'open')
  for (const [index, channel] of channels.entries()) {
    channel.binaryType = 'arraybuffer'
    channel.onmessage = (event) => arrive(index as PipeLane, event.data)
    channel.onopen = () => {
      if (isOpen()) onOpen()
    }
    channel.onbufferedamountlow = () => onDrain()
    if (typeof channel.bufferedAmountLowThreshold === 'number') {
      channel.bufferedAmountLowThreshold = browserGateBytes / 2
    }
  }

  function finish(parts: PipeParts): OpenPipe {
    const gate =
      typeof channels[0].bufferedAmountLowThreshold === 'number' ? browserGateBytes : 'empty'
    /** Bytes since a look found nothing buffered. */
    const unseen = [unseenBytes, unseenBytes]
    const pipe: FramePipe = {
      fingerprints: parts.fingerprints,
      maxMessageBytes: parts.maxMessageBytes,
      gate,
      buffered(lane) {
        if (gate === 'empty' && (unseen[lane] ?? 0) < unseenBytes) return 0
        const bytes = channels[lane].bufferedAmount
        if (bytes === 0) unseen[lane] = 0
        return bytes
      },
      send(lane, message) {
        const channel = channels[lane]
        if (end !== undefined || channel.readyState !== 'open') throw closed()
        if (message.length > parts.maxMessageBytes) {
          throw new BatonError('too-large', `failed to send: ${message.length} bytes in one frame`)
        }
        unseen[lane] = (unseen[lane] ?? 0) + message.length
        try {
          channel.send(message as Uint8Array<ArrayBuffer>)
        } catch (cause) {
          throw channel.readyState === 'open'
            ? new BatonError('link-limit', 'failed to send: the queue is full', { cause })
            : closed(cause)
        }
      },
      onMessage(handler) {
        onMessage = handler
        const waiting = early
        early = []
        for (const [lane, message] of waiting) if (end === undefined) handler(lane, message)
      },
      onDrain(handler) {
        onDrain = handler
      },
      onClose(handler) {
        if (end === undefined) onClose = handler
        else handler(end)
      },
      path: parts.path,
      restart: parts.restart,
      close: () => parts.close('closed here'),
    }
    return { pipe, ended }
  }

  function ended(reason: string): void {
    if (end !== undefined) return
    end = reason
    early = []
    onClose?.(reason)
  }

  return { isOpen, finish, ended }
}

const closed = (cause?: unknown) =>
  new BatonError('link-closed', 'failed to send: the connection is closed', { cause })
