/** Two devices of ours with one document, in memory or on sealed disks. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Document } from '@baton/client/core/mesh-api'
import type { Deflate } from '@baton/client/core/ports/platform'
import { createDeflate } from '@baton/client/node/platform'
import { equalBytes } from '@baton/shared/bytes'
import { history } from '@baton/shared/conflict/conflicts'
import type { SessionId } from '@baton/shared/ids'
import { type Device, openDevice, primitivesFor } from './device.ts'
import { messages } from './messages.ts'
import { batches, changesOf, openOurStore } from './ours.ts'
import type { Meet, Replica } from './replica.ts'
import { createWire } from './wire.ts'

export interface OurWay {
  readonly store: 'memory' | 'sealed'
  readonly verify: boolean
  /** Runs of entries are deflated, as ever. */
  readonly deflate: boolean
  /** Each change is durable before the next one, or all are given at once and gather in commits. */
  readonly each: boolean
}

/** Makes nothing smaller, so that all goes as it is. */
const noDeflate: Deflate = { ...createDeflate(), deflate: async (bytes) => bytes }

export const ourMeet =
  (way: OurWay): Meet =>
  async ({ count, both }) => {
    const primitives = await primitivesFor(way.verify)
    const open = async (seed: number) => {
      const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
      const store = way.store === 'memory' ? createMemoryStore() : await openOurStore(folder, true)
      return openDevice({ store, primitives, seed, ...(way.deflate ? {} : { deflate: noDeflate }) })
    }
    const [here, there] = [await open(1), await open(2)]
    const document = await here.documents.create('agent', { title: 'bench' })
    await document.share(there.id, { write: true })
    for (const batch of batches(changesOf(messages(count)), 64)) await document.change(batch)
    const { session } = document
    const ends = {
      here: ourReplica(here, there, session, way.each),
      there: ourReplica(there, here, session, way.each),
      same: () => equalBytes(here.repository.frontier(session), there.repository.frontier(session)),
    }
    if (both) {
      const wire = createWire()
      await Promise.all([ends.here.join(wire.here), ends.there.join(wire.there)])
      await wire.flush(ends.same)
      wire.cut()
    }
    return ends
  }

function ourReplica(self: Device, peer: Device, session: SessionId, each: boolean): Replica {
  const { documents, repository } = self
  const ids = async () => history(await documents.state(session)).map(({ id }) => id)

  async function write(changing: Iterable<(document: Document) => Promise<unknown>>) {
    const document = await documents.open(session)
    const open: Promise<unknown>[] = []
    for (const change of changing) {
      const done = change(document)
      if (each) await done
      else open.push(done)
    }
    await Promise.all(open)
  }

  return {
    async say(list) {
      if (each) {
        return write(
          [...list].map(
            ({ id, role, text }) =>
              (document: Document) =>
                document.say({ role, text }, { id }),
          ),
        )
      }
      const last = (await ids()).at(-1)
      const changes = [...changesOf(list, last)]
      return write(changes.map((change) => (document: Document) => document.change([change])))
    },
    set: (writes) =>
      write(
        [...writes].map(
          ([field, value]) =>
            (document: Document) =>
              document.set(['fields', field], value),
        ),
      ),
    async ids() {
      await repository.flush()
      return ids()
    },
    async fields() {
      const document = await documents.open(session)
      const entries = await document.entries(['fields'])
      return Object.fromEntries(entries.map(([[, field], value]) => [field, value]))
    },
    join: (channel) => self.join(channel, peer.id),
  }
}
