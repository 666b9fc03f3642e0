/**
 * Sources of a page: it has no folder that an agent keeps, so it finds and places nothing, and reads
 * what was carried here as its agent's source on another device would.
 */
import { BatonError } from '@baton/shared/errors'
import { claudeCodeDescriber } from '../core/agents/claude-code.ts'
import type { Source } from '../core/ports/source.ts'

export function readingSources(): readonly Source[] {
  const decoder = new TextDecoder()
  const describe = claudeCodeDescriber((utf8) => decoder.decode(utf8))
  return [{ ...nothingHere, agent: 'claude-code', describe }]
}

const nothingHere: Omit<Source, 'agent' | 'describe'> = {
  roots: [],
  async *find() {},
  async *read() {},
  watch: () => () => {},
  live: async () => false,
  place: async () => {
    throw new BatonError('not-found', 'a page has no folder of an agent', {
      hint: 'it is kept for reading, and can be sent on to a device that has one',
    })
  },
}
