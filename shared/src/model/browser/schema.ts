/**
 * A browser session: cookies, web storage, tabs and previews (rules BW1 to BW11). Where it stands in
 * the document:
 *
 *   name, description                ['identity', 'id' | 'name' | 'description']
 *   where it began                   ['origin', nodeId | nodeType | nodeUrl | createdAt | createdBy]
 *   page                             ['page', url | title | viewport | indexedDB]
 *   cookies and storage              captures, one of a site at a time (captures.ts), and single keys
 *                                    ['browser', site, ...key] (items.ts)
 *   tabs                             rows 'tabs': each device's own
 *   previews                         ['preview', thumbnail | fullPage]: base64 PNG, bytes or a blob
 *
 * The origin of a capture entry is the site. A cookie belongs to every origin below its domain, so
 * captures of single origins would put one login's cookie beside another's storage.
 */
import * as z from 'zod/mini'
import type { Write } from '../../conflict/register.ts'
import type { DeviceId } from '../../ids.ts'
import { type Known, mapField, timeField, type Values } from '../fields.ts'
import type { Site } from './captures.ts'
import type { Cookie } from './items.ts'

const text = z.string()
const pixels = z.number().check(z.minimum(0))

export const identityShape = { id: text, name: text, description: text }

export const originShape = {
  nodeId: text,
  nodeType: z.enum(['cloud', 'hosted']),
  nodeUrl: text,
  createdAt: timeField,
  createdBy: text,
}

export const pageShape = {
  url: text,
  title: text,
  /** CSS pixels. */
  viewport: z.object({ width: pixels, height: pixels }),
  /** Base64, as other tools export it. */
  indexedDB: text,
}

export const tabShape = { id: text, url: text, title: text, active: z.boolean() }

const picture = z.union([
  text,
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  mapField,
])
export const previewShape = { thumbnail: picture, fullPage: picture }

export interface Tab {
  readonly id: string
  /** Whose window it is in. */
  readonly device: DeviceId
  readonly url: string
  readonly title: string
  readonly active: boolean
  readonly extra: Values
}

export interface Storage {
  readonly local: Readonly<Record<string, string>>
  readonly session: Readonly<Record<string, string>>
  readonly indexeddb: Values
}

/** A capture that is not shown: of another login than the one that is. */
export interface Beside {
  readonly site: string
  readonly write: Write
  readonly items: number
}

export interface BrowserSession {
  readonly identity: { readonly id: string; readonly name: string; readonly description?: string }
  readonly origin: Known<typeof originShape>
  readonly page: Known<typeof pageShape>
  readonly cookies: readonly Cookie[]
  /** Expired at `now`; they stay, so that no older value comes back in their place. */
  readonly expired: readonly Cookie[]
  /** By origin. */
  readonly storage: ReadonlyMap<string, Storage>
  readonly tabs: readonly Tab[]
  readonly preview: Known<typeof previewShape>
  readonly besides: readonly Beside[]
  /** Captures that cannot be read yet, since their blob is not here. */
  readonly missing: number
  /** For changes: what each site shows, and out of what. */
  readonly sites: ReadonlyMap<string, Site>
  /** Values that fit no schema and were left out. */
  readonly malformed: number
}
