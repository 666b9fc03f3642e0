/** What is done to a browser session, as changes (rules BW4, BW6, BW7, BW10, BW11). */
import { sameValue } from '../../conflict/held.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { BatonError } from '../../errors.ts'
import type { DeviceId } from '../../ids.ts'
import { type Change, heldOf, setAt } from '../changes.ts'
import { isId, isPath, type Path } from '../document-entries.ts'
import { isCarried, isMap, readMap, type Shape, type Tally, type Values } from '../fields.ts'
import { encodeItems, type Site } from './captures.ts'
import { readDump, type Told } from './dump.ts'
import {
  type Area,
  type Cookie,
  type CookieName,
  cookieHost,
  cookieKey,
  cookieValue,
  type ItemKey,
  isItem,
  storageKey,
} from './items.ts'
import { keysField } from './read.ts'
import {
  type BrowserSession,
  identityShape,
  originShape,
  pageShape,
  previewShape,
  tabShape,
} from './schema.ts'
import { hostOf, siteOf as ownSiteOf, type SiteOf } from './site.ts'

type Shown = Pick<BrowserSession, 'sites'>

export interface DumpChanges {
  readonly changes: readonly Change[]
  readonly malformed: number
}

/**
 * One capture of each site of which the dump says something new. It brings along what the site shows
 * and the dump does not name: absence deletes nothing.
 */
export function captureChanges(
  { sites }: Shown,
  dump: unknown,
  siteOf: SiteOf = ownSiteOf,
): DumpChanges {
  const tally: Tally = { malformed: 0 }
  const changes: Change[] = []
  for (const [origin, told] of readDump(dump, siteOf, tally)) {
    if (!isId(origin)) {
      tally.malformed += 1
      continue
    }
    const site = sites.get(origin)
    if (site && isShown(site, told)) continue
    const held = heldOf(encodeItems(told, site?.items))
    changes.push({ kind: 'capture', origin, held, saw: sawOfSite(site) })
  }
  return { changes, malformed: tally.malformed }
}

/** Another login beside it is settled by saying again what is shown. */
const isShown = ({ items, besides }: Site, told: ReadonlyMap<string, Told>): boolean =>
  besides.length === 0 &&
  [...told].every(([name, { value }]) => {
    const known = items.get(name)?.value
    return known !== undefined && sameValue(known, value)
  })

/** While a capture cannot be read nothing is replaced: what it says could not be brought along. */
const sawOfSite = (site: Site | undefined) =>
  site === undefined || site.missing.length > 0 ? [] : [...site.captures, ...site.keys]

export const setCookie = (
  session: Shown,
  cookie: Omit<Cookie, 'extra'> & { readonly extra?: Values },
  siteOf: SiteOf = ownSiteOf,
): readonly Change[] => {
  const value = cookieValue({ ...cookie, extra: cookie.extra ?? {} })
  return keyChange(session, siteOf(cookieHost(cookie)), cookieKey(cookie), value)
}

export const deleteCookie = (
  session: Shown,
  cookie: CookieName,
  siteOf: SiteOf = ownSiteOf,
): readonly Change[] => keyChange(session, siteOf(cookieHost(cookie)), cookieKey(cookie), undefined)

/** `value` undefined takes the key away. */
export const setStorage = (
  session: Shown,
  area: Area,
  origin: string,
  name: string,
  value: Value | undefined,
  siteOf: SiteOf = ownSiteOf,
): readonly Change[] =>
  keyChange(session, siteOf(hostOf(origin)), storageKey(area, origin, name), value)

function keyChange(
  { sites }: Shown,
  site: string,
  key: ItemKey,
  value: Value | undefined,
): readonly Change[] {
  const path: Path = [keysField, site, ...key]
  if (!isPath(path)) throw new BatonError('too-large', 'failed to set a key: its name is too long')
  if (!isItem(site, key, value)) {
    throw new BatonError('invalid', 'failed to set a key: not of this site, or not its value')
  }
  const held = value === undefined ? { at: 'absent' as const } : heldOf(value)
  return [{ kind: 'register', path, held, saw: sites.get(site)?.captures ?? [] }]
}

const parts = {
  identity: identityShape,
  origin: originShape,
  page: pageShape,
  preview: previewShape,
}

/** Throws `invalid` for a known name with a value that its readers would leave out. */
export function setBrowser(
  part: keyof typeof parts,
  values: Readonly<Record<string, Value>>,
): readonly Change[] {
  const shape: Shape = parts[part]
  return Object.entries(values).map(([name, value]) => {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (schema && !schema.safeParse(value).success) {
      throw new BatonError('invalid', 'failed to set a value: not what this name holds')
    }
    return setAt([part, name], value)
  })
}

/** The device's open tabs, all of them: those that are not named were closed. */
export function tabChanges(
  { tabs }: Pick<BrowserSession, 'tabs'>,
  device: DeviceId,
  open: unknown,
): DumpChanges {
  // A list that cannot be read is no list of none.
  if (!Array.isArray(open)) return { changes: [], malformed: 1 }
  const tally: Tally = { malformed: 0 }
  const own = new Map(tabs.filter((tab) => tab.device === device).map((tab) => [tab.id, tab]))
  const changes: Change[] = []
  for (const each of open as readonly Value[]) {
    const read = isMap(each) && isCarried(each) ? readMap(tabShape, each, tally) : undefined
    const { id, url, title = '', active = false } = read?.known ?? {}
    if (read === undefined || !isId(id) || url === undefined) {
      tally.malformed += 1
      continue
    }
    const known = own.get(id)
    own.delete(id)
    const fields = { ...read.extra, url, title, active }
    const same =
      known &&
      sameValue(fields, {
        ...known.extra,
        url: known.url,
        title: known.title,
        active: known.active,
      })
    if (!same) changes.push({ kind: 'row', collection: 'tabs', key: id, held: heldOf(fields) })
  }
  for (const key of own.keys()) {
    changes.push({ kind: 'row', collection: 'tabs', key, held: { at: 'absent' } })
  }
  return { changes, malformed: tally.malformed }
}
