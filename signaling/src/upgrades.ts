/**
 * What asks to leave HTTP on a connection (rule SV17). Node hands such a connection over for good:
 * without a listener for its errors, a timeout or an end of its own. The adapter answers what wants a
 * WebSocket and forgets everything else, so whatever became none is ended here.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocketServer } from 'ws'

type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void | Promise<void>

/** To be called once, behind the adapter, whose only listener for upgrades it runs. */
export function endRefusedUpgrades(server: Server, sockets: WebSocketServer): void {
  const adapters = server.listeners('upgrade') as OnUpgrade[]
  server.removeAllListeners('upgrade')
  const became = new WeakSet<IncomingMessage>()
  sockets.on('connection', (_socket, request: IncomingMessage) => became.add(request))
  server.on('upgrade', async (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // a connection that is reset must not take the process along
    socket.on('error', () => socket.destroy())
    for (const adapter of adapters) await adapter(request, socket, head)
    // nobody reads from it, so a client that keeps its half open would not be noticed
    if (!became.has(request)) socket.destroySoon()
  })
}
