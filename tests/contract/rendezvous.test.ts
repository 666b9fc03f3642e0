/** The Rendezvous contract against each implementation. */
import { createMemorySignaling } from '../support/memory-rendezvous.ts'
import { startSignaling } from '../support/signaling.ts'
import { rendezvousContract } from './rendezvous.ts'

rendezvousContract('memory', async () => {
  const signaling = createMemorySignaling()
  return {
    client: signaling.client,
    restart: async () => signaling.restart(),
    close: async () => {},
  }
})

rendezvousContract('service, WebSocket', () => startSignaling())

rendezvousContract('service, long poll', async () => {
  const service = await startSignaling()
  // without a WebSocket there is only the poll
  return { ...service, client: () => service.client({ socket: undefined }) }
})
