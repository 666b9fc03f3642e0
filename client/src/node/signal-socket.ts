/**
 * The `ws` package's WebSocket for the rendezvous client (rule RZ19): Node 20 has none of its own.
 * What a service may send at once is bounded before it is parsed.
 */
import { maxEventsChars } from '@baton/shared/limits'
import WebSocket from 'ws'
import type { OpenSocket } from '../rendezvous/socket.ts'

export const openSignalSocket: OpenSocket = (url, protocol) =>
  new WebSocket(url, protocol, {
    maxPayload: maxEventsChars,
    perMessageDeflate: false,
    followRedirects: false,
  })
