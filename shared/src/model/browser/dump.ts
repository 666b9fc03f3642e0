/**
 * What a browser told about its cookies and storage at one moment (rule BW10): the storage state that
 * automation tools write, with session storage and with storage as plain maps accepted too. Sorted by
 * site; what does not fit is left out and counted.
 */

import type { Value } from '../../encoding/msgpack.ts'
import { pathKey } from '../document-entries.ts'
import { isCarried, isMap, readMap, type Tally } from '../fields.ts'
import {
  type Area,
  cookieHost,
  cookieKey,
  cookieShape,
  cookieValue,
  type ItemKey,
  isItem,
  storageKey,
} from './items.ts'
import { hostOf, type SiteOf } from './site.ts'

export interface Told {
  readonly key: ItemKey
  readonly value: Value
}

export type ToldOfSites = ReadonlyMap<string, ReadonlyMap<string, Told>>

/** `dump`: {cookies: [...], origins: [{origin, localStorage, sessionStorage, indexedDB}]}. */
export function readDump(dump: unknown, siteOf: SiteOf, tally: Tally): ToldOfSites {
  const sites = new Map<string, Map<string, Told>>()
  const tell = (host: string, key: ItemKey, value: Value): void => {
    const site = siteOf(host)
    if (!key.every((part) => isCarried(part)) || !isCarried(value) || !isItem(site, key, value)) {
      tally.malformed += 1
      return
    }
    const known = sites.get(site)
    const told = known ?? new Map<string, Told>()
    if (!known) sites.set(site, told)
    told.set(pathKey(key), { key, value })
  }
  const { cookies, origins } = isMap(dump) ? dump : { cookies: null, origins: null }
  for (const cookie of listOf(cookies, tally)) {
    const read = readMap(cookieShape, cookie, tally)
    const { name, domain, value, path, partitionKey } = read?.known ?? {}
    if (read === undefined) continue
    if (name === undefined || domain === undefined || value === undefined) tally.malformed += 1
    else {
      const named = { name, domain, ...(path === undefined ? {} : { path }) }
      const key = cookieKey(partitionKey === undefined ? named : { ...named, partitionKey })
      tell(cookieHost({ domain }), key, cookieValue({ ...read.known, extra: read.extra }))
    }
  }
  for (const each of listOf(origins, tally)) {
    const { origin, localStorage, sessionStorage, indexedDB } = isMap(each) ? each : nothing
    if (typeof origin !== 'string' || origin === '') {
      tally.malformed += 1
      continue
    }
    const entries = (area: Area, told: Value | undefined, whole: boolean) => {
      for (const [name, value] of namedValues(told, whole, tally)) {
        tell(hostOf(origin), storageKey(area, origin, name), value)
      }
    }
    entries('local', localStorage, false)
    entries('session', sessionStorage, false)
    entries('indexeddb', indexedDB, true)
  }
  return sites
}

const nothing: { readonly [name: string]: Value } = Object.create(null) as {
  readonly [name: string]: Value
}

function listOf(value: Value | undefined, tally: Tally): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[]
  if (value !== undefined) tally.malformed += 1
  return []
}

/** [{name, value}] or {name: value}; `whole`: a database is a map with its name in it. */
function namedValues(
  told: Value | undefined,
  whole: boolean,
  tally: Tally,
): readonly (readonly [string, Value])[] {
  if (isMap(told)) return Object.entries(told)
  return listOf(told, tally).flatMap((each) => {
    const { name, value } = isMap(each) ? each : nothing
    const is = whole ? each : value
    if (typeof name === 'string' && is !== undefined) return [[name, is] as const]
    tally.malformed += 1
    return []
  })
}
