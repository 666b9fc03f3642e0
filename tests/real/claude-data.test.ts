/** SO1, PL3: everything that real Claude Code wrote is carried and placed as it should be. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Source } from '@baton/client/core/ports/source'
import { nativeSha256 } from '@baton/client/node/platform'
import { createPlacement, droppedTypes } from '@baton/client/node/sources/claude-code/placement'
import { readRecords } from '@baton/client/node/sources/claude-code/read-records'
import { createChecked } from '@baton/client/node/sources/claude-code/resume-at'
import { type Bytes, concat } from '@baton/shared/bytes'
import { expect, it } from 'vitest'
import { carriedSession, placing } from '../support/carried.ts'
import { findAll, sourceOf } from '../support/claude.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { noRealData, realData } from '../support/real-data.ts'
import { createTaker } from '../support/taken.ts'
import { tempFolder } from '../support/temp.ts'

if (realData === undefined) process.stdout.write(`${noRealData}\n`)
const data = realData ?? ''

/** Folders that hold project folders, and all files of records below the data. */
const roots = realData
  ? [data, join(data, 'recorded/claude-2.1.329'), join(data, 'recorded/claude-2.1.197/projects')]
  : []
const files =
  roots.length === 0 ? [] : [...jsonl(join(data, 'claude')), ...roots.slice(1).flatMap(jsonl)]

function jsonl(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
}

/** The data is only read: a configuration folder that leads to it. */
function sourceAt(root: string): Source {
  const config = tempFolder('data')
  symlinkSync(root, join(config, 'projects'))
  return sourceOf(config)
}

type Recorded = Readonly<Record<string, unknown>> & { readonly type?: unknown }

const newline = new Uint8Array([10])

it.skipIf(!realData)('SO1 every recorded file is carried byte for byte', async () => {
  expect(files.length).toBeGreaterThan(15)
  const state = { cursors: new Map(), versions: new Map(), has: async () => false }
  for (const path of files) {
    const lines: Bytes[] = []
    for await (const item of readRecords(
      nativeSha256,
      { file: 'x', path, required: true },
      state,
      createChecked(createManualClock()),
    )) {
      if (item.kind === 'records') lines.push(...item.lines)
    }
    const bytes = readFileSync(path)
    const complete = bytes.subarray(0, bytes.lastIndexOf(10) + 1)
    expect(Buffer.compare(concat(...lines.flatMap((line) => [line, newline])), complete)).toBe(0)
  }
})

it.skipIf(!realData)(
  'SO7 recorded sessions are found with project, title and sidecars',
  async () => {
    let sidecars = 0
    for (const root of roots) {
      const source = sourceAt(root)
      for (const session of await findAll(source)) {
        expect(session.title?.length).toBeGreaterThan(3)
        expect(session.project).toMatch(/^\/home\//)
        const taker = createTaker(source, session)
        await taker.take()
        for (const file of taker.files()) {
          const path =
            file === 'transcript.jsonl' ? session.path : join(session.path.slice(0, -6), file)
          expect(taker.bytes(file).length).toBe(statSync(path).size)
          expect(Buffer.compare(taker.bytes(file), readFileSync(path))).toBe(0)
          sidecars += file === 'transcript.jsonl' ? 0 : 1
        }
      }
    }
    expect(sidecars).toBeGreaterThan(10)
  },
)

it.skipIf(!realData)(
  'PL3 placed, every line is the recorded one but for what is neutralised',
  () => {
    const changed = new Set<string>()
    const dropped = new Set<string>()
    for (const path of files) {
      const placement = createPlacement({ main: false, as: undefined })
      const text = readFileSync(path)
      for (let at = 0; at < text.length; ) {
        const end = text.indexOf(10, at) === -1 ? text.length : text.indexOf(10, at)
        const line = new Uint8Array(text.subarray(at, end))
        const [placed] = placement.step(line)
        compare(line, placed)
        at = end + 1
      }
    }
    for (const type of dropped) expect([...droppedTypes.keys(), 'undefined']).toContain(type)
    expect(changed).toEqual(new Set(['permissionMode']))

    function compare(line: Bytes, placed: Bytes | undefined): void {
      if (placed === line) return
      const before = JSON.parse(Buffer.from(line).toString()) as Recorded
      if (placed === undefined) {
        dropped.add(String(before.type))
        return
      }
      const after = JSON.parse(Buffer.from(placed).toString()) as Record<string, unknown>
      expect(Object.keys(after)).toEqual(Object.keys(before))
      for (const key of Object.keys(before)) {
        if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) changed.add(key)
      }
    }
  },
)

it.skipIf(!realData)(
  'PL10 recorded sessions are placed, and placing again changes nothing',
  async () => {
    for (const root of roots) {
      const source = sourceAt(root)
      for (const session of await findAll(source)) {
        const taker = createTaker(source, session)
        await taker.take()
        const there = tempFolder('there')
        const project = join(there, 'project')
        mkdirSync(project)
        const target = sourceOf(join(there, '.claude'))
        const carried = carriedSession(taker, session)
        const first = await target.place(carried, placing({ project }))
        expect(basename(first.path)).toBe(basename(session.path))
        const bytes = readFileSync(first.path)
        const again = await target.place(carried, placing({ project }))
        expect(again.cursors).toEqual(first.cursors)
        expect(readFileSync(first.path).equals(bytes)).toBe(true)
        expect((await findAll(target))[0]?.title).toBe(session.title)
        expect(dirname(first.path)).toMatch(/-project$/)
      }
    }
  },
)
