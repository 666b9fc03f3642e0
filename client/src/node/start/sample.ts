/** The bundled sample session: what is handed over where nobody chose one of the person's own. */
import { fileURLToPath } from 'node:url'
import type { DeviceRow } from '../../core/mesh-api.ts'
import type { Daemon } from '../daemon.ts'
import type { SourcePorts } from '../peer.ts'
import { createClaudeCodeSource } from '../sources/claude-code/source.ts'

export const sampleSession = '7d1c0c2e-51a7-4e0f-9b6d-3f2a8c5e9b10'

/** Ships with the package, beside dist. */
export const sampleFolder = (): string => fileURLToPath(new URL('../../../sample', import.meta.url))

export const sampleSources = (ports: SourcePorts) => [
  createClaudeCodeSource({ ...ports, configDir: sampleFolder() }),
]

export const isSample = ({ agentSession }: { readonly agentSession: string }): boolean =>
  agentSession === sampleSession

/** By its own word, which is enough for something to read. */
export const isPage = ({ platform }: Pick<DeviceRow, 'platform'>): boolean =>
  platform.endsWith(', page')

/** A page that has just come has nothing to show yet (rule UP11). Never rejects. */
export async function offerSample({ mesh }: Daemon, { id }: DeviceRow): Promise<void> {
  const task = mesh.send(sampleSession, { to: id, maps: [], carryOnly: true })
  // Where the sample is gone, or the page went away, there is nothing to tell.
  for await (const _event of task.events) if (_event.at === 'failed') return
}
