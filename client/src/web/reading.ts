/**
 * Sources of a page: it has no folder that an agent keeps, so it finds and places nothing, and reads
 * what was carried here as its agent's source on another device would.
 */
import type { Bytes } from '@baton/shared/bytes'
import { BatonError } from '@baton/shared/errors'
import { claudeCodeDescriber } from '../core/agents/claude-code.ts'
import type { Source } from '../core/ports/source.ts'

export function readingSources(): readonly Source[] {
  const describe = claudeCodeDescriber(createDecode())
  return [{ ...nothingHere, agent: 'claude-code', describe }]
}

/**
 * A browser keeps an object for each array that its decoder was ever given, and takes up to 70 ms to
 * clear away those of a long session: so it is given the same few again, filled up with spaces.
 */
function createDecode(): (utf8: Bytes) => string {
  const decoder = new TextDecoder()
  const arrays = new Map<number, Uint8Array>()
  return (utf8) => {
    if (utf8.length > maxKeptBytes) return decoder.decode(utf8)
    const size = 2 ** Math.ceil(Math.log2(Math.max(64, utf8.length)))
    const array = arrays.get(size) ?? new Uint8Array(size)
    arrays.set(size, array)
    array.set(utf8)
    array.fill(0x20, utf8.length)
    const text = decoder.decode(array)
    return text.slice(0, text.length - (size - utf8.length))
  }
}

const maxKeptBytes = 64 * 1024

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
