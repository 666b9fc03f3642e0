/**
 * A folded document as something to read (rules VW1 to VW4): what its registers show, nested by their
 * paths, and its rows, united over devices. One pass over each; names stay keys of maps, so that none
 * of them can mean anything. It knows no field and no collection: those are the models' (model/).
 */

import type { Bytes } from '../bytes.ts'
import type { Stamp } from '../clock/hlc.ts'
import type { Value } from '../encoding/msgpack.ts'
import type { DeviceId } from '../ids.ts'
import type { Held, Path } from '../model/document-entries.ts'
import { shownOf } from './conflicts.ts'
import type { DocumentState, Field } from './document.ts'
import { candidates, compareWrites, type Write } from './register.ts'

/** A place in the document: what stands there, and what below. */
export interface Node {
  /** Undefined where only deeper registers were written. */
  readonly held: Held | undefined
  readonly below: ReadonlyMap<string, Node>
}

/** A device's own row. */
export interface SeenRow {
  readonly key: string
  readonly device: DeviceId
  readonly stamp: Stamp
  readonly value: Value
}

export interface View {
  readonly root: Node
  /** By collection, then key: every device's last word, the latest first; deletions too. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, readonly Write[]>>
}

interface Growing {
  held: Held | undefined
  readonly below: Map<string, Growing>
}

const grow = (): Growing => ({ held: undefined, below: new Map() })

/** What a blob holds, by its SHA-256; undefined while it is not here. */
export type OpenBlob = (blob: Bytes) => Value | undefined

/** Without `open`, and where it has nothing, a blob stays one. */
export function viewOf(state: DocumentState, open?: OpenBlob): View {
  const opened = (held: Held): Held => {
    const value = held.at === 'blob' ? open?.(held.blob) : undefined
    return value === undefined ? held : { at: 'value', value }
  }
  const root = grow()
  for (const field of sorted(state.fields)) {
    let node = root
    for (const segment of field.path) {
      const known = node.below.get(segment)
      const next = known ?? grow()
      if (!known) node.below.set(segment, next)
      node = next
    }
    node.held = opened(shown(state, field))
  }
  const rows = new Map<string, Map<string, readonly Write[]>>()
  for (const { collection, key, writes } of sorted(state.rows)) {
    const known = rows.get(collection)
    const within = known ?? new Map<string, readonly Write[]>()
    if (!known) rows.set(collection, within)
    const latestFirst = [...writes.values()].sort(compareWrites)
    within.set(
      key,
      latestFirst.map((write) => ({ ...write, held: opened(write.held) })),
    )
  }
  return { root, rows }
}

/** Of everything that could be shown, for a caller that reads blobs before it makes a view. */
export function blobsOf(state: DocumentState): readonly Bytes[] {
  const held: Held[] = []
  for (const { register } of state.fields.values()) held.push(...register.live.map(heldIn))
  for (const register of state.captures.values()) held.push(...register.live.map(heldIn))
  for (const { writes } of state.rows.values()) held.push(...[...writes.values()].map(heldIn))
  return held.flatMap((each) => (each.at === 'blob' ? [each.blob] : []))
}

const heldIn = ({ held }: Write): Held => held

/** Only what several devices wrote beside each other needs its policy, which costs. */
const shown = (state: DocumentState, field: Field): Held => {
  const all = candidates(field.register)
  return all.length === 1 && all[0] ? all[0].held : shownOf(state, field)
}

/** By name, so that a reading does not tell what came first. */
const sorted = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)

export function nodeAt(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root
  for (const segment of path) node = node?.below.get(segment)
  return node
}

/** Undefined for nothing or a deletion; a blob as {blob, bytes}: its SHA-256 and its size. */
export function plain(held: Held | undefined): Value | undefined {
  if (held === undefined || held.at === 'absent') return undefined
  return held.at === 'value' ? held.value : { blob: held.blob, bytes: held.bytes }
}

export const valueAt = (root: Node, path: Path): Value | undefined =>
  plain(nodeAt(root, path)?.held)

/** What stands directly below a path, by its last segment. */
export function valuesBelow(root: Node, path: Path): Map<string, Value> {
  const out = new Map<string, Value>()
  for (const [name, { held }] of nodeAt(root, path)?.below ?? []) {
    const value = plain(held)
    if (value !== undefined) out.set(name, value)
  }
  return out
}

/** One row of each key: the latest word of any device, gone when that is a deletion. */
export function unitedRows(view: View, collection: string): readonly SeenRow[] {
  const out: SeenRow[] = []
  for (const [key, [latest]] of view.rows.get(collection) ?? []) {
    const row = latest && seenRow(key, latest)
    if (row) out.push(row)
  }
  return out
}

/** Every device's own row of each key: for what exists once on each device. */
export function ownRows(view: View, collection: string): readonly SeenRow[] {
  const out: SeenRow[] = []
  for (const [key, writes] of view.rows.get(collection) ?? []) {
    for (const write of writes) {
      const row = seenRow(key, write)
      if (row) out.push(row)
    }
  }
  return out
}

function seenRow(key: string, { device, stamp, held }: Write): SeenRow | undefined {
  const value = plain(held)
  return value === undefined ? undefined : { key, device, stamp, value }
}
