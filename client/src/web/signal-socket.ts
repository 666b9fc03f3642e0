/**
 * The browser's WebSocket for the rendezvous client (rule RZ19). One that is given up while it opens is
 * closed when it has: a browser tells anything else on its console as a failure.
 */
import type { OpenSocket } from '../rendezvous/socket.ts'

export const openSignalSocket: OpenSocket = (url, protocol) => {
  const socket = new WebSocket(url, protocol)
  let over = false
  return {
    addEventListener: socket.addEventListener.bind(socket),
    send(text) {
      // Its reader went on without it: it must not take that one's place.
      if (!over) socket.send(text)
    },
    close() {
      over = true
      if (socket.readyState !== WebSocket.CONNECTING) socket.close()
      else socket.addEventListener('open', () => socket.close())
    },
  }
}
