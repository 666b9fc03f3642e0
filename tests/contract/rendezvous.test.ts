/** The Rendezvous contract against each implementation. */
import { createMemorySignaling } from '../support/memory-rendezvous.ts'
import { rendezvousContract } from './rendezvous.ts'

rendezvousContract('memory', async () => {
  const signaling = createMemorySignaling()
  return {
    client: signaling.client,
    restart: async () => signaling.restart(),
    close: async () => {},
  }
})
