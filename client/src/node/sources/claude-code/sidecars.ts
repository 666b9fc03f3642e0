/**
 * The files beside a transcript: sub-agents' records, tool results, workflows (SO5, SO6). The walk
 * follows no symlink, takes only regular files with safe names, and is bounded.
 */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BatonError } from '@baton/shared/errors'
import { maxContentBytes, maxSidecars } from '@baton/shared/limits'
import type { SourceItem } from '../../../core/ports/source.ts'
import { carriedParts, isRecordFile } from './layout.ts'
import { openRegular, readAt, versionOf } from './open-file.ts'

export type Sidecar =
  | { readonly kind: 'records' | 'whole'; readonly file: string; readonly path: string }
  | Extract<SourceItem, { kind: 'skipped' }>

const maxNotes = 100

const skipped = (file: string, reason: string): Sidecar => ({ kind: 'skipped', file, reason })

/** Depth first in name order; `skipped` for what is not carried, the first hundred of them. */
export async function* listSidecars(
  folder: string,
  max: number = maxSidecars,
): AsyncGenerator<Sidecar> {
  const stats = await lstat(folder).catch(() => undefined)
  if (stats?.isSymbolicLink()) yield skipped('', 'no regular folder')
  if (!stats?.isDirectory()) return
  let taken = 0
  let notes = 0
  for await (const entry of walk(folder, '')) {
    if (entry.kind === 'skipped') {
      if (notes++ < maxNotes) yield entry
    } else if (taken++ < max) {
      yield entry
    } else {
      yield { kind: 'skipped', file: entry.file, reason: `more than ${max} files` }
      return
    }
  }
}

async function* walk(folder: string, below: string): AsyncGenerator<Sidecar> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.sort()) {
    const file = below === '' ? name : `${below}/${name}`
    const path = join(folder, name)
    const stats = await lstat(path).catch(() => undefined)
    if (stats === undefined) continue
    const parts = carriedParts(file)
    if (parts === undefined) yield skipped(file, 'a name that is not carried')
    else if (stats.isDirectory()) yield* walk(path, file)
    else if (!stats.isFile()) yield skipped(file, 'no regular file')
    else if (isRecordFile(parts)) yield { kind: 'records', file, path }
    else if (stats.size > maxContentBytes) yield skipped(file, `above ${maxContentBytes} bytes`)
    else yield { kind: 'whole', file, path }
  }
}

/** The item for a whole file unless that version is already carried. */
export async function wholeItem(
  { file, path }: { readonly file: string; readonly path: string },
  carried: string | undefined,
): Promise<SourceItem | undefined> {
  const open = await openRegular(path)
  if (open === undefined) return undefined
  await open.handle.close()
  const version = versionOf(open.stats)
  if (version === carried) return undefined
  const bytes = Number(open.stats.size)
  return { kind: 'file', file, bytes, version, content: () => content(path, version, bytes) }
}

const chunkBytes = 256 * 1024

async function* content(path: string, version: string, bytes: number): AsyncGenerator<Uint8Array> {
  const changed = () =>
    new BatonError('source-changed', 'failed to read a sidecar file: it changed meanwhile')
  const open = await openRegular(path)
  if (open === undefined) throw changed()
  try {
    for (let at = 0; at < bytes; ) {
      const chunk = await readAt(open.handle, at, Math.min(chunkBytes, bytes - at))
      if (chunk.length === 0) throw changed()
      at += chunk.length
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
    }
    const now = await open.handle.stat({ bigint: true })
    if (versionOf(now) !== version) throw changed()
  } finally {
    await open.handle.close()
  }
}
