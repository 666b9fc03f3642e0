/** The process of tests/support/peer-process.ts. */
import { servePeer } from '../support/serve-peer.ts'

await servePeer()
