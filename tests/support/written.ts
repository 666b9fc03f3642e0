/** Sessions as an agent wrote them on one device, against what another one holds and has placed. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Corpus } from './corpus/corpus.ts'
import { carriedOf, placedOf } from './expected.ts'
import type { HeldSession } from './held.ts'

export interface Written {
  readonly id: string
  /** Absolute path by carried path. */
  readonly files: ReadonlyMap<string, string>
}

export const writtenOf = (corpus: Corpus): Written[] =>
  corpus.sessions.map(({ id, files }) => ({
    id,
    files: new Map(files.map(({ file, path }) => [file, path])),
  }))

export function expectHeld(held: HeldSession | undefined, { id, files }: Written): void {
  expect([...(held?.files.keys() ?? [])].sort(), id).toEqual([...files.keys()].sort())
  expect(held?.hidden).toBe(0)
  for (const [file, path] of files) same(held?.files.get(file)?.bytes, onDisk(file, path), path)
}

/** `placed`: the transcript of the copy; its sidecars stand beside it, and nothing else. */
export function expectPlaced(placed: string, { files }: Written): void {
  const beside = placed.slice(0, -'.jsonl'.length)
  for (const [file, path] of files) {
    const main = file === 'transcript.jsonl'
    const copy = main ? placed : join(beside, file)
    const bytes = onDisk(file, path)
    same(readFileSync(copy), file.endsWith('.jsonl') ? placedOf(bytes, main) : bytes, copy)
  }
  const sidecars = [...files.keys()].filter((file) => file !== 'transcript.jsonl')
  expect(filesBelow(beside).sort()).toEqual(sidecars.sort())
}

const onDisk = (file: string, path: string) =>
  file.endsWith('.jsonl') ? carriedOf(path) : readFileSync(path)

/** `toEqual` of megabytes would take minutes to say no. */
function same(got: Buffer | undefined, wanted: Buffer, path: string): void {
  if (got?.equals(wanted)) return
  const first = wanted.findIndex((byte, i) => got?.[i] !== byte)
  expect.fail(`${path}: ${got?.length} bytes, not ${wanted.length}; they differ from ${first} on`)
}

/** Relative paths with forward slashes; none for a folder that is not there. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
}
