/**
 * The tour's second device, a process of its own (rule UP5): it joins by the code it reads from stdin,
 * takes what is sent to it, and goes with its whole home when stdin closes. One JSON event a line.
 */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findPlaces } from '../paths.ts'
import { openPeer } from '../peer.ts'

/** `root` is a temporary folder of its own; the tour made it. */
export async function runGuest(root: string, signaling: string): Promise<void> {
  const env = { BATON_HOME: join(root, 'baton'), CLAUDE_CONFIG_DIR: join(root, 'claude') }
  const where = { platform: process.platform, env, home: root, temp: tmpdir(), cwd: root }
  const say = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`)
  // Ctrl-C reaches the whole group; the tour ends this process in order.
  process.on('SIGINT', () => undefined)
  process.stdout.on('error', () => undefined)
  try {
    const peer = await openPeer({
      places: findPlaces(where),
      signaling,
      ice: { servers: [], policy: 'auto' },
      name: 'tour-guest',
      home: root,
      env,
    })
    try {
      say({ at: 'ready', pid: process.pid, device: peer.mesh.self })
      const lines = createInterface({ input: process.stdin })
      for await (const line of lines) {
        const { events } = peer.mesh.join(line, { confirm: false })
        for await (const event of events) say(event)
      }
    } finally {
      await peer.close()
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const [root, signaling] = process.argv.slice(2)
if (root !== undefined && signaling !== undefined) {
  await runGuest(root, signaling).catch(() => {
    process.exitCode = 1
  })
  process.exit()
}
