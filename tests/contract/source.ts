/**
 * The Source contract: `sourceContract(name, newPlace)` holds for the files of any agent. A place is
 * one session on disk, made by the implementation's own fixture.
 */
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { appendFile } from 'node:fs/promises'
import type { FoundSession, Source, SourceItem } from '@baton/client/core/ports/source'
import { nativeSha256 } from '@baton/client/node/platform'
import { equalBytes, utf8Encode } from '@baton/shared/bytes'
import { createRecordChain } from '@baton/shared/log/record'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTaker } from '../support/taken.ts'
import { tries } from '../support/tries.ts'

export interface SourcePlace {
  readonly source: Source
  readonly session: FoundSession
  /** Carried name and path of its main file of records. */
  readonly main: string
  /** Every file of the session as it must be carried. */
  readonly files: readonly { readonly file: string; readonly path: string }[]
  remove(): void
}

const kindsOf = (items: readonly SourceItem[]) => items.map((item) => item.kind)

/** The bytes up to the last newline. */
function complete(path: string): Buffer {
  const bytes = readFileSync(path)
  return bytes.subarray(0, bytes.lastIndexOf(10) + 1)
}

/** Changes one byte of the second line, and nothing that the last 4 KiB could tell. */
function edit(path: string): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(10) + 3
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from([(bytes[at] as number) ^ 1]), 0, 1, at)
  closeSync(file)
}

export function sourceContract(name: string, newPlace: () => Promise<SourcePlace>) {
  async function open() {
    const place = await newPlace()
    onTestFinished(() => place.remove())
    const taker = createTaker(place.source, place.session)
    const { path } = place.files.find(({ file }) => file === place.main) as { path: string }
    return { ...place, taker, path, main: place.main }
  }

  describe(`source: ${name}`, () => {
    it('SO1 every file is carried byte for byte, up to the last newline', async () => {
      const { taker, files, path, main } = await open()
      appendFileSync(path, '{"torn":')
      const items = await taker.take()
      expect(new Set(taker.files())).toEqual(new Set(files.map(({ file }) => file)))
      expect(Buffer.compare(taker.bytes(main), complete(path))).toBe(0)
      for (const each of files.filter(({ file }) => file !== main)) {
        expect(Buffer.compare(taker.bytes(each.file), readFileSync(each.path))).toBe(0)
      }
      expect(items.filter((item) => item.kind === 'torn')).toEqual([
        { kind: 'torn', file: main, bytes: 8 },
      ])
    })

    it('SO1 lines that are nothing at all are carried as they are', async () => {
      const { taker, path, main } = await open()
      const odd = ['', '\r', '\ufeff{"a":1}', 'no json', '{"a":1}\r', '\0\0\0']
      const raw = Buffer.concat([Buffer.from([0xff, 0xfe, 10]), Buffer.from(`${odd.join('\n')}\n`)])
      appendFileSync(path, raw)
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
      expect(taker.lines(main).slice(-odd.length)).toEqual(odd.map(utf8Encode))
    })

    it('SO1 any bytes, read in any portions, come out the same', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      const piece = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.map((b) => b % 16))
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
          for (const bytes of pieces) {
            appendFileSync(path, bytes)
            await taker.take()
          }
          expect(Buffer.compare(taker.bytes(main), complete(path))).toBe(0)
        }),
        { numRuns: tries(25) },
      )
    })

    it('SO12 ids are the chain of the lines, however often reading stops', async () => {
      const { taker, path, main } = await open()
      const chain = createRecordChain(nativeSha256)
      for (let round = 0; round < 4; round++) {
        for (const item of await taker.take()) {
          if (item.kind !== 'records' || item.file !== main) continue
          expect(item.ids.map(String)).toEqual(item.lines.map((line) => String(chain.next(line))))
          expect(item.cursor).toMatchObject({ records: chain.count(), record: chain.id() })
        }
        appendFileSync(path, `{"round":${round}}\n{"again":${round}}\n`)
      }
    })

    it('SO12 a second read yields only what is new, and nothing when nothing is', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      expect(await taker.take()).toEqual([])
      appendFileSync(path, 'one\ntwo')
      const items = await taker.take()
      expect(kindsOf(items)).toEqual(['records', 'torn'])
      appendFileSync(path, '\nthree\n')
      await taker.take()
      expect(taker.lines(main).slice(-3)).toEqual(['one', 'two', 'three'].map(utf8Encode))
    })

    it('SO1 what is appended while it reads is whole lines or comes next time', async () => {
      const { taker, path, main } = await open()
      let written = 0
      const writing = (async () => {
        for (; written < 30; written++) {
          await appendFile(path, `{"n":${written},"rest":"`)
          await appendFile(path, `${'x'.repeat(written * 50)}"}\n`)
        }
      })()
      while (written < 30) await taker.take()
      await writing
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
    })

    it('SO3 a file that shrank diverges at the last record in common', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      const lines = complete(path).toString('latin1').split('\n')
      const kept = lines.slice(0, 5).join('\n').length + 1
      truncateSync(path, kept + 3)
      const [item] = await taker.take()
      expect(item).toMatchObject({
        kind: 'diverged',
        file: main,
        cursor: { records: 5, bytes: kept },
      })
      appendFileSync(path, '\nnew\n')
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
    })

    it('SO3 a file that was replaced diverges where it differs, or goes on when it does not', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      const bytes = complete(path)
      writeFileSync(`${path}.new`, Buffer.concat([bytes, Buffer.from('more\n')]))
      renameSync(`${path}.new`, path)
      expect(kindsOf(await taker.take())).toEqual(['records'])
      const third = bytes.indexOf(10, bytes.indexOf(10, bytes.indexOf(10) + 1) + 1) + 1
      const changed = Buffer.concat([bytes.subarray(0, third), Buffer.from('other\n'), bytes])
      writeFileSync(`${path}.new`, changed)
      renameSync(`${path}.new`, path)
      expect(await taker.take()).toMatchObject([{ kind: 'diverged', cursor: { records: 3 } }])
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), changed)).toBe(0)
    })

    it('SO3 a file rewritten in place diverges, with nothing in common if so', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      const { length } = complete(path)
      writeFileSync(path, `${'z'.repeat(length)}\nlast\n`)
      expect(await taker.take()).toMatchObject([{ kind: 'diverged', cursor: undefined }])
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
    })

    it('SO3 an early record edited in place, at the same length, diverges there', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      edit(path)
      expect(await taker.take()).toMatchObject([{ kind: 'diverged', cursor: { records: 1 } }])
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
    })

    it('SO3 an early edit together with an append is seen by a thorough read', async () => {
      const { taker, path, main } = await open()
      await taker.take()
      edit(path)
      appendFileSync(path, 'more\n')
      await taker.take()
      appendFileSync(path, 'again\n')
      const [item] = await taker.take({ thorough: true })
      expect(item).toMatchObject({ kind: 'diverged', cursor: { records: 1 } })
      await taker.take({ thorough: true })
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
      expect(await taker.take({ thorough: true })).toEqual([])
    })

    it('SO3 a file replaced while it is read diverges, and no line of it is lost', async () => {
      const { source, session, taker, path, main } = await open()
      const line = `{"filler":"${'f'.repeat(2000)}"}\n`
      appendFileSync(path, line.repeat(1500))
      const old = readFileSync(path)
      const reading = source.read(session, {
        cursors: new Map(),
        versions: new Map(),
        has: async () => false,
      })
      expect((await reading[Symbol.asyncIterator]().next()).value.kind).toBe('records')
      writeFileSync(`${path}.new`, Buffer.concat([old.subarray(0, 100_000), Buffer.from('\nx\n')]))
      renameSync(`${path}.new`, path)
      const rest: SourceItem[] = []
      for await (const item of reading) rest.push(item)
      expect(rest.find((item) => item.kind === 'diverged')).toMatchObject({ file: main })
      await taker.take()
      expect(Buffer.compare(taker.bytes(main), readFileSync(path))).toBe(0)
    })

    it('SO2 the lines of a batch are at most one buffer, and stay what they were', async () => {
      const { taker, path, main } = await open()
      appendFileSync(path, `${'l'.repeat(3_000_000)}\n${'s\n'.repeat(50_000)}`)
      const items = await taker.take()
      for (const item of items) {
        if (item.kind !== 'records' || item.lines.length === 1) continue
        expect(item.lines.reduce((sum, line) => sum + line.length + 1, 0)).toBeLessThanOrEqual(
          1 << 20,
        )
      }
      expect(equalBytes(taker.bytes(main), new Uint8Array(readFileSync(path)))).toBe(true)
    })

    it('SO1 a main file that is gone is not-found', async () => {
      const { taker, path } = await open()
      renameSync(path, `${path}.away`)
      await expect(taker.take()).rejects.toMatchObject({ code: 'not-found' })
    })

    it('SO11 describing never throws, and is bounded and free of control characters', async () => {
      const { source, taker, main } = await open()
      await taker.take()
      for (const line of taker.lines(main)) check(line)
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), { numRuns: tries(200) })
      fc.assert(
        fc.property(fc.json(), (text) => check(utf8Encode(text))),
        { numRuns: tries(200) },
      )

      function check(line: Uint8Array) {
        const { text, at } = source.describe(line)
        expect(text.length).toBeLessThanOrEqual(1000)
        expect(text + (at ?? '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
      }
    })
  })
}
