/** Writes a model's changes as a device of a document world, naming what it saw as they say. */
import { type Change, encodeChange, sawOf } from '@baton/shared/model/changes'
import type { createDocumentWorld } from './document-world.ts'

export type Writer = ReturnType<typeof createDocumentWorld>['writers']['alice']

export function apply(writer: Writer, changes: readonly Change[]): void {
  for (const change of changes) {
    const { kind, payload } = encodeChange(change, 0)
    writer.append(kind, payload, sawOf(writer.state, change))
  }
}

/** Until both hold the same. */
export function sync(a: Writer, b: Writer): void {
  a.pull(b)
  b.pull(a)
  a.pull(b)
}
