/**
 * What a device really holds: reads a peer's store from disk, without the peer, and gives back the
 * bytes of every carried file. The peer must be gone: a store has one owner.
 */

import { join } from 'node:path'
import { createCuts } from '@baton/client/core/repo/cuts'
import { openRepository } from '@baton/client/core/repo/repository'
import { createTranscripts } from '@baton/client/core/sessions/transcripts'
import { viewFor } from '@baton/client/core/sessions/views'
import { openKeyring } from '@baton/client/node/keyring'
import {
  createClock,
  createDeflate,
  createPrimitives,
  createRandom,
} from '@baton/client/node/platform'
import { openSealing } from '@baton/client/node/sealing'
import { openNodeStore } from '@baton/client/node/store'
import type { SessionId } from '@baton/shared/ids'
import { batonFolder } from './peer-process.ts'

export interface HeldFile {
  readonly file: string
  readonly kind: 'records' | 'whole'
  /** Lines with their newlines, or the whole file. */
  readonly bytes: Buffer
  readonly lines: readonly Uint8Array[]
}

export interface HeldSession {
  readonly session: SessionId
  readonly agentSession: string
  readonly files: ReadonlyMap<string, HeldFile>
  readonly hidden: number
}

/** Every transcript that the device in `folder` holds, by its agent's id, as its author shows it. */
export async function readHeld(folder: string): Promise<Map<string, HeldSession>> {
  const random = createRandom()
  const primitives = await createPrimitives()
  const keyring = await openKeyring(join(batonFolder(folder), 'keys'), random)
  const store = await openNodeStore(join(batonFolder(folder), 'store'), (exists) =>
    openSealing(keyring, random, exists),
  )
  try {
    const ports = {
      store,
      primitives,
      keyring,
      clock: createClock(),
      random,
      deflate: createDeflate(),
    }
    const repository = await openRepository(ports)
    const transcripts = createTranscripts(repository, createCuts(), store, primitives)
    const held = new Map<string, HeldSession>()
    for (const session of repository.sessions()) {
      const state = await transcripts.state(session)
      if (!state.descriptor || !state.author) continue
      const view = viewFor(state, primitives.sha256, state.author)
      const files = new Map<string, HeldFile>()
      for (const [file, history] of view.files) {
        const lines: Uint8Array[] = []
        const chunks: Uint8Array[] = []
        if (history.kind === 'records') {
          for await (const bunch of transcripts.lines(history)) {
            lines.push(...bunch)
            for (const line of bunch) chunks.push(line, newline)
          }
        } else for await (const bunch of transcripts.chunks(history)) chunks.push(...bunch)
        files.set(file, { file, kind: history.kind, bytes: Buffer.concat(chunks), lines })
      }
      const { agentSession } = state.descriptor
      held.set(agentSession, { session, agentSession, files, hidden: state.hidden.length })
    }
    return held
  } finally {
    await store.close()
  }
}

const newline = new Uint8Array([10])
