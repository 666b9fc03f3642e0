/** What the page weighs, as a server would send it, and what must not be in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundlePage } from '../support/bundled.ts'

/** Of libraries in all; of ours before anything shows, before it can be used, and in all. */
const most = { libraries: 90_000, first: 33_000, used: 178_000, all: 196_000 }
/** Libraries alone, or nearly: the screen of a QR code is the library for it. */
const libraries = ['view.js', 'libraries.js', 'qr-writer.js', 'rolldown-runtime.js']
/** What comes when a camera is opened, or another language is wanted. */
const wanted = ['qr-reader.js', 'de.js']
const maxWanted = 25_000

it('WB16 no Node builtin, no code made of a text, no other origin, and a weight within its bounds', () => {
  const folder = bundlePage()
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const weight = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + brotliCompressSync(Buffer.from(text(name))).length, 0)
  const names = readdirSync(folder)
  const scripts = names.filter((name) => name.endsWith('.js'))
  const ours = (all: readonly string[]) =>
    all.filter((name) => !libraries.includes(name) && !wanted.includes(name))
  for (const name of scripts)
    expect(text(name)).not.toMatch(/["'`]node:|require\(["'`](?:fs|crypto|ws)\b/)
  for (const name of ours(scripts))
    expect(text(name)).not.toMatch(/\beval\(|new Function|innerHTML/)
  const html = text('index.html')
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=|https?:/)

  /** What a script asks for before it runs. */
  const needs = (name: string): string[] => [
    ...new Set([
      name,
      ...[...text(name).matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)].flatMap(([, to = '']) =>
        needs(to),
      ),
    ]),
  ]
  const styles = names.filter((name) => name.endsWith('.css'))
  const first = needs('index.js')
  const used = [...new Set([...first, ...needs('room.js')])]
  const weights = {
    libraries: weight(libraries),
    first: weight([...ours(first), ...styles, 'index.html']),
    used: weight([...ours(used), ...styles, 'index.html']),
    all: weight([...ours(scripts), ...styles, 'index.html']),
    wanted: weight(wanted),
    librariesFirst: weight(first.filter((name) => libraries.includes(name))),
  }
  process.stdout.write(`page, brotli: ${JSON.stringify(weights)}\n`)
  expect(first).not.toContain('libraries.js')
  expect(first).not.toContain('room.js')
  expect(used).toContain('room.js')
  expect(weights.libraries).toBeLessThan(most.libraries)
  expect(weights.first).toBeLessThan(most.first)
  expect(weights.used).toBeLessThan(most.used)
  expect(weights.all).toBeLessThan(most.all)
  for (const name of wanted) expect(used, name).not.toContain(name)
  expect(weights.wanted).toBeLessThan(maxWanted)
})
