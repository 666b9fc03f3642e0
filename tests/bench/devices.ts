/** Two devices as processes of their own for a benchmark, and sessions for them to carry. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSignaling } from '@baton/signaling/signaling'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { openLineFile } from '../support/corpus/transcript.ts'
import { agentFolder, type PeerProcess, startPeer } from '../support/peer-process.ts'
import { realData } from '../support/real-data.ts'

/** `recorded`: real sessions, over and over; `text`: the corpus; `random`: nothing makes it smaller. */
export type Content = 'text' | 'random' | 'recorded'

/** Real transcripts where there are some. */
export const transcripts: Content = realData === undefined ? 'text' : 'recorded'

export interface Devices {
  readonly alice: PeerProcess
  readonly bob: PeerProcess
  readonly folder: (name: string) => string
  readonly project: string
  close(): Promise<void>
}

const child = fileURLToPath(new URL('./peer.js', import.meta.url))

/** Devices of these names, not yet paired; `script`: what each process runs. */
export async function openPeers(
  names: readonly string[],
  { script = child, argv = [] as readonly string[], prepare = (_root: string) => {} } = {},
) {
  const root = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  for (const name of names) mkdirSync(join(root, name))
  prepare(root)
  const service = createSignaling()
  const { url: signaling } = await service.listen()
  const start = (name: string) =>
    startPeer(script, { folder: join(root, name), signaling, name, argv })
  const peers = await Promise.all(names.map(start))
  return {
    root,
    peers,
    async close() {
      await Promise.all(peers.map((peer) => peer.stop()))
      await service.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Two devices, not yet paired. */
export async function openDevices(
  prepare: (folder: string) => void = () => {},
  argv: readonly string[] = [],
): Promise<Devices> {
  const { root, peers, close } = await openPeers(['alice', 'bob'], {
    argv,
    prepare(at) {
      mkdirSync(join(at, 'project'))
      prepare(join(at, 'alice'))
    },
  })
  const [alice, bob] = peers as [PeerProcess, PeerProcess]
  return { alice, bob, folder: (name) => join(root, name), project: join(root, 'project'), close }
}

/** Writes one session of about that size and gives its id. */
export function writeSession(folder: string, content: Content, bytes: number): string {
  if (content === 'text') {
    const { sessions } = writeCorpus(folder, { seed: 9, sessions: 1, bytes, plain: true })
    return sessions[0]?.id ?? ''
  }
  const id = '5f0c1de0-7f1d-4d8b-9c57-0a1b2c3d4e5f'
  const project = join(agentFolder(folder), 'projects', '-work')
  mkdirSync(project, { recursive: true })
  const out = openLineFile(join(project, `${id}.jsonl`))
  const lines = content === 'random' ? noise() : recordedLines()
  while (out.bytes() < bytes) out.raw(lines.next().value)
  out.close()
  return id
}

/** Lines of 24 KiB that nothing makes smaller. */
function* noise(): Generator<Uint8Array, never> {
  yield Buffer.from(`${JSON.stringify({ type: 'user', uuid: '1', cwd: '/work', message: {} })}\n`)
  for (;;) {
    const line = randomBytes(24 * 1024)
    for (let i = 0; i < line.length; i++) if (line[i] === 10) line[i] = 11
    line[line.length - 1] = 10
    yield line
  }
}

/** Every line of the recorded sessions, over and over. */
function* recordedLines(): Generator<Uint8Array, never> {
  const folder = join(realData ?? '', 'claude')
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  files.sort((a, b) => statSync(join(folder, b)).size - statSync(join(folder, a)).size)
  const all = files.map((name) => readFileSync(join(folder, name)))
  for (;;) {
    for (const bytes of all) {
      for (let at = 0; at < bytes.length; ) {
        const end = bytes.indexOf(10, at) + 1
        if (end === 0) break
        yield bytes.subarray(at, end)
        at = end
      }
    }
  }
}
