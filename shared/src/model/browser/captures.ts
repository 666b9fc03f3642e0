/**
 * What a site shows out of its captures and single keys (rules BW4 to BW8). A capture's value is
 *
 *   {items: [[key, value] | [key, value, ms, counter], ...], after: [ms, counter]}
 *
 * An item with a stamp was not captured: its author saw it there and brought it along, so that what a
 * partial capture does not name stays. Without one it counts as said when the capture was, and after
 * everything that its author had seen, whose clock may have been ahead.
 */
import { compareStamp, type Stamp, zeroStamp } from '../../clock/hlc.ts'
import { sameValue } from '../../conflict/held.ts'
import { candidates, type Register, type Write, winner } from '../../conflict/register.ts'
import { type OpenBlob, plain } from '../../conflict/view.ts'
import type { Value } from '../../encoding/msgpack.ts'
import type { Dep } from '../../log/entry.ts'
import { placesOf } from '../changes.ts'
import { type Held, pathKey } from '../document-entries.ts'
import { isMap, type Tally } from '../fields.ts'
import { type ItemKey, isItem } from './items.ts'

/** `value` undefined: it was deleted, which hides what said it earlier. */
export interface Item {
  readonly key: ItemKey
  readonly value: Value | undefined
  readonly at: Stamp
}

export type Items = ReadonlyMap<string, Item>

export interface OpenCapture {
  readonly write: Write
  readonly items: Items
}

export interface Site {
  readonly items: Items
  /** Captures that are not shown: of another login than the one that is. */
  readonly besides: readonly OpenCapture[]
  /** Captures whose blob is not here. */
  readonly missing: readonly Write[]
  /** Captures that were read; with `keys` what a new capture replaces. */
  readonly captures: readonly Dep[]
  readonly keys: readonly Dep[]
}

/** `told` is captured; `seen` is what the site showed, of which the rest is brought along. */
export function encodeItems(
  told: ReadonlyMap<string, Omit<Item, 'at'>>,
  seen: Items | undefined,
): Value {
  const list: Value[] = []
  let after: Stamp = zeroStamp
  for (const { at } of seen?.values() ?? []) if (compareStamp(at, after) > 0) after = at
  const along = [...(seen ?? [])].filter(([name]) => !told.has(name)).map(([, item]) => item)
  const items: readonly (Omit<Item, 'at'> & { readonly at?: Stamp })[] = [
    ...told.values(),
    ...along,
  ]
  for (const { key, value, at } of items) {
    if (value !== undefined) list.push([[...key], value, ...(at ? [at.ms, at.counter] : [])])
  }
  return { items: list, after: [after.ms, after.counter] }
}

function openCapture(site: string, write: Write, value: Value, tally: Tally): OpenCapture {
  const items = new Map<string, Item>()
  const { items: list, after } = isMap(value) ? value : { items: null, after: null }
  const own = laterOf(write.stamp, after)
  if (!Array.isArray(list)) tally.malformed += 1
  for (const each of Array.isArray(list) ? (list as readonly Value[]) : []) {
    const [key, held, ms, counter] = Array.isArray(each) ? (each as readonly Value[]) : []
    const at = ms === undefined ? own : { ms, counter }
    if (held === undefined || !isItem(site, key, held) || !isStamp(at)) tally.malformed += 1
    else items.set(pathKey(key), { key, value: held, at })
  }
  return { write, items }
}

/** What is no stamp is passed over: the capture's own is one. */
function laterOf(stamp: Stamp, after: Value | undefined): Stamp {
  const [ms, counter] = Array.isArray(after) ? (after as readonly Value[]) : []
  const seen = { ms, counter }
  if (!isStamp(seen) || compareStamp(seen, stamp) < 0) return stamp
  return { ms: seen.ms, counter: seen.counter + 1 }
}

const isStamp = (at: { ms: unknown; counter: unknown }): at is Stamp =>
  Number.isSafeInteger(at.ms) && Number.isSafeInteger(at.counter)

/** `keys`: the site's registers of single keys, by `pathKey` of the item's key. */
export function readSite(
  site: string,
  register: Register | undefined,
  keys: ReadonlyMap<string, { readonly key: ItemKey; readonly register: Register }>,
  open: OpenBlob | undefined,
  tally: Tally,
): Site {
  const opened: OpenCapture[] = []
  const missing: Write[] = []
  for (const write of register ? candidates(register) : []) {
    const { held } = write
    const value = held.at === 'blob' ? open?.(held.blob) : plain(held)
    if (value === undefined) missing.push(write)
    else opened.push(openCapture(site, write, value, tally))
  }
  const { taken, besides } = pick(opened)
  const items = new Map<string, Item>()
  for (const capture of taken) {
    for (const [name, item] of capture.items) {
      const own = keys.get(name)
      items.set(name, own ? resolve(site, item, capture.write, own.register, open) : item)
    }
  }
  for (const [name, { key, register: own }] of keys) {
    if (items.has(name)) continue
    const first = winner(own)
    const value = first && valueIn(first.held, open)
    if (first && isItem(site, key, value)) items.set(name, { key, value, at: first.stamp })
    else tally.malformed += 1
  }
  return {
    items,
    besides,
    missing,
    captures: opened.map(({ write: { log, seq, hash } }) => ({ log, seq, hash })),
    keys: [...keys.values()].flatMap(({ register: own }) => placesOf(own)),
  }
}

const valueIn = (held: Held, open: OpenBlob | undefined): Value | undefined =>
  held.at === 'blob' ? (open?.(held.blob) ?? plain(held)) : plain(held)

/**
 * Captures that can be shown together. Two that say different things of one key are never mixed: the
 * one whose word on it is later is taken whole.
 */
function pick(opened: readonly OpenCapture[]): {
  taken: readonly OpenCapture[]
  besides: readonly OpenCapture[]
} {
  let taken: OpenCapture[] = []
  for (const capture of opened) {
    const against = taken.filter((each) => clash(each, capture) !== 0)
    if (!against.every((each) => clash(each, capture) > 0)) continue
    taken = [...taken.filter((each) => !against.includes(each)), capture]
  }
  return { taken, besides: opened.filter((each) => !taken.includes(each)) }
}

/** 0 when they go together, negative when `a`, which is ahead as a capture, is to be shown. */
function clash(a: OpenCapture, b: OpenCapture): number {
  let last: { of: number; at: Stamp } | undefined
  for (const [name, item] of a.items) {
    const other = b.items.get(name)
    if (other === undefined || isSame(item, other)) continue
    const later = compareStamp(other.at, item.at)
    const at = later > 0 ? other.at : item.at
    if (!last || compareStamp(at, last.at) > 0) last = { of: later > 0 ? 1 : -1, at }
  }
  return last?.of ?? 0
}

/** The same word, brought along by both. */
const isSame = (a: Item, b: Item): boolean =>
  compareStamp(a.at, b.at) === 0 && sameValue(a.value ?? null, b.value ?? null)

/**
 * A key that a capture names and that was written by itself, too: the later word, and one that saw the
 * capture. A capture that saw the key is later by its `after`.
 */
function resolve(
  site: string,
  item: Item,
  capture: Write,
  own: Register,
  open: OpenBlob | undefined,
): Item {
  const first = winner(own)
  const value = first && valueIn(first.held, open)
  if (!first || !isItem(site, item.key, value)) return item
  const replaced = (own.covered.get(capture.log) ?? 0) >= capture.seq
  const later = compareStamp(first.stamp, item.at) >= 0
  return replaced || later ? { key: item.key, value, at: first.stamp } : item
}
