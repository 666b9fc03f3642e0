/**
 * A home as one version of Baton left it, and what it says when it is read: `node
 * node_modules/.cache/tests/support/old-home.js tests/homes/<version>` writes one, once for a version
 * that is released; later versions are held against it.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { openKeyring } from '@baton/client/node/keyring'
import {
  createClock,
  createDeflate,
  createPrimitives,
  createRandom,
} from '@baton/client/node/platform'
import { openSealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import { openBarePeer } from '@baton/client/testing/peer'
import type { SessionId } from '@baton/shared/ids'

const storeFile = 'store.mdb.gz'

/** Runs `use` with the device whose keys and store stand in `folder`. */
async function withPeer<T>(
  folder: string,
  use: (peer: Awaited<ReturnType<typeof openBarePeer>>) => Promise<T>,
): Promise<T> {
  const random = createRandom()
  const keyring = await openKeyring(join(folder, 'keys'), random)
  const store = await openNodeStore(join(folder, 'store'), (exists) =>
    openSealing(keyring, random, exists),
  )
  try {
    const primitives = await createPrimitives()
    const ports = { clock: createClock(), deflate: createDeflate(), primitives }
    const peer = await openBarePeer({ store, keyring, random, ...ports })
    const result = await use(peer)
    await peer.documents.close()
    await store.flush()
    return result
  } finally {
    await store.close()
  }
}

/** Everything that the documents of a home say. */
export const readHome = (folder: string) =>
  withPeer(folder, async ({ self, repository, documents }) => {
    const sessions: Record<string, unknown> = {}
    for (const session of [...repository.sessions()].sort()) {
      const document = await documents.open(session as SessionId)
      const messages = (await document.history()).map(({ id, parent, value, redacted }) => [
        ...[id, parent ?? null, redacted ?? false],
        typeof value === 'string' && value.length > 100 ? value.length : value,
      ])
      sessions[session] = {
        digest: await document.digest(),
        fields: await document.entries(),
        messages: messages.length,
        sha256: createHash('sha256').update(JSON.stringify(messages)).digest('hex'),
        last: messages.slice(-4),
        conflicts: await document.conflicts(),
      }
    }
    return JSON.parse(JSON.stringify({ self, sessions })) as unknown
  })

/** A copy of a home that was kept, as it stood on a disk. */
export function unpackHome(kept: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-home-'))
  cpSync(join(kept, 'keys'), join(folder, 'keys'), { recursive: true })
  chmodSync(join(folder, 'keys'), 0o700)
  for (const name of JSON.parse(readFileSync(join(kept, 'keys.json'), 'utf8')) as string[]) {
    chmodSync(join(folder, 'keys', name), 0o600)
  }
  mkdirSync(join(folder, 'store'), { mode: 0o700 })
  const bytes = gunzipSync(readFileSync(join(kept, storeFile)))
  writeFileSync(join(folder, 'store', 'store.mdb'), bytes, { mode: 0o600 })
  return folder
}

async function writeHome(out: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-home-'))
  await withPeer(folder, async ({ documents }) => {
    const agent = await documents.create('agent', { title: 'an agent' })
    await agent.set(['config', 'model'], { name: 'opus', effort: 3 })
    await agent.set(['config', '__proto__'], 'only a name')
    await agent.delete(['config', 'model'])
    // Enough that the fold is kept, too.
    await agent.change(
      Array.from({ length: 1200 }, (_, i) => ({
        ...{ kind: 'message' as const, id: `m${i}`, consumes: undefined },
        parent: i === 0 ? undefined : `m${i - 1}`,
        held: { at: 'value' as const, value: { role: 'user', content: `message ${i}` } },
      })),
    )
    const secret = await agent.say('said by mistake')
    await agent.say('x'.repeat(40_000))
    await agent.retract(secret)
    const held = { at: 'value', value: { status: 'ok' } } as const
    await agent.change([
      { kind: 'tool', call: 'call 1', status: 'ok', held },
      { kind: 'row', collection: 'tabs', key: '1', held },
      { kind: 'inbox', id: 'input 1', held },
      { kind: 'capture', origin: 'https://example.org', held },
    ])
    const plan = await documents.create('federation', { title: 'a plan' })
    await plan.set(['tasks', 'one', 'status'], 'in_progress')
  })
  const said = await readHome(folder)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  cpSync(join(folder, 'keys'), join(out, 'keys'), { recursive: true })
  writeFileSync(join(out, 'keys.json'), JSON.stringify(readdirSync(join(folder, 'keys'))))
  const bytes = readFileSync(join(folder, 'store', 'store.mdb'))
  writeFileSync(join(out, storeFile), gzipSync(bytes, { level: 9 }))
  writeFileSync(join(out, 'said.json'), `${JSON.stringify(said, null, 1)}\n`)
  rmSync(folder, { recursive: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeHome(process.argv[2] as string)
