/** What the rows of the page run between: a served page, a Chromium, and headless peers of its service. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { launchChromium, openPage, servePage } from '../../support/chromium.ts'
import { type PeerProcess, startPeer } from '../../support/peer-process.ts'

const child = fileURLToPath(new URL('../peer.js', import.meta.url))

/** `folder`: of the bundled page. */
export async function openBench(folder: string) {
  const root = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  const served = await servePage(folder)
  const browser = await launchChromium({ loopback: true })
  const peers: PeerProcess[] = []
  return {
    /** A headless peer; `write` puts sessions where its agent would have them. */
    async peer(name: string, write: (at: string) => void = () => {}): Promise<PeerProcess> {
      mkdirSync(join(root, name))
      write(join(root, name))
      const setup = { folder: join(root, name), signaling: served.url, name }
      const peer = await startPeer(child, setup)
      peers.push(peer)
      return peer
    },
    /** A profile of its own, and so a device of its own. */
    async open(): Promise<Page> {
      return (await openPage(browser, served.url)).page
    },
    async close() {
      await browser.close()
      await Promise.all(peers.map((peer) => peer.stop()))
      await served.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
