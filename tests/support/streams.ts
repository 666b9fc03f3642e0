/** A document in which alice writes a message bit by bit, and what a reader of its entries shows. */
import { flawOf, shownStream } from '@baton/shared/conflict/shown-stream'
import type { Streaming } from '@baton/shared/conflict/streams'
import { isPiece, parseStream } from '@baton/shared/model/stream-entries'
import { createDocumentWorld, deviceOf, type Placed } from './document-world.ts'
import { nodePrimitives } from './signer.ts'

const { sha256 } = nodePrimitives

/** A stream as a reader of these entries would show it. */
export function shown(state: Streaming, all: readonly Placed[], id = 'm', of = deviceOf('alice')) {
  const stream = shownStream(state, of, id)
  const texts = stream.parts.map((part) => {
    const { entry } = all.find(({ log, entry: e }) => log === part.log && e.seq === part.seq) ?? {}
    const said = entry && parseStream(entry.payload)
    return isPiece(said) ? said.text : '?'
  })
  const text = texts.join('')
  return { state: stream.state, text, flaw: flawOf(sha256, stream, text) }
}

export function begun() {
  const world = createDocumentWorld()
  const { alice } = world.writers
  alice.grant('bob')
  alice.grant('carol')
  alice.begin('m', undefined)
  return { ...world, ...world.writers }
}

export const pieces = ['Once ', 'upon 😀', ' a time'] as const
export const whole = pieces.join('')
export const bytesOf = (text: string) => new TextEncoder().encode(text).length

export function told(name: 'alice' | 'bob' = 'alice') {
  const world = begun()
  const writer = world[name]
  let offset = 0
  for (const text of pieces) {
    writer.piece('m', offset, text)
    offset += bytesOf(text)
  }
  return { ...world, offset }
}
