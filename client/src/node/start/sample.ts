/** The bundled sample session: what the tour hands over instead of one of the person's own. */
import { fileURLToPath } from 'node:url'
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
